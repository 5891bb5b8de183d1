"""A logo is drawn anew: nothing of the file that came is kept but what is seen."""

import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from tests.printing.notes import PLAIN, authorised, picture, printed
from zelo.fiscal.fault import Fault
from zelo.printing.logo import KEPT_PIXELS, MOST_BYTES, Logo, remake


def _file(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", colour: object = "navy") -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)  # type: ignore[arg-type]
    return out.getvalue()


def _remade(content: bytes) -> Logo:
    made = remake(content)
    assert isinstance(made, Logo), made
    return made


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_taken_in_and_made_small(kind: str) -> None:
    made = _remade(_file(kind, (1900, 1000)))
    with Image.open(BytesIO(made.content)) as seen:
        assert (seen.format, seen.mode) == ("JPEG", "RGB")
        assert seen.size == (made.width, made.height)
    assert made.width <= KEPT_PIXELS[0]
    assert made.height <= KEPT_PIXELS[1]


def test_what_is_transparent_becomes_white() -> None:
    made = _remade(_file("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    with Image.open(BytesIO(made.content)) as seen:
        assert seen.getpixel((10, 10)) == (255, 255, 255)


def test_texts_hidden_in_the_file_are_dropped() -> None:
    out, info = BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    Image.new("RGB", (50, 50)).save(out, "PNG", pnginfo=info)
    assert b"script" in out.getvalue()
    assert b"script" not in _remade(out.getvalue()).content


def _bomb() -> bytes:
    """A PNG whose head promises a billion pixels."""
    head = (30_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + len(head).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<svg/>", b"GIF89a", _file("GIF"), _file("BMP"), _bomb(), _file("PNG")[:60], _file("PNG", (2500, 2500)),
        b"\xff\xd8" + b"\0" * 100, b"x" * (MOST_BYTES + 1),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(content: bytes) -> None:
    fault = remake(content)
    assert isinstance(fault, Fault)
    assert fault.remedy


def test_it_stands_at_the_top_left_of_the_sheet() -> None:
    logo = _remade(_file("PNG", colour="black"))
    plain, marked = (picture(printed(authorised(PLAIN), logo=one)) for one in (None, logo.content))
    spot = (round(29 / 25.4 * 200), round(21 / 25.4 * 200))
    assert marked.getpixel(spot) < 60  # type: ignore[operator]
    assert plain.getpixel(spot) != marked.getpixel(spot)
