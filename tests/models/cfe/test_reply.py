"""Replies as makers really send them, put right; the samples are of public clients' fixtures and issue threads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.models.cfe.cancel import cancel_request
from zelo.models.cfe.coupon import read_coupon
from zelo.models.cfe.functions import CANCEL, FUNCTIONS, SALE, Function
from zelo.models.cfe.reply import UnreadableReplyError, read_reply, refusal

SALE_FIELDS = "UEdSaA==|20261122101500|CFe35|5.00||QUJD"


@pytest.mark.parametrize(
    ("text", "session", "eeeee", "cccc", "says", "rest"),
    [
        (f"000123|06000|0000|Emitido||msg|{SALE_FIELDS}", 123, "06000", "0000", "Emitido", 6),
        ("123|06010|1999|Erro||", 123, "06010", "1999", "Erro", 0),
        ("000123|06010|1999|Erro|", 123, "06010", "1999", "Erro", 0),
        ("000001|07007|1218|Já cancelado||", 1, "07007", "1218", "Já cancelado", 0),
        ("000001|07007|Erro de validação||", 1, "07007", "0000", "Erro de validação", 0),
        ("000001|07099||Erro desconhecido||", 1, "07099", "0000", "Erro desconhecido", 0),
        ("000001|08000|SAT em Operação||", 1, "08000", "", "SAT em Operação", 0),
        ("000001|08098|SAT em processamento|||", 1, "08098", "", "SAT em processamento", 0),
        ("000001|13000|Assinatura registrada||", 1, "13000", "0000", "Assinatura registrada", 0),
        ("000001|13000|2006|Assinatura registrada||", 1, "13000", "2006", "Assinatura registrada", 0),
        ("000001|06098", 0, "", "", "", -1),
        ("Erro de comunicação", 0, "", "", "", -1),
        ("", 0, "", "", "", -1),
        ("000001|06000|\0", 0, "", "", "", -1),
    ],
)
def test_a_reply_has_the_fields_that_the_function_promises(
    text: str, session: int, eeeee: str, cccc: str, says: str, rest: int
) -> None:
    if rest < 0:
        with pytest.raises(UnreadableReplyError):
            read_reply(text)
        return
    reply = read_reply(text)
    assert (reply.session, reply.eeeee, reply.cccc, reply.text, len(reply.rest)) == (session, eeeee, cccc, says, rest)


def test_a_warning_of_sefaz_is_kept_on_any_reply() -> None:
    reply = read_reply("000001|08000|SAT em Operação|210|Atualize o software")
    assert (reply.cod, reply.notice) == ("210", "Atualize o software")
    assert reply.worded(9) == "000009|08000|SAT em Operação|210|Atualize o software"


@pytest.mark.parametrize("fields", [22, 23])
def test_a_status_of_27_fields_gets_the_list_that_it_lacks(fields: int) -> None:
    values = [f"v{number}" for number in range(fields - 1)] + ["0"]
    reply = read_reply("000001|10000|Resposta com sucesso|||" + "|".join(values))
    assert len(reply.rest) == 23
    assert reply.rest[-1] == "0"
    assert reply.rest[17] == ("" if fields == 22 else "v17")


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_a_refusal_of_ours_reads_like_a_devices(function: Function) -> None:
    told = refusal(function, "099", "Nada | feito.\nVeja a página.").worded(42)
    reply = read_reply(told)
    assert reply.eeeee == f"{function.prefix}099"
    assert "Nada / feito. Veja a página." in reply.text
    assert len(told.split("|")) == (6 if function.prefix in {"06", "07", "13"} else 5)


def test_orders_of_arguments_that_are_traps() -> None:
    assert FUNCTIONS["AtivarSAT"].parameters[1:3] == (("subcomando", int), ("codigo", str))
    assert FUNCTIONS["TrocarCodigoDeAtivacao"].parameters[1:3] == (("codigo", str), ("opcao", int))
    assert not FUNCTIONS["DesligarSAT"].parameters
    assert (SALE.prefix, CANCEL.prefix) == ("06", "07")


@given(st.text(max_size=200) | st.from_regex(r"[0-9]{1,6}\|[01][0-9]{4}\|.{0,80}", fullmatch=True))
def test_whatever_a_library_returns_is_read_or_refused(text: str) -> None:
    try:
        reply = read_reply(text)
    except UnreadableReplyError:
        return
    again = read_reply(reply.worded(reply.session))
    assert (again.eeeee, again.cccc, again.rest) == (reply.eeeee, reply.cccc, reply.rest)


PIECES = st.sampled_from(
    [b"<CFe>", b"</CFe>", b'<infCFe Id="CFe1">', b"</infCFe>", b"<ide>", b"<!DOCTYPE a>", b"&x;", b"\xff", b"a" * 99]
)


@given(st.binary(max_size=200) | st.lists(PIECES, max_size=20).map(b"".join))
def test_whatever_stands_in_a_coupon_is_read_or_a_fault(xml: bytes) -> None:
    for read in (read_coupon, cancel_request):
        told = read(xml)
        assert told is not None
