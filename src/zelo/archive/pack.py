"""Compression with an earlier document of the same emitter as dictionary: 6 to 10 times smaller instead of 2."""

import zstandard

LEVEL = 3
MOST_BYTES = 4_000_000
"""No document of ours is larger; a frame that claims more is refused."""


def pack(content: bytes, dictionary: bytes) -> bytes:
    """A zstd frame; `dictionary` may be empty."""
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_raw(dictionary)).compress(content)


def unpack(frame: bytes, dictionary: bytes) -> bytes:
    """The bytes again. Raises ZstdError for a frame that is damaged or too large."""
    return zstandard.ZstdDecompressor(dict_data=_raw(dictionary)).decompress(frame, max_output_size=MOST_BYTES)


def _raw(dictionary: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if dictionary else None
