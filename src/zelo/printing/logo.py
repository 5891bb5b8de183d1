"""A logo that somebody sent, made into a picture of ours: bounded, opaque, small enough for every page."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

from zelo.fiscal.fault import Fault

MOST_BYTES: Final = 1_000_000
MOST_PIXELS: Final = 4_000_000
KEPT_PIXELS: Final = (600, 380)
"""Of what is kept: 38 x 24 mm at 400 dots to the inch."""
QUALITY: Final = 92
RULE: Final = "LOGOTIPO"
_FORMATS: Final = ("PNG", "JPEG")


@dataclass(frozen=True, slots=True)
class Logo:
    """A JPEG in RGB with its size in pixels."""

    content: bytes
    width: int
    height: int


def remake(content: bytes) -> Logo | Fault:
    """The picture drawn anew on white, as JPEG: nothing of the file that came is kept but what is seen."""
    if len(content) > MOST_BYTES:
        return Fault(RULE, f"A imagem passa de {MOST_BYTES // 1000} kB.", "Envie um PNG ou JPEG menor.")
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as sent:
            if sent.width * sent.height > MOST_PIXELS:
                return Fault(RULE, "A imagem tem pixels demais.", "Reduza para até 2000 x 2000 pixels.")
            seen = sent.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return Fault(RULE, "O arquivo não é uma imagem PNG ou JPEG.", "Exporte o logotipo como PNG ou JPEG.")
    seen.thumbnail(KEPT_PIXELS)
    drawn = Image.new("RGB", seen.size, "white")
    drawn.paste(seen, mask=seen)
    out = BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY)
    return Logo(out.getvalue(), *drawn.size)
