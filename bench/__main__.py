"""`make bench`: every figure in one table and in bench/results.json, under names that stay."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import aged, billing, danfecom, diagnose, edge, end_to_end, envelope, guard, outbox, pack, replay, till

RESULTS = Path(__file__).with_name("results.json")
WANTED = {
    "nfcom_envelope_x_rsa": "at most 2.2 (aim 1.8)",
    "nfcom_envelope_vs_nfelib": "at least 60",
    "nfcom_envelope_vs_nfelib_cached": "at least 6",
    "danfecom_pages_s": "at least 150",
    "guard_admission_us": "at most 25",
    "guard_admissions_s": "at least 2000, or 60 % of bare if that is lower",
    "guard_replay_avoided_percent": "over 90",
    "read_rows_s": "at least 5000",
    "read_xlsx_rows_s": "at least 5000",
    "read_peak_rss_mb": "under 400",
    "read_xlsx_peak_rss_mb": "under 400",
    "import_rows_s": "at least 5000: 100,000 rows in 20 s",
    "peak_rss_mb": "under 400",
    "end_to_end_notes_s": "at least 150",
    "outbox_insert_x_bare": "at least 0.60",
    "outbox_drain_s": "at least 3000",
    "edge_added_p99_ms": "at most 2",
    "edge_sales_s": "at least 200, or 70 % of what the disk allows",
    "edge_rss_mb": "under 60",
    "edge_start_s": "under 1.5",
    "edge_idle_percent": "under 1",
    "edge_aged_idle_percent": "under 1",
    "pack_notes_s": "at least 1000",
    "pack_peak_mb": "under 200",
    "pack_danfe_notes_s": "at least 100",
    "pack_danfe_peak_mb": "under 200",
}


def main() -> None:
    """Measure and tell."""
    results = envelope.run() | danfecom.run() | diagnose.run() | guard.run() | replay.run() | billing.run()
    results |= pack.run() | end_to_end.run() | outbox.run() | till.run() | edge.run() | aged.run()
    table = Table("figure", "value", "wanted")
    for name, value in results.items():
        table.add_row(name, f"{value:.2f}", WANTED.get(name, ""))
    Console().print(table)
    RESULTS.write_text(json.dumps({name: round(value, 4) for name, value in results.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
