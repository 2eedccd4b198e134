"""Write the next migration: what the models say and the migrations do not yet.

Run by `make migration NAME="what changes"`. Read what it wrote before you commit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from memory.schema import config, upgrade


def main(name: str) -> None:
    number = 1 + len(list(Path("memory/migrations/versions").glob("[0-9]*.py")))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        if number > 1:
            upgrade(url)
        with create_engine(url).begin() as connection:
            command.revision(config(connection), name, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
