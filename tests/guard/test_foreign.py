"""What another program is about to send, and what an answer is: every table gone through, every fault in its place."""

from datetime import date, timedelta
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts.shipped import rows
from tests.messages import EMITTER, chave, event, voiding
from zelo.facts.cstat import Classe
from zelo.facts.limit import all_limits
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.guard import foreign, halt, scopes
from zelo.guard.core import Event
from zelo.guard.foreign import COUNTED, HOLDS, SERVICES, SILENCES, TOLD, Foreign, Margins, Meaning, Servico
from zelo.guard.xmotivo import Blamed, blamed

TODAY: Final = date(2026, 11, 21)
LETTERS: Final = "12ABC34501DE35"
"""A CNPJ with letters, the example of the NT conjunta 2025.001."""
MARGINS: Final = Margins(5, 1, 5)
MODELS: Final = tuple(SERVICES)
PAIRS: Final = [(modelo, servico) for modelo in MODELS for servico in SERVICES[modelo]]


def named(modelo: str, servico: Servico, **more: Any) -> Foreign | Fault:
    """A message with whatever subject the service needs."""
    note = chave(modelo, **more)
    about = {"uf": more.get("uf", Uf.RS).value, "cnpj": more.get("cnpj", EMITTER)}
    place = {name: more[name] for name in ("uf", "cnpj") if name in more}
    subjects: dict[Servico, dict[str, Any]] = {
        Servico.AUTORIZACAO: {"subject": note},
        Servico.EVENTO: {"subject": event(note)},
        Servico.INUTILIZACAO: {"subject": voiding(modelo, **place)},
        Servico.CONSULTA: {"subject": note},
        Servico.RECIBO: {"subject": "430000000000001", **about},
        Servico.STATUS: about,
        Servico.DISTRIBUICAO: about,
    }
    return foreign.read(modelo=modelo, servico=servico, ambiente=Ambiente.HOMOLOGACAO, **subjects[servico])


def read(modelo: str, servico: Servico, **more: Any) -> Foreign:
    """The same, which must be good."""
    found = named(modelo, servico, **more)
    assert isinstance(found, Foreign), found
    return found


@pytest.mark.parametrize("cnpj", [EMITTER, LETTERS])
@pytest.mark.parametrize("uf", list(Uf))
@pytest.mark.parametrize(("modelo", "servico"), PAIRS)
def test_every_service_of_every_model_is_read(modelo: str, servico: Servico, uf: Uf, cnpj: str) -> None:
    send = read(modelo, servico, uf=uf, cnpj=cnpj)
    assert (send.modelo, send.servico, send.uf, send.cnpj) == (modelo, servico, uf, cnpj)
    assert foreign.authorizer(send, TODAY)
    if send.counted:
        assert foreign.ceiling(send, MARGINS, TODAY) in (25, 20, 15)
    else:
        assert foreign.budget(send, MARGINS, TODAY).limit >= 1
    assert foreign.block_minutes(send, TODAY) == 60


def test_no_two_messages_that_are_counted_apart_share_a_key() -> None:
    of_no_note = (Servico.INUTILIZACAO, Servico.RECIBO, Servico.STATUS, Servico.DISTRIBUICAO)
    about_a_note = [pair for pair in PAIRS if pair[1] not in of_no_note]
    keys = [read(modelo, servico, nnf=n).key for modelo, servico in about_a_note for n in (1, 2)]
    keys += [read(*pair).key for pair in PAIRS if pair not in about_a_note]
    assert len(keys) == len(set(keys))
    for modelo in MODELS:
        assert len({read(modelo, Servico.AUTORIZACAO, uf=uf).key for uf in Uf}) == 1, "a number is one in any UF"


@settings(deadline=None)
@given(
    st.sampled_from(MODELS), st.integers(1, 999_999_999), st.integers(0, 999), st.sampled_from("123456789"),
    st.integers(1, 9_999_999), st.integers(1, 12), st.sampled_from([EMITTER, LETTERS]),
)  # fmt: skip
def test_a_new_month_or_code_is_the_same_number(
    modelo: str, nnf: int, serie: int, tpemis: str, code: int, month: int, cnpj: str
) -> None:
    same: dict[str, Any] = {"serie": serie, "cnpj": cnpj}
    first = read(modelo, Servico.AUTORIZACAO, nnf=nnf, tpemis="1", **same)
    other = read(modelo, Servico.AUTORIZACAO, nnf=nnf, tpemis=tpemis, code=code, month=f"26{month:02d}", **same)
    assert (first.key == other.key) is (modelo != "65" or tpemis == "1")
    if modelo != "65":
        assert first.key == Chave.parse(first.subject).natural_key(Ambiente.HOMOLOGACAO), "shared with our own worker"


