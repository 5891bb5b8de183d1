"""Tables as answers: CSV sent while its rows are read, XLSX through a file of our own."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from starlette.responses import Response, StreamingResponse

from zelo.isp.month.sheet import Rows, csv_chunks, write_xlsx

KINDS: Final = ("csv", "xlsx")
_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK_BYTES: Final = 65_536


def answer(kind: str, name: str, header: Sequence[str], rows: Rows, now: datetime) -> Response:
    """The table as an attachment of that kind."""
    made: Callable[[Sequence[str], Rows], Iterator[bytes]] = csv_chunks if kind == "csv" else partial(_xlsx, now)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingResponse(made(header, rows), media_type=_MEDIA[kind], headers=headers)


def _xlsx(now: datetime, header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, header, rows, now)
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
