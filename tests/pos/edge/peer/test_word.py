"""What one gateway makes of the other's word."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.models.cfe.functions import SALE
from zelo.pos.edge.peer.word import (
    MOST_READ,
    BadWordError,
    Claim,
    Intent,
    State,
    Way,
    Word,
    chaves_json,
    claim_json,
    intent_json,
    read_chaves,
    read_claim,
    read_intent,
    read_word,
    way,
    word_json,
)

OURS = frozenset({"900000001"})
SHARED, FOREIGN = Intent("x", "900000001", 5, 3), Intent("x", "900000002", 5)


@pytest.mark.parametrize(
    ("word", "intent", "follows"),
    [
        (Word(State.DONE, "r"), None, Way.ANSWER),
        (Word(State.OPEN), SHARED, Way.WAIT),
        (Word(State.UNKNOWN), SHARED, Way.FRESH),
        (Word(State.REFUSED), None, Way.FRESH),
        (Word(State.DOUBT), None, Way.DOUBT),
        (Word(State.DOUBT), SHARED, Way.LOOK),
        (None, SHARED, Way.LOOK),
        (None, FOREIGN, Way.DOUBT),
        (None, None, Way.DOUBT),
    ],
)
def test_silence_is_never_taken_for_nothing_done(word: Word | None, intent: Intent | None, follows: Way) -> None:
    assert way(word, intent, OURS) is follows


def test_words_come_back_as_they_went() -> None:
    claim = Claim("id", "001", 7, SALE, "m", "000007|06000|…", 3)
    assert read_claim(claim_json(claim)) == claim
    assert read_intent(intent_json(SHARED)) == SHARED
    assert read_intent({"id": "x", "nserie": "1", "sessao": 5}) == Intent("x", "1", 5, 0), "an older gateway"
    assert read_word(word_json(Word(State.DONE, "r", "m", 3))) == Word(State.DONE, "r", "m", 3)
    assert read_word({"estado": "vendido", "retorno": "r"}) == Word(State.DONE, "r"), "an older gateway"
    assert read_chaves(chaves_json(["3" * 44])) == ["3" * 44]


@pytest.mark.parametrize("cupons", [None, "3" * 44, [44], ["3" * 101], ["3" * 44] * (MOST_READ + 1)])
def test_what_is_no_list_of_a_few_chaves_is_no_word(cupons: object) -> None:
    with pytest.raises(BadWordError, match="cupons"):
        read_chaves({"cupons": cupons})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "sessao", "estado", "retorno", "funcao", "caixa", "nserie", "conteudo", "testemunha", "cupons"]
            ),
            inner,
            max_size=8,
        )
    ),
)


@given(JSON)
def test_whatever_comes_is_a_word_or_is_none(told: object) -> None:
    for read in (read_claim, read_intent, read_word, read_chaves):
        with suppress(BadWordError):
            read(told)
