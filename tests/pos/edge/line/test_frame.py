"""Frames and calls: whatever comes is a call, or a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.models.cfe.functions import FUNCTIONS, Function
from zelo.pos.edge.door.line.call import MOST_REPLY_BYTES, BadCallError, answered, read_call, refused
from zelo.pos.edge.door.line.frame import MOST_FIELDS, MOST_FRAME_BYTES, BadFrameError, body_bytes, pack, unpack

STATUS = [b"zelo1", b"", b"a1", b"001", b"0", b"ConsultarStatusOperacional", b"123456", b"12345678"]


def with_field(place: int, value: bytes) -> list[bytes]:
    """A good call but for one field."""
    return [*STATUS[:place], value, *STATUS[place + 1 :]]


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=MOST_FIELDS))
def test_fields_come_back_as_they_went(fields: list[bytes]) -> None:
    frame = pack(fields)
    assert body_bytes(frame[:4]) == len(frame) - 4
    assert unpack(frame[4:]) == fields


@given(st.binary(max_size=80))
def test_bytes_are_fields_or_no_frame(body: bytes) -> None:
    try:
        fields = unpack(body)
    except BadFrameError:
        return
    if fields:
        assert pack(fields)[4:] == body


@given(st.data())
def test_a_frame_that_was_cut_is_noticed(data: st.DataObject) -> None:
    """Wherever it is cut: between two fields there are fewer, and everywhere else they do not add up."""
    body = pack(STATUS)[4:]
    cut = body[: data.draw(st.integers(1, len(body) - 1))]
    whole = [len(pack(STATUS[:count])) - 4 for count in range(len(STATUS))]
    if len(cut) in whole:
        assert unpack(cut) == STATUS[: whole.index(len(cut))]
        return
    with pytest.raises(BadFrameError, match="campos"):
        unpack(cut)


@pytest.mark.parametrize("size", [0, MOST_FRAME_BYTES + 1, 2**31, 2**32 - 1])
def test_a_frame_of_a_wrong_size_is_refused_before_it_is_read(size: int) -> None:
    with pytest.raises(BadFrameError, match=str(size)):
        body_bytes(size.to_bytes(4, "big"))


def test_too_many_fields_and_too_much_to_send_are_refused() -> None:
    with pytest.raises(BadFrameError):
        unpack(pack([b""] * (MOST_FIELDS + 1))[4:])
    with pytest.raises(BadFrameError):
        pack([b"x" * MOST_FRAME_BYTES])


@given(st.sampled_from(sorted(FUNCTIONS)), st.data())
def test_a_call_is_read_as_it_was_made(name: str, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, 9))
    function: Function = FUNCTIONS[name]
    kinds = {int: st.integers(-(2**31), 2**31 - 1), str: st.text(st.characters(exclude_characters="\0", codec="utf-8"))}
    arguments = [data.draw(kinds[kind]) for _, kind in function.parameters]
    request = read_call(
        [b"zelo1", b"", b"7f", b"042", b"%d" % lost, name.encode(), *(str(each).encode() for each in arguments)]
    )
    assert (request.function, request.arguments) == (function, tuple(arguments))
    assert (request.id, request.till, request.elsewhere, request.lost) == ("7f", "042", lost > 0, lost)


@given(st.lists(st.binary(max_size=20) | st.sampled_from(STATUS), max_size=9))
def test_whatever_fields_come_make_a_call_or_a_sentence(fields: list[bytes]) -> None:
    try:
        request = read_call(fields, "x")
    except BadCallError:
        return
    assert fields[1] == b"x"
    assert request.function.name.encode() == fields[5]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ([], "não é um pedido"),
        (STATUS[:5], "não é um pedido"),
        (with_field(0, b"zelo2"), "mesma versão"),
        (with_field(2, b""), "identificação"),
        (with_field(2, b"x" * 65), "identificação"),
        (with_field(2, b"a b"), "identificação"),
        (with_field(3, b"1"), "identificação"),
        *((with_field(4, lost), "identificação") for lost in (b"", b"x", b"-1", b"10", "²".encode())),
        (with_field(5, b"Nada"), "não conhece a função"),
        (with_field(5, b"\xff"), "não conhece a função"),
        (STATUS[:-1], "leva 2 argumentos e vieram 1"),
        ([*STATUS, b""], "leva 2 argumentos e vieram 3"),
        (with_field(6, b"1.5"), "sessao não é um inteiro"),
        (with_field(6, b"2147483648"), "sessao não é um inteiro"),
        (with_field(6, "١".encode()), "sessao não é um inteiro"),
        (with_field(6, b"1" * 4000), "sessao não é um inteiro"),
        (with_field(7, b"a\0b"), "codigo tem um byte nulo"),
        (with_field(7, b"ab\xff"), r"codigo não está em UTF-8 \(byte 3\)"),
    ],
)
def test_what_is_no_call_is_told(fields: list[bytes], told: str) -> None:
    with pytest.raises(BadCallError, match=told):
        read_call(fields)


def test_a_token_is_asked_for_only_where_there_is_one() -> None:
    assert read_call(with_field(1, b"whatever"), "")
    assert read_call(with_field(1, "açaí".encode()), "açaí")
    for wrong in (b"", b"acai", b"\xff"):
        with pytest.raises(BadCallError, match="token"):
            read_call(with_field(1, wrong), "açaí")


def test_a_reply_that_the_line_cannot_carry_is_no_refusal() -> None:
    assert unpack((answered("1|08000|") or b"")[4:]) == [b"ok", b"1|08000|"]
    assert answered("x" * MOST_REPLY_BYTES)
    for reply in ("", "a\0b", "x" * (MOST_REPLY_BYTES + 1)):
        assert answered(reply) is None
    assert unpack(refused("não")[4:]) == [b"erro", "não".encode()]
