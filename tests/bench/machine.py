"""The machine of a run, in words that name no host."""

import os
import platform
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path


def describe() -> dict[str, str]:
    """Return what a reader needs to compare his machine with this one."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory": f"{pages / (1 << 30):.0f} GiB",
        "kernel": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": built(),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def built() -> str:
    """Return the interpreter and how its own code was optimized: without PGO and LTO it is a fifth slower or more.

    Debian optimizes in a way of its own, which its Python does not tell.
    """
    asked = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    ways = {"PGO": "--enable-optimizations" in asked, "LTO": "--with-lto" in asked}
    how = " and ".join(f"{'with' if has else 'without'} {name}" for name, has in ways.items())
    told = "built by Debian" if sys.base_prefix == "/usr" else f"configured {how}"
    return f"{platform.python_implementation()} {platform.python_version()} ({told})"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
