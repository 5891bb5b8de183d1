"""The layout of an event against the official schemas, and each rule of cancelling against an example of a breach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nfelib
import pytest

from zelo.fiscal.uf import Uf
from zelo.models.canonical.xsd import layout_text
from zelo.models.nfcom.event import event_id, event_layout
from zelo.models.nfcom.rules.cancel import CANCEL_RULES, Cancellation, reason_faults

SCHEMAS = Path(nfelib.__file__).parent / "nfcom" / "schemas" / "v1_0"
CHAVE = "43261111222333000181620010000000011047811853"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = Cancellation(
    reason="Mensalidade cobrada em dobro",
    chave=CHAVE,
    cnpj="11222333000181",
    situacao="autorizada",
    nprot="3432600000000001",
    fin="0",
    served=frozenset({Uf.RS}),
    authorised_at=NOW,
    until=NOW + timedelta(days=15),
    own_until=None,
    now=NOW,
)
BREACHES: dict[str, dict[str, Any]] = {
    "CANC-SITUACAO": {"situacao": None},
    "CANC-218": {"situacao": "cancelada"},
    "CANC-224": {"situacao": "substituída"},
    "CANC-XJUST": {"reason": "erro"},
    "CANC-XJUST-LETRA": {"reason": "Cobrança em dobro — fatura 123"},
    "CANC-627": {"cnpj": "11222333000180"},
    "CANC-632": {"cnpj": "11222333000262"},
    "CANC-249": {"served": frozenset({Uf.MG})},
    "CANC-524": {"fin": "3"},
    "CANC-222": {"nprot": None},
    "CANC-220": {"until": NOW - timedelta(seconds=1)},
    "CANC-PRAZO": {"own_until": NOW - timedelta(seconds=1)},
    "CANC-635": {"drift": timedelta(minutes=6)},
    "CANC-637": {"now": NOW - timedelta(minutes=6)},
}


def test_what_the_event_says_is_as_the_schema_has_it() -> None:
    package = {path.name: path.read_bytes() for path in SCHEMAS.glob("*.xsd")}
    official = layout_text(package, "evCancNFCom_v1.00.xsd", "evCancNFCom").splitlines()
    ours = (Path(__file__).parents[3] / "src/zelo/models/nfcom/event.txt").read_text("utf-8")
    for line in official[1:]:
        if not line.startswith("root"):
            assert " ".join(line.split()) in {" ".join(one.split()) for one in ours.splitlines()}
    envelope = package["eventoNFComTiposBasico_v1.00.xsd"].decode()
    wanted = [step.name for step in event_layout().find("infEvento").steps]
    places = [envelope.index(f'name="{name}"') for name in wanted]
    assert places == sorted(places)


def test_the_id_has_55_characters() -> None:
    assert event_id("110111", CHAVE, 1) == f"ID110111{CHAVE}001"
    assert len(event_id("110111", CHAVE, 1)) == 55


@pytest.mark.parametrize("rule", CANCEL_RULES, ids=lambda rule: rule.id)
def test_each_rule_lets_the_good_pass_and_finds_its_breach(rule: Any) -> None:
    assert rule.faults(GOOD) == []
    [fault] = rule.faults(replace(GOOD, **BREACHES[rule.id]))
    assert (fault.rule, bool(fault.sentence), bool(fault.remedy)) == (rule.id, True, True)


def test_a_reason_by_itself() -> None:
    assert reason_faults("Mensalidade cobrada em dobro") == []
    assert [fault.rule for fault in reason_faults("—")] == ["CANC-XJUST", "CANC-XJUST-LETRA"]
