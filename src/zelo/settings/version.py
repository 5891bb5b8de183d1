"""The version of this program, as documents carry it in `verProc`."""

from typing import Final

VERSION: Final = "0.1.0"
