"""Which of two gateways' words about an earlier asking is the till's."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from tests.pos.edge.peer.test_word import JSON
from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION, Function
from zelo.pos.edge.peer.recall import (
    AT_WORK,
    NEVER,
    Recall,
    Recalled,
    read_recall,
    read_recalled,
    recall_json,
    recalled_json,
    recalled_of_both,
)
from zelo.pos.edge.peer.word import BadWordError, State

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
SOLD = Recalled(State.DONE, "sold", AT, 7, "m")
REFUSED = Recalled(State.REFUSED, "refused", AT + timedelta(seconds=8), 7, "m")
DOUBT = Recalled(State.DOUBT, "doubt", AT + timedelta(seconds=9), 7, "m")
ANOTHER = replace(REFUSED, matter="another sale under that session")
NEXT = replace(REFUSED, session=8)


@pytest.mark.parametrize(
    ("one", "two", "word"),
    [
        (NEVER, NEVER, NEVER),
        (SOLD, NEVER, SOLD),
        (SOLD, SOLD, SOLD),
        (SOLD, REFUSED, SOLD),
        (SOLD, DOUBT, SOLD),
        (REFUSED, DOUBT, DOUBT),
        (SOLD, ANOTHER, ANOTHER),
        (SOLD, NEXT, NEXT),
        (SOLD, AT_WORK, AT_WORK),
    ],
)
def test_both_gateways_give_a_till_the_same_word(one: Recalled, two: Recalled, word: Recalled) -> None:
    for own, other in ((one, two), (two, one)):
        assert recalled_of_both(ASK_SESSION, own, other) == word
        assert recalled_of_both(ASK_LAST, own, other) == word


@pytest.mark.parametrize("function", [ASK_SESSION, ASK_LAST])
@pytest.mark.parametrize("own", [NEVER, SOLD, REFUSED, DOUBT, AT_WORK])
def test_silence_is_never_taken_for_never(function: Function, own: Recalled) -> None:
    told = recalled_of_both(function, own, None)
    assert told in (own, None)
    assert told is not NEVER
    assert (told is None) is (own in (NEVER, REFUSED) or (function is ASK_LAST and own is not AT_WORK))


def test_words_come_back_as_they_went() -> None:
    for asked in (Recall("001", ASK_SESSION, 7), Recall("001", ASK_LAST, 0)):
        assert read_recall(recall_json(asked)) == asked
    for told in (NEVER, AT_WORK, SOLD, DOUBT):
        assert read_recalled(recalled_json(told)) == told


@pytest.mark.parametrize(
    "told",
    [
        {"caixa": "001", "funcao": "EnviarDadosVenda", "sessao": 7},
        {"caixa": "001", "funcao": "ConsultarNumeroSessao", "sessao": -1},
        {"caixa": "001", "funcao": "ConsultarNumeroSessao", "sessao": 10**9},
        {"caixa": "001", "funcao": "ConsultarNumeroSessao", "sessao": True},
    ],
)
def test_an_odd_question_is_refused(told: object) -> None:
    with pytest.raises(BadWordError):
        read_recall(told)


@pytest.mark.parametrize(
    "told",
    [
        {"estado": "vendido", "retorno": "r", "em": None, "sessao": 7, "conteudo": "m"},
        {"estado": "desconhecido", "retorno": "", "em": 5, "sessao": 7, "conteudo": "m"},
        {"estado": "vendido", "retorno": "r", "em": 10**30, "sessao": 7, "conteudo": "m"},
        {"estado": "talvez", "retorno": "r", "em": 5, "sessao": 7, "conteudo": "m"},
        {"estado": "vendido", "retorno": "r", "em": 5, "sessao": 7},
    ],
)
def test_an_odd_answer_is_none(told: object) -> None:
    with pytest.raises(BadWordError):
        read_recalled(told)


@given(JSON)
def test_any_json_is_read_or_refused(told: object) -> None:
    for read in (read_recall, read_recalled):
        with suppress(BadWordError):
            read(told)
