"""Compression: any bytes come back, and a frame that is damaged or claims too much is refused before it is unpacked."""

import random
import time
from typing import Final

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.archive.pack import MOST_BYTES, pack, unpack

MEGABYTE: Final = 1_048_576
ANSWER_BYTES: Final = 4_000_000

unhurried = settings(deadline=None)


@unhurried
@given(st.binary(max_size=5000), st.binary(max_size=5000))
def test_any_bytes_come_back_with_any_dictionary(content: bytes, dictionary: bytes) -> None:
    assert unpack(pack(content, dictionary), dictionary) == content


@unhurried
@given(st.binary(max_size=5000))
def test_a_frame_without_dictionary_is_plain_zstd(content: bytes) -> None:
    assert zstandard.ZstdDecompressor().decompress(pack(content, b"")) == content


def test_a_note_with_the_largest_answer_fits_and_nothing_larger_is_kept() -> None:
    assert MOST_BYTES >= MEGABYTE + ANSWER_BYTES
    chance = random.Random(62)
    largest = chance.randbytes(MOST_BYTES)
    assert unpack(pack(largest, b""), b"") == largest
    with pytest.raises(ValueError, match=str(MOST_BYTES)):
        pack(largest + b"x", b"")


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50_000_000, 1_000_000_000])
def test_a_frame_that_claims_more_is_refused_unread(size: int) -> None:
    compressor = zstandard.ZstdCompressor(level=1).compressobj(size=size)
    frame = b"".join(compressor.compress(bytes(min(10_000_000, size - at))) for at in range(0, size, 10_000_000))
    frame += compressor.flush()
    start = time.monotonic()
    with pytest.raises(zstandard.ZstdError):
        unpack(frame, b"")
    assert time.monotonic() - start < 0.5


def test_a_frame_that_does_not_say_its_size_is_bounded_too() -> None:
    silent = zstandard.ZstdCompressor(write_content_size=False)
    assert unpack(silent.compress(b"small"), b"") == b"small"
    with pytest.raises(zstandard.ZstdError):
        unpack(silent.compress(bytes(MOST_BYTES + 1)), b"")


@pytest.mark.parametrize("frame", [b"", b"no frame", bytes(100)])
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(zstandard.ZstdError):
        unpack(frame, b"")


def test_a_cut_frame_is_refused() -> None:
    frame = pack(bytes(range(256)) * 10, b"")
    for end in range(len(frame)):
        with pytest.raises(zstandard.ZstdError):
            unpack(frame[:end], b"")
