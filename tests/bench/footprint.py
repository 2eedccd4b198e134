"""What starting costs: seconds until `artel --help` answers and `artel serve` is ready, and its memory."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evals.report import Row

ARTEL = str(Path(sys.executable).with_name("artel"))
TRIES = 5


def run() -> list[Row]:
    ready, resident = serve()
    return [
        Row("artel --help, seconds", help_seconds(), "under 0.5"),
        Row("artel serve ready, seconds", ready, "under 3"),
        Row("artel serve resident when ready, MB", resident, "under 400"),
    ]


def help_seconds() -> float:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([ARTEL, "--help"], check=True, capture_output=True)
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(TRIES))


def serve() -> tuple[float, float]:
    """Seconds until it says where it serves, and megabytes resident then. Reads /proc: Linux only."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ARTEL_DATA_DIR": folder, "ARTEL_PORT": "0"}
        began = time.perf_counter()
        server = subprocess.Popen([ARTEL, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        for line in server.stdout:
            if "http://" in line:
                break
        ready = time.perf_counter() - began
        status = Path(f"/proc/{server.pid}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        server.send_signal(signal.SIGTERM)
        server.wait()
    assert resident is not None
    return ready, int(resident[1]) / 1024
