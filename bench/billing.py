"""A month of billing: read, judged and made into drafts, as CSV and as a workbook; and taken in whole, as people do it:
sent, shown, confirmed, every check made and every note stored. Rows a second of CPU, and the most memory it takes.

Each is measured in a process of its own: the memory of the one would be counted to the other.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import xlsxwriter

from zelo.cli import demo, example, memory
from zelo.flow.house import open_house
from zelo.flow.intake import Go, Taken
from zelo.isp import order, reading, reception
from zelo.isp.billing.fatura import Issuer
from zelo.isp.billing.notes import read_billing
from zelo.isp.importing import import_billing
from zelo.settings.table import Settings
from zelo.sim.shell.server import Setup, start

ROWS = 100_000
ON = date(2026, 11, 20)
FAULTY = {"2026-11-0007", "2026-11-0019", "2026-11-0023"}
"""Faturas of the example with cells that cannot be read."""


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    csv_file, workbook = _written("csv"), _written("xlsx")
    read, read_xlsx, whole = _apart("read", csv_file), _apart("read", workbook), _apart("import", csv_file)
    return {
        "read_rows_s": read["rows_s"],
        "read_xlsx_rows_s": read_xlsx["rows_s"],
        "read_peak_rss_mb": read["peak_rss_mb"],
        "read_xlsx_peak_rss_mb": read_xlsx["peak_rss_mb"],
        "import_rows_s": whole["rows_s"],
        "peak_rss_mb": whole["peak_rss_mb"],
    }


def _written(form: str) -> bytes:
    return subprocess.run(  # noqa: S603 this very file
        [sys.executable, "-m", "bench.billing", "write", form], check=True, capture_output=True
    ).stdout


def _apart(what: str, content: bytes) -> dict[str, float]:
    measured = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.billing", what], check=True, capture_output=True, input=content
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
    """Read, judged, made into drafts."""
    issuers = {place.cnpj: Issuer(place.ibge, ON) for place in example.ESTABLISHMENTS}
    plans = example.composicoes_csv().encode()
    start = time.process_time()
    read = read_billing(content, plans, issuers)
    notes = sum(1 for _ in read.notes)
    seconds = time.process_time() - start
    if read.lines != ROWS or notes != ROWS:
        raise ValueError([read.lines, notes, read.faults[:3]])
    return _figures(seconds)


def _import(content: bytes) -> dict[str, float]:
    """Sent and shown, then taken in: the rows a second are those of the taking in. On SQLite."""
    plans = example.composicoes_csv().encode()
    with tempfile.TemporaryDirectory() as folder:
        pki = Path(folder) / "sefaz"
        with start(pki, Setup()):
            tools = open_house(Settings(data_dir=f"{folder}/data", log_level="error"))
            company_id = demo.set_up(tools, pki)
        upload_id = reading.receive(
            tools, company_id=company_id, name="month.csv", billing=content, composicoes=plans, chosen="", actor="bench"
        )
        order.turn(tools, reading.KIND)
        with tools.engine.read() as connection:
            files = reception.contents(connection, upload_id, tools.settings.upload_bytes)
        assert files is not None
        began = time.process_time()
        imported = import_billing(
            tools, company_id=company_id, name="month.csv", billing=files[0], composicoes=files[1], actor="bench",
            go=Go.AWAITED,
        )  # fmt: skip
        seconds = time.process_time() - began
        tools.engine.close()
    if imported.taken[Taken.NEW] != ROWS:
        raise ValueError([imported.taken, imported.faults[:3]])
    return _figures(seconds)


def _figures(seconds: float) -> dict[str, float]:
    return {"rows_s": ROWS / seconds, "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    memory.settle()  # as every command does
    match sys.argv[1:]:
        case ["write", form]:
            sys.stdout.buffer.write(_write(form))
        case ["read"]:
            print(json.dumps(_read(sys.stdin.buffer.read())))
        case ["import"]:
            print(json.dumps(_import(sys.stdin.buffer.read())))
