"""The OpenAPI file against the API itself: whatever fits its shapes is answered as it promises; its examples hold."""

import json
from typing import Final

import jsonschema_rs
import pytest
import schemathesis
from starlette.applications import Starlette

from tests.docs.words import ROOT
from tests.openapi import Case, try_operations
from tests.pos.edge.door.world import BEARER, TOKEN, World
from tests.sim.sat import sales
from zelo.pos.edge.door.api.contract import document
from zelo.pos.edge.door.api.telling import Device
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms

OPERATIONS: Final = 5
EXAMPLES: Final = 20
FILE: Final = ROOT / "docs" / "reference" / "edge-openapi.json"


@pytest.fixture
def app(world: World) -> Starlette:
    world.devices = [Device("900000059", "SAT 1", usable=True, waiting=0, sentence="Vendendo.")]
    return application(world.gateway, Terms(token=TOKEN, names=("testserver",), wait_seconds=10))


def test_the_api_keeps_its_contract(app: Starlette) -> None:
    """Half of the sales are real ones, the others whatever the shapes allow."""

    def sell(case: Case) -> None:
        if isinstance(case.body, dict) and "xml" in case.body:
            case.body["xml"] = sales.sale()

    assert try_operations(app, "/v1/openapi.json", BEARER, EXAMPLES, sell) == OPERATIONS


def test_the_file_is_what_the_gateway_serves_and_is_itself_valid() -> None:
    held = json.loads(FILE.read_text("utf-8"))
    assert held == document()
    schemathesis.openapi.from_dict(held).validate()


def test_the_examples_fit_their_shapes() -> None:
    schemas = [
        schema
        for path in document()["paths"].values()
        for operation in path.values()
        for media, schema in operation.get("requestBody", {}).get("content", {}).items()
        if media == "application/json"
    ]
    shown = 0
    for each in schemas:
        for shape in each["schema"]["properties"].values():
            for example in shape.get("examples", ()):
                jsonschema_rs.validate(shape, example)
                shown += 1
        for example in (named["value"] for named in each["examples"].values()):
            jsonschema_rs.validate(each["schema"], example)
            shown += 1
    assert shown >= OPERATIONS


def test_every_answer_of_a_shape_that_is_promised_is_closed() -> None:
    for name, shape in document()["components"]["schemas"].items():
        assert shape["additionalProperties"] is False, name
        assert shape["required"] == list(shape["properties"]), name
