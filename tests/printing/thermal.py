"""A thermal printer on a bench: it reads the bytes of a job by Epson's reference and keeps what would be on paper.

Written apart from the writer: an unknown command, a letter below the blank or a line beyond the edge stops it.
"""

from dataclasses import dataclass, field
from typing import Final

PAGES: Final = {0: "cp437", 2: "cp850", 3: "cp860", 16: "cp1252"}
LETTER_DOTS: Final = {0: 12, 1: 9}
CUT: Final = 0x56
QR_CN: Final = 49


@dataclass
class Printed:
    """What came out: lines with how they were written, bar codes and QR codes as their texts, cuts."""

    dots: int
    lines: list[str] = field(default_factory=list)
    high: set[str] = field(default_factory=set)
    bold: set[str] = field(default_factory=set)
    bars: list[str] = field(default_factory=list)
    squares: list[str] = field(default_factory=list)
    cuts: int = 0

    @property
    def text(self) -> str:
        """All of it, blanks evened out."""
        return " ".join(" ".join(self.lines).split())


class Printer:
    """Its state as the reference has it after ESC @."""

    def __init__(self, job: bytes, dots: int) -> None:
        self._job, self._at = job, 0
        self._printed = Printed(dots)
        self._page, self._font, self._tall, self._strong, self._module = "cp437", 0, False, False, 0
        self._stored = b""
        self._line = b""

    def run(self) -> Printed:
        while self._at < len(self._job):
            byte = self._take()
            if byte == 0x1B:
                self._escape()
            elif byte == 0x1C:
                assert self._take() == ord(".")
            elif byte == 0x1D:
                self._group()
            elif byte == 0x0A:
                self._feed()
            else:
                assert byte >= 0x20, f"control {byte:#x} in a text"
                self._line += bytes([byte])
        assert not self._line
        return self._printed

    def _take(self, count: int = 1) -> int:
        found = self._bytes(count)
        return int.from_bytes(found, "little")

    def _bytes(self, count: int) -> bytes:
        found = self._job[self._at : self._at + count]
        assert len(found) == count
        self._at += count
        return found

    def _feed(self) -> None:
        line = self._line.decode(self._page)
        assert len(line) * LETTER_DOTS[self._font] <= self._printed.dots, line
        self._printed.lines.append(line)
        if self._tall:
            self._printed.high.add(line)
        if self._strong:
            self._printed.bold.add(line)
        self._line = b""

    def _escape(self) -> None:
        command = chr(self._take())
        if command == "@":
            return
        value = self._take()
        assert not self._line, "a style changes at the beginning of a line"
        if command == "t":
            self._page = PAGES[value]
        elif command == "M":
            self._font = value
        elif command == "E":
            self._strong = bool(value)
        else:
            assert command == "a"
            assert value in (0, 1, 2)

    def _group(self) -> None:
        command = self._take()
        if command == ord("!"):
            self._tall = bool(self._take() & 0x0F)
        elif command in b"hH":
            self._take()
        elif command == ord("w"):
            self._module = self._take()
            assert 2 <= self._module <= 6
        elif command == ord("k"):
            assert self._take() == 73
            self._bars(self._bytes(self._take()))
        elif command == ord("("):
            assert self._take() == ord("k")
            self._square(self._bytes(self._take(2)))
        else:
            assert command == CUT
            assert self._take() == 66
            self._take()
            self._printed.cuts += 1

    def _bars(self, data: bytes) -> None:
        text, symbols, code_set, at = "", 0, "", 0
        while at < len(data):
            if data[at] == ord("{"):
                code_set, at = chr(data[at + 1]), at + 1
            else:
                text += f"{data[at]:02d}" if code_set == "C" else chr(data[at])
            symbols, at = symbols + 1, at + 1
        assert ((symbols + 1) * 11 + 13) * self._module <= self._printed.dots
        self._printed.bars.append(text)

    def _square(self, data: bytes) -> None:
        assert data[0] == QR_CN
        function, rest = data[1], data[2:]
        if function == 80:
            self._stored = rest[1:]
        elif function == 81:
            self._printed.squares.append(self._stored.decode("ascii"))
        else:
            assert function in (65, 67, 69)


def run(job: bytes, dots: int = 576) -> Printed:
    """The paper that a job makes on a head of so many dots."""
    return Printer(job, dots).run()
