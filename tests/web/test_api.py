"""The API: a note handed in and followed to its XML, every refusal as faults, and a contract that is kept."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from jsonschema_rs import Draft202012Validator
from lxml import etree

from tests.drafts import internet
from tests.house import DIES, PLACES, a1, authority
from tests.models.nfcom.golden import NAMES, read
from tests.web.test_establishments import REGISTER
from tests.web.test_notes import HOSTILE
from tests.web.town import Town, establish_other, later
from zelo.access.shell import companies
from zelo.assemble import shell as numbers
from zelo.flow.lifecycle import Event
from zelo.models.nfcom import codec
from zelo.sim import pki

DRAFT: Final[dict[str, Any]] = json.loads(codec.dump(internet()))


def hand_in(town: Town, persona: str = "key user", uf: str = "RS", **body: Any) -> Any:
    """Post a note."""
    path = f"{town.api}/establishments/{town.house.establishments[uf]}/nfcom"
    return town.client(persona).post(path, json={"reference": "F-1", "draft": DRAFT, **body})


def rules(answer: Any) -> list[tuple[str, str]]:
    """Rule and place of each fault; every refusal has this shape."""
    faults = answer.json()["faults"]
    assert all(set(fault) == {"rule", "sentence", "remedy", "where", "value", "cstat"} for fault in faults)
    return [(fault["rule"], fault["where"]) for fault in faults]


def test_a_note_is_handed_in_and_followed_to_its_xml(town: Town) -> None:
    answer = hand_in(town)
    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["state"], receipt["taken"]) == ("DRAFT", "nova")
    town.house.settle()
    client = town.client("key reader")
    path = f"{town.api}/documents/{receipt['id']}"
    shown = client.get(path).json()
    assert (shown["state"], shown["cstat"], shown["reference"], shown["total"]) == (
        "AUTHORISED", "100", "F-1", "100.00",
    )  # fmt: skip
    assert shown["sentence"] == "Autorizada pela SEFAZ."
    events = [line["event"] for line in client.get(f"{path}/history").json()["history"]]
    assert events == ["received", "signed", "admitted", "authorised"]
    xml = client.get(f"{path}/xml")
    assert xml.headers["content-type"] == "application/xml"
    assert etree.fromstring(xml.content).findtext(".//{*}chNFCom") == shown["chave"]


def test_the_same_again_is_the_same_and_other_content_is_a_revision(town: Town) -> None:
    first = hand_in(town).json()
    assert hand_in(town).json() == {**first, "taken": "igual"}
    changed = {**DRAFT, "dest": {**DRAFT["dest"], "xNome": "MARIA DE SOUZA"}}
    assert hand_in(town, draft=changed).json() == {**first, "taken": "corrigida"}
    assert len(town.house.rows()) == 1


def test_other_content_while_an_answer_is_awaited_is_a_conflict(town: Town) -> None:
    note = hand_in(town).json()["id"]
    town.sign(note)
    town.move(note, (Event.ADMITTED, later(3)))
    refused = hand_in(town, draft={**DRAFT, "finNFCom": "1"})
    assert refused.status_code == 409
    assert rules(refused) == [("REFERENCIA-SEM-RESPOSTA", "")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"draft": {}}, ("NFCOM-CAMPO", "dest")),
        ({"draft": {**DRAFT, "inventado": 1}}, ("NFCOM-CAMPO", "inventado")),
        ({"draft": {**DRAFT, "cMunFG": "4314902\x00"}}, ("NFCOM-CAMPO", "")),
        ({"draft": []}, ("API-CAMPO", "draft")),
        ({"draft": None}, ("API-CAMPO", "draft")),
        ({"reference": ""}, ("API-CAMPO", "reference")),
        ({"reference": " F-1"}, ("REFERENCIA", "")),
        ({"reference": "x" * 61}, ("API-CAMPO", "reference")),
        ({"reference": "F\x001"}, ("CAMPO-CARACTERE", "reference")),
        ({"serie": 7}, ("SERIE", "serie")),
        ({"serie": 1000}, ("API-CAMPO", "serie")),
        ({"serie": "um"}, ("API-CAMPO", "serie")),
        ({"mais": 1}, ("API-CAMPO", "mais")),
    ],
)
def test_a_body_that_does_not_serve_is_told_by_rule_and_place(
    town: Town, body: dict[str, Any], expected: tuple[str, str]
) -> None:
    refused = hand_in(town, **body)
    assert refused.status_code == 422
    assert expected in rules(refused)
    assert town.house.rows() == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"reference": "\\ud800", "draft": {}}'])
def test_a_body_that_is_not_the_object_asked_for_is_refused_in_shape(town: Town, raw: bytes) -> None:
    path = f"{town.api}/establishments/{town.house.establishments['RS']}/nfcom"
    refused = town.client("key user").post(path, content=raw, headers={"content-type": "application/json"})
    assert refused.status_code in (400, 422)
    assert rules(refused)


def test_with_two_series_one_must_be_named(town: Town) -> None:
    with town.engine.begin() as connection:
        numbers.set_up(
            connection,
            establishment_id=town.house.establishments["RS"],
            modelo="62",
            serie=2,
            next_nnf=1,
            evidence="nunca",
            evidence_chave=None,
        )
    assert rules(hand_in(town)) == [("SERIE", "serie")]
    assert hand_in(town, serie=2).status_code == 202
    assert town.house.rows()[0].serie == 2


def test_a_foreign_establishment_is_not_found(town: Town) -> None:
    theirs = establish_other(town)
    refused = town.client("key user").post(
        f"{town.api}/establishments/{theirs}/nfcom", json={"reference": "F-1", "draft": DRAFT}
    )
    assert refused.status_code == 404
    assert rules(refused) == [("HTTP-404", "")]


def test_lists_are_narrowed_and_paged_to_the_end(town: Town, notes: dict[str, str]) -> None:
    client = town.client("key reader")
    listed: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"{town.api}/documents", params={"limit": 3, "cursor": cursor}).json()
        listed += [one["id"] for one in page["documents"]]
        cursor = page["cursor"]
    assert sorted(listed) == sorted(notes.values())
    assert len(set(listed)) == len(listed)
    for params, count in (
        ({"state": "HELD"}, 1),
        ({"state": ["HELD", "DRAFT"]}, 2),
        ({"reference": "F-HELD"}, 1),
        ({"reference": "f-held"}, 0),
        ({"q": "f-"}, 11),
        ({"period": "202610"}, 0),
        ({"establishment_id": town.house.establishments["MG"]}, 0),
        ({"cursor": "\x00"}, 0),
        ({"q": "\x00"}, 0),
    ):
        assert len(client.get(f"{town.api}/documents", params=params).json()["documents"]) == count, params
    for wrong in ({"state": "FELIZ"}, {"limit": 0}, {"limit": 201}, {"period": "2026"}):
        assert client.get(f"{town.api}/documents", params=wrong).status_code == 422


def test_a_faulty_note_shows_its_faults_and_a_reader_no_cpf(town: Town, notes: dict[str, str]) -> None:
    note = notes["INVALID"]
    seen = {
        persona: town.client(persona).get(f"{town.api}/documents/{note}").json()["faults"][0]
        for persona in ("key user", "key reader")
    }
    assert seen["key user"]["value"] == "52998224726"
    assert seen["key reader"]["value"] == "***.982.247-**"
    assert seen["key reader"]["cstat"] == "423"


def test_acts_follow_the_same_rules_as_the_pages(town: Town, notes: dict[str, str]) -> None:
    client = town.client("key user")
    refused = client.post(f"{town.api}/documents/{notes['SIGNED']}/query")
    assert refused.status_code == 409
    assert "Só se consulta" in refused.json()["faults"][0]["sentence"]
    asked = client.post(f"{town.api}/documents/{notes['HELD']}/query")
    assert (asked.status_code, asked.json()["state"]) == (202, "UNKNOWN")
    sent = client.post(f"{town.api}/documents/{notes['REJECTED']}/resend")
    assert (sent.status_code, sent.json()["state"]) == (202, "SIGNED")


def test_companies_are_those_of_the_key(town: Town) -> None:
    assert town.client("key reader").get("/api/v1/companies").json() == {
        "companies": [{"id": town.company_id, "name": "Provedor de Teste", "cnpj_base": "11222333", "role": "reader"}]
    }


def test_establishments_are_made_and_changed_with_the_rules_of_the_form(town: Town) -> None:
    client = town.client("key administrator")
    made = client.post(f"{town.api}/establishments", json=REGISTER | {"municipio": "5002704"})
    assert made.status_code == 201
    one = made.json()
    assert (one["cnpj"], one["ie"], one["municipio"], one["series"]) == ("11222333000343", "283819871", "5002704", [])
    path = f"{town.api}/establishments/{one['id']}"
    changed = client.patch(path, json={"bairro": "Norte", "email": None})
    assert (changed.status_code, changed.json()) == (200, {**one, "bairro": "Norte"})
    again = client.post(f"{town.api}/establishments", json=REGISTER)
    assert (again.status_code, rules(again)) == (422, [("ESTABELECIMENTO-REPETIDO", "cnpj")])
    wrong = client.patch(path, json={"ie": "1", "cnpj": "11222333000181"})
    assert rules(wrong) == [("ESTABELECIMENTO-CNPJ", "cnpj"), ("ESTABELECIMENTO-IE", "ie")]
    assert client.patch(path, json={"nome": f"{HOSTILE}\x00"}).status_code == 422
    listed = client.get(f"{town.api}/establishments").json()["establishments"]
    assert {each["uf"] for each in listed} == {"RS", "MG", "MS"}


def test_certificates_are_installed_and_their_secrets_stay(town: Town) -> None:
    client = town.client("key administrator")
    issued = pki.issue_a1(
        authority(), PLACES[0].cnpj, "PROVEDOR", DIES - timedelta(days=30), DIES, key=a1(PLACES[0].cnpj).key
    )
    before = client.post(
        f"{town.api}/certificates", files={"file": ("a1.pfx", issued.pfx)}, data={"password": "errada"}
    )
    assert rules(before) == [("CERT-SENHA", "senha")]
    early = client.post(
        f"{town.api}/certificates", files={"file": ("a1.pfx", issued.pfx)}, data={"password": issued.password}
    )
    assert rules(early) == [("CERT-FUTURO", "arquivo")]
    town.clock.now = DIES - timedelta(days=10)
    made = client.post(
        f"{town.api}/certificates", files={"file": ("a1.pfx", issued.pfx)}, data={"password": issued.password}
    )
    assert made.status_code == 201
    listed = client.get(f"{town.api}/certificates")
    assert [one["id"] for one in listed.json()["certificates"]].count(made.json()["id"]) == 1
    assert "sealed" not in listed.text
    with town.engine.read() as connection:
        assert len(companies.certificates(connection, town.company_id)) == 2


def test_a_session_opens_no_api_and_a_key_no_page(town: Town) -> None:
    assert town.get("administrator", f"{town.api}/documents").status_code == 401
    refused = town.client().get(f"{town.api}/documents")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert rules(refused) == [("HTTP-401", "")]
    for header in ("Bearer", "Bearer ", "Basic eDp5", f"bearer {'x' * 5000}", "zelo_x"):
        client = town.client()
        client.headers["Authorization"] = header
        assert client.get(f"{town.api}/documents").status_code == 401, header


def test_unknown_paths_and_methods_answer_in_faults(town: Town) -> None:
    client = town.client("key administrator")
    assert rules(client.get("/api/v1/nada")) == [("HTTP-404", "")]
    assert rules(client.delete(f"{town.api}/documents")) == [("HTTP-405", "")]


def test_the_contract_is_whole(town: Town) -> None:
    contract = town.client().get("/api/openapi.json").json()
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            assert operation["security"], (method, path)
            assert operation["description"], (method, path)
            for status, answer in operation["responses"].items():
                assert answer["content"], (method, path, status)
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Faults"}
    references = {part.split('"')[0] for part in json.dumps(contract).split("#/components/schemas/")[1:]}
    assert references <= set(contract["components"]["schemas"])
    assert "HTTPValidationError" not in contract["components"]["schemas"]


def test_the_contracts_draft_accepts_every_golden_note_and_refuses_strangers(town: Town) -> None:
    contract = town.client().get("/api/openapi.json").json()
    schema = {**contract["components"]["schemas"]["NfcomDraft"], "components": contract["components"]}
    validator = Draft202012Validator(schema)
    for name in NAMES:
        draft = json.loads(codec.dump(read(name).draft))
        assert validator.is_valid(draft), name
        assert not validator.is_valid({**draft, "inventado": 1}), name
        assert not validator.is_valid({key: value for key, value in draft.items() if key != "dest"}), name


def test_the_page_of_the_contract_lists_every_operation_and_loads_nothing_from_elsewhere(town: Town) -> None:
    contract = town.client().get("/api/openapi.json").json()
    page = town.client().get("/api/docs").text
    for path, methods in contract["paths"].items():
        assert page.count(f"<code>{path}</code>") == len(methods)
    assert "://" not in page
