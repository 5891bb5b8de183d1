"""The machine: processor, memory, disk, network, versions."""

import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apsw
import psutil


def disk_free_bytes(folder: Path) -> int | None:
    """Free on the disk of a folder, None where there is no such folder."""
    return _disk(folder)[1]


def _disk(folder: Path) -> tuple[int | None, int | None]:
    """Size and what is free of it."""
    try:
        disk = psutil.disk_usage(str(folder))
    except OSError:
        return None, None
    return disk.total, disk.free


def telemetry(folder: Path) -> dict[str, Any]:
    """As it is now; `cpu_percent` since the last look. Counters of the network go from the start of the machine."""
    memory, own = psutil.virtual_memory(), psutil.Process()
    disk_total, disk_free = _disk(folder)
    network = psutil.net_io_counters()
    return {
        "cpu_percent": psutil.cpu_percent(interval=None),
        "cpus": psutil.cpu_count(),
        "memory_total_bytes": memory.total,
        "memory_free_bytes": memory.available,
        "disk_total_bytes": disk_total,
        "disk_free_bytes": disk_free,
        "network_sent_bytes": network.bytes_sent,
        "network_received_bytes": network.bytes_recv,
        "booted_at": psutil.boot_time(),
        "process_bytes": own.memory_info().rss,
        "process_threads": own.num_threads(),
        "process_seconds": sum(own.cpu_times()[:2]),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What runs here."""
    return {
        "zelo": version("zelo"),
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "bits": "64" if sys.maxsize > 2**32 else "32",
    }