def test_production_and_homologation_are_apart() -> None:
    for modelo, servico in PAIRS:
        if servico in COUNTED:
            subject = read(modelo, servico).subject
            found = foreign.read(modelo=modelo, servico=servico, ambiente=Ambiente.PRODUCAO, subject=subject)
            assert isinstance(found, Foreign)
            assert found.key != read(modelo, servico).key


def test_a_consulta_spends_the_budget_of_our_own_worker_and_others_have_their_own() -> None:
    note = chave("62")
    assert read("62", Servico.CONSULTA).key == f"consulta:{note}"
    found = foreign.read(
        modelo="62", servico=Servico.CONSULTA, ambiente=Ambiente.HOMOLOGACAO, subject=note, cnpj=LETTERS
    )
    assert isinstance(found, Foreign)
    assert (found.cnpj, found.key) == (LETTERS, f"consulta:{LETTERS}:{note}")


_NOTE: Final = chave()
WRONG: Final[list[tuple[dict[str, Any], str]]] = [
    ({"modelo": "57"}, "modelo"),
    ({"modelo": ""}, "modelo"),
    ({"modelo": "62", "servico": Servico.INUTILIZACAO, "subject": voiding("62")}, "servico"),
    ({"modelo": "62", "servico": Servico.RECIBO}, "servico"),
    ({"uf": "XX"}, "uf"),
    ({"uf": "SP"}, "uf"),
    ({"cnpj": "11222333000180"}, "cnpj"),
    ({"cnpj": LETTERS}, "cnpj"),
    ({"cnpj": "11.222.333/0001-81"}, "cnpj"),
    ({"subject": ""}, "subject"),
    ({"subject": _NOTE[:-1]}, "subject"),
    ({"subject": _NOTE + "0"}, "subject"),
    ({"subject": _NOTE.lower().replace("1", "l")}, "subject"),
    ({"subject": "99" + _NOTE[2:]}, "subject"),
    ({"subject": event(_NOTE)}, "subject"),
    ({"subject": chave("65")}, "subject"),
    ({"servico": Servico.EVENTO}, "subject"),
    ({"servico": Servico.EVENTO, "subject": event(_NOTE) + "1"}, "subject"),
    ({"servico": Servico.EVENTO, "subject": event(_NOTE)[2:]}, "subject"),
    ({"servico": Servico.EVENTO, "subject": event(chave("62")), "modelo": "62", "cnpj": LETTERS}, "cnpj"),
    ({"servico": Servico.EVENTO, "subject": event(chave("62"))[:-1], "modelo": "62"}, "subject"),
    ({"servico": Servico.INUTILIZACAO}, "subject"),
    ({"servico": Servico.INUTILIZACAO, "subject": voiding("65")}, "subject"),
    ({"servico": Servico.INUTILIZACAO, "subject": voiding(cnpj="11222333000180")}, "subject"),
    ({"servico": Servico.INUTILIZACAO, "subject": "ID99" + voiding()[4:]}, "subject"),
    ({"servico": Servico.STATUS, "subject": ""}, "uf"),
    ({"servico": Servico.STATUS, "subject": "", "uf": "RS"}, "cnpj"),
    ({"servico": Servico.STATUS, "uf": "RS", "cnpj": EMITTER}, "subject"),
    ({"servico": Servico.RECIBO, "subject": "12", "uf": "RS", "cnpj": EMITTER}, "subject"),
    ({"servico": Servico.RECIBO, "subject": "430000000000001", "cnpj": EMITTER}, "uf"),
]


@pytest.mark.parametrize(("given_", "where"), WRONG)
def test_what_is_named_wrongly_is_a_fault_at_its_place(given_: dict[str, Any], where: str) -> None:
    base = {"modelo": "55", "servico": Servico.AUTORIZACAO, "ambiente": Ambiente.HOMOLOGACAO, "subject": _NOTE}
    found = foreign.read(**{**base, **given_})
    assert isinstance(found, Fault), found
    assert (found.rule, found.where, bool(found.sentence), bool(found.remedy)) == ("GUARDA", where, True, True)


