"""A month of billing read, judged and made into drafts, as CSV and as a workbook: rows a second of CPU, and the most
memory that a process needs for the whole month.

Each form is measured in a process of its own: the memory of the one would be counted to the other.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

import xlsxwriter

from zelo.cli import example
from zelo.isp.billing.notes import read_billing

ROWS = 100_000
ON = date(2026, 11, 20)
FORMS = ("csv", "xlsx")
FAULTY = {"2026-11-0007", "2026-11-0019", "2026-11-0023"}
"""Faturas of the example with cells that cannot be read."""


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    measured = {form: _apart(form) for form in FORMS}
    return {
        "import_rows_s": measured["csv"]["rows_s"],
        "import_xlsx_rows_s": measured["xlsx"]["rows_s"],
        "import_peak_mb": measured["csv"]["peak_mb"],
        "import_xlsx_peak_mb": measured["xlsx"]["peak_mb"],
    }


def _apart(form: str) -> dict[str, float]:
    written = subprocess.run(  # noqa: S603 this very file
        [sys.executable, "-m", "bench.billing", "write", form], check=True, capture_output=True
    )
    measured = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.billing", "read", form], check=True, capture_output=True, input=written.stdout
    )
    found: dict[str, float] = json.loads(measured.stdout)
    return found


def _rows() -> Iterator[dict[str, str]]:
    """Good rows of the example provider, each a fatura of its own."""
    lines = list(csv.DictReader(io.StringIO(example.billing_csv()), delimiter=";"))
    good = [line for line in lines if line["fatura"] not in FAULTY]
    for number in range(ROWS):
        line = good[number % len(good)]
        yield line | {"fatura": f"2026-11-{number:06d}", "nome": f"{line['nome']} {number}"}


def _write(form: str) -> bytes:
    buffer = io.BytesIO()
    if form == "csv":
        text = io.TextIOWrapper(buffer, "utf-8", newline="")
        rows = _rows()
        first = next(rows)
        writer = csv.DictWriter(text, list(first), delimiter=";")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
        text.flush()
        return buffer.getvalue()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(_rows()):
            if number == 0:
                sheet.write_row(0, 0, list(row))
            sheet.write_row(number + 1, 0, list(row.values()))
    return buffer.getvalue()


def _read(content: bytes) -> dict[str, float]:
    issuers = {place.cnpj: place.ibge for place in example.ESTABLISHMENTS}
    plans = example.composicoes_csv().encode()
    start = time.process_time()
    read = read_billing(content, plans, issuers, ON)
    notes = sum(1 for _ in read.notes)
    seconds = time.process_time() - start
    if read.lines != ROWS or notes != ROWS:
        raise ValueError([read.lines, notes, read.faults[:3]])
    return {"rows_s": ROWS / seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    if sys.argv[1] == "write":
        sys.stdout.buffer.write(_write(sys.argv[2]))
    else:
        print(json.dumps(_read(sys.stdin.buffer.read())))
