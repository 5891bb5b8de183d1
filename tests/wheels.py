"""Makes of the wheel that holds every library one for each system: `python -m tests.wheels <its folder> <theirs>`.

A wheel says on which systems it may be installed, so it holds what these load and nothing else. On any other system
zelo is the same without a library for tills, and that wheel says `any`.
"""

import base64
import hashlib
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

BUILD: Final = "zelo/pos/edge/libsat/build/"
_WINDOWS: Final = ("windows-x86_64", "windows-x86-cdecl", "windows-x86-stdcall")
LIBRARIES: Final[Mapping[str, Sequence[str]]] = {
    "any": (),
    "manylinux_2_17_x86_64": ("linux-x86_64",),
    "win_amd64": _WINDOWS,
    "win32": _WINDOWS,
}
"""Tag of the system → folders of the libraries that tills load there; on one Windows tills of 32 and 64 bits live."""
ANY: Final = "any"


class IncompleteError(RuntimeError):
    """A library was not built."""


def wheels(whole: Path, folder: Path) -> list[Path]:
    """A wheel for each system, in this folder. Raises IncompleteError."""
    with zipfile.ZipFile(whole) as held:
        parts = {info.filename: held.read(info) for info in held.infolist()}
        stamp = held.infolist()[0].date_time
    built = {name.removeprefix(BUILD).split("/")[0] for name in parts if name.startswith(BUILD)}
    missing = {each for folders in LIBRARIES.values() for each in folders} - built
    if missing:
        raise IncompleteError(f"not built: {', '.join(sorted(missing))}; make edge-lib builds them")
    folder.mkdir(parents=True, exist_ok=True)
    names = {tag: whole.name.replace("-any.whl", f"-{tag}.whl") for tag in LIBRARIES}
    return [_write(folder / name, _of(parts, tag), stamp) for tag, name in names.items()]


def _of(parts: Mapping[str, bytes], tag: str) -> dict[str, bytes]:
    """What a wheel with this tag holds, its own description among it."""
    folders = tuple(f"{BUILD}{each}/" for each in LIBRARIES[tag])
    own = {name: body for name, body in parts.items() if not name.startswith(BUILD) or name.startswith(folders)}
    [about] = [name for name in own if name.endswith(".dist-info/WHEEL")]
    pure = "true" if tag == ANY else "false"
    told = own[about].decode().replace("Root-Is-Purelib: true", f"Root-Is-Purelib: {pure}")
    own[about] = told.replace("Tag: py3-none-any", f"Tag: py3-none-{tag}").encode()
    record = about.replace("WHEEL", "RECORD")
    del own[record]
    lines = [f"{name},sha256={_digest(body)},{len(body)}\n" for name, body in own.items()]
    return own | {record: "".join([*lines, f"{record},,\n"]).encode()}


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


def _write(made: Path, parts: Mapping[str, bytes], stamp: tuple[int, int, int, int, int, int]) -> Path:
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as held:
        for name, body in parts.items():
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            held.writestr(info, body)
    return made


def main() -> None:
    """The wheel of one folder becomes one for each system in the other."""
    [whole], folder = Path(sys.argv[1]).glob("*-py3-none-any.whl"), Path(sys.argv[2])
    try:
        made = wheels(whole, folder)
    except IncompleteError as error:
        sys.exit(str(error))
    sys.stdout.writelines(f"{each}\n" for each in made)


if __name__ == "__main__":
    main()