@settings(deadline=None)
@given(st.sampled_from([*MODELS, "57"]), st.sampled_from(Servico), st.text(max_size=60), st.text(max_size=3), st.text())
def test_reading_never_raises(modelo: str, servico: Servico, subject: str, uf: str, cnpj: str) -> None:
    given_: dict[str, Any] = {"modelo": modelo, "servico": servico, "subject": subject, "uf": uf, "cnpj": cnpj}
    assert isinstance(foreign.read(ambiente=Ambiente.HOMOLOGACAO, **given_), Foreign | Fault)
    assert isinstance(foreign.of_text(subject, Ambiente.HOMOLOGACAO), Foreign | Fault)
    assert isinstance(foreign.meaning(modelo, servico, subject), Meaning | Fault)
    blamed(subject)


def test_a_cpf_is_masked_in_a_fault() -> None:
    found = foreign.read(modelo="55", servico=Servico.STATUS, ambiente=Ambiente.HOMOLOGACAO, cnpj="52998224725")
    assert isinstance(found, Fault)
    assert "529" not in found.value


@pytest.mark.parametrize(("modelo", "servico"), [pair for pair in PAIRS if pair[1] in COUNTED])
def test_a_text_is_known_by_its_form(modelo: str, servico: Servico) -> None:
    send = read(modelo, servico)
    assert foreign.of_text(send.subject, Ambiente.HOMOLOGACAO) == send


EXPECTED: Final[dict[Classe, Meaning]] = {
    Classe.PAUSED: Meaning.PAUSED,
    Classe.SVC_OFF: Meaning.PAUSED,
    Classe.BLOCKED: Meaning.BLOCKED,
    Classe.DATA: Meaning.REJECTED,
    Classe.SCHEMA: Meaning.REJECTED,
    Classe.SIGN: Meaning.REJECTED,
    Classe.LATE: Meaning.REJECTED,
    Classe.CONT: Meaning.REJECTED,
    Classe.DENIED: Meaning.REJECTED,
    Classe.NOT_FOUND: Meaning.REJECTED,
    Classe.CLOCK: Meaning.TRANSIENT,
    Classe.LCR: Meaning.TRANSIENT,
    Classe.UNCAT: Meaning.TRANSIENT,
    Classe.IN_FLIGHT: Meaning.TRANSIENT,
    Classe.ISSUER: Meaning.ISSUER,
    Classe.CERT: Meaning.ISSUER,
    Classe.CONFIG: Meaning.ISSUER,
    Classe.DUP_SAME_KEY: Meaning.DUPLICATE,
    Classe.DUP_OTHER_KEY: Meaning.DUPLICATE,
    Classe.DUP_STATE: Meaning.DUPLICATE,
    Classe.EVENT_DUP: Meaning.DUPLICATE,
    Classe.RECEIPT: Meaning.PENDING,
    Classe.PENDING: Meaning.PENDING,
}
"""What each class is to a service that counts; what is missing is an acceptance, or not understood."""
ACCEPTED: Final = {
    (Servico.AUTORIZACAO, Classe.OK),
    (Servico.AUTORIZACAO, Classe.OK_LATE),
    (Servico.EVENTO, Classe.EVENT_OK),
    (Servico.EVENTO, Classe.CANCELLED),
    (Servico.EVENTO, Classe.SUBSTITUTED),
    (Servico.INUTILIZACAO, Classe.VOIDED),
}


@pytest.mark.parametrize(("modelo", "servico"), PAIRS)
def test_every_code_of_every_service(modelo: str, servico: Servico) -> None:
    for row in (row for row in rows("cstat") if row["modelo"] == modelo):
        kind = Classe(row["classe"])
        found = foreign.meaning(modelo, servico, row["cstat"])
        if kind in (Classe.BLOCKED, Classe.PAUSED, Classe.SVC_OFF):
            assert found is EXPECTED[kind]
        elif servico not in COUNTED:
            assert found is (Meaning.ISSUER if kind is Classe.CERT else Meaning.ANSWERED)
        elif kind is Classe.CONTAINER:
            assert isinstance(found, Fault), row
        elif (servico, kind) in ACCEPTED:
            assert found is Meaning.AUTHORISED
        else:
            assert found is EXPECTED.get(kind, Meaning.UNRECOGNISED)


@pytest.mark.parametrize(("modelo", "servico"), PAIRS)
def test_a_code_that_no_table_knows_is_held_where_it_counts(modelo: str, servico: Servico) -> None:
    found = foreign.meaning(modelo, servico, "4242")
    assert found is (Meaning.UNRECOGNISED if servico in COUNTED else Meaning.ANSWERED)


def test_everything_that_may_have_been_a_rejection_is_charged() -> None:
    """Only an acceptance, a pause, an open reservation and proof that nothing left are free."""
    charged = {meaning for meaning, told in TOLD.items() if told in (Event.REJECTED, Event.UNKNOWN)}
    free = {Meaning.AUTHORISED, Meaning.ANSWERED, Meaning.PENDING, Meaning.PAUSED, Meaning.NOT_SENT}
    assert charged == set(Meaning) - free
    assert charged >= HOLDS
    assert set(TOLD) >= SILENCES


FIGURES: Final = {
    ("55", Servico.AUTORIZACAO): 30,
    ("65", Servico.AUTORIZACAO): 30,
    ("62", Servico.AUTORIZACAO): 30,
    **{(modelo, Servico.EVENTO): 20 for modelo in MODELS},
    **{(modelo, Servico.INUTILIZACAO): 20 for modelo in ("55", "65")},
}


@pytest.mark.parametrize(("modelo", "servico", "margin"), [(*pair, m) for pair, m in product(FIGURES, (1, 5, 99))])
def test_the_ceiling_is_the_limit_less_the_margin(modelo: str, servico: Servico, margin: int) -> None:
    for uf in Uf:
        official = 25 if (uf, servico) == (Uf.PR, Servico.AUTORIZACAO) and modelo != "62" else FIGURES[modelo, servico]
        found = foreign.ceiling(read(modelo, servico, uf=uf), Margins(margin, 1, 5), TODAY)
        assert found == max(1, official - margin)


BUDGETS: Final = {
    **{(modelo, Servico.CONSULTA): (9, 3600) for modelo in MODELS},
    **{(modelo, Servico.RECIBO): (39, 3600) for modelo in ("55", "65")},
    **{(modelo, Servico.STATUS): (1, 180) for modelo in MODELS},
    ("55", Servico.DISTRIBUICAO): (1, 3900),
}


@pytest.mark.parametrize(("modelo", "servico"), BUDGETS)
def test_budgets(modelo: str, servico: Servico) -> None:
    found = foreign.budget(read(modelo, servico), MARGINS, TODAY)
    assert (found.limit, found.span) == (BUDGETS[modelo, servico][0], timedelta(seconds=BUDGETS[modelo, servico][1]))


def test_every_service_that_has_a_limit_is_guarded() -> None:
    known = {(modelo, name) for modelo, services in SERVICES.items() for name in services.values()}
    limited = {"rejeicoes_iguais", "consultas_por_chave_hora", "consultas_por_recibo_hora", "intervalo_status"}
    limited |= {"distribuicao_espera", "distribuicao_hora"}
    assert {(row.modelo, row.servico) for row in all_limits() if row.limite in limited} == known


@pytest.mark.parametrize("subject", [chave(), chave("65", cnpj=LETTERS), event(chave()), event(chave("62")), voiding()])
def test_whom_a_block_names(subject: str) -> None:
    text = f"Rejeição: Consumo Indevido [det: Quantidade de rejeições encontradas: 973, NF-e: {subject}]"
    assert blamed(text) == Blamed(subject, 973)
    assert blamed("Rejeição: Consumo Indevido") == Blamed(None, None)


def test_scopes_are_of_a_known_kind_and_only_nfcom_meets_our_own() -> None:
    """flow/stops refuses a kind that it does not know."""
    for modelo in MODELS:
        send = read(modelo, Servico.AUTORIZACAO)
        own = halt.of_transmitter("SVRS", Ambiente.HOMOLOGACAO, EMITTER)
        both = [scopes.emitter(send, "SVRS"), scopes.certificate(send, "SVRS", "0" * 26, LETTERS)]
        assert (both[0] == own) is (modelo == "62")
        assert {halt.parts(scope)[0] for scope in both} == {halt.parts(own)[0]}
        assert {len(halt.parts(scope)) for scope in both} == {4}
    assert len({scopes.emitter(read(modelo, Servico.AUTORIZACAO), "SVRS") for modelo in MODELS}) == 3
