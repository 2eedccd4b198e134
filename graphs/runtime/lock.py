"""One process serves the API of a data folder. Its lock says who, and where it can be reached."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .errors import StartError


@dataclass
class FolderInUse(StartError):
    """Another process holds the folder; `url` is its API, if it serves one."""

    folder: Path
    url: str | None

    def __str__(self) -> str:
        where = f" (it serves {self.url})" if self.url else ""
        return f"another Artel runs on {self.folder}{where}: stop it, or set ARTEL_DATA_DIR to another folder"


class FolderLock:
    """An flock: it goes with the process, however the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "artel.lock"
        self._file: int | None = None

    def take(self, url: str | None = None) -> Self:
        """Errors: FolderInUse; StartError when the folder cannot be written."""
        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            raise FolderInUse(self._folder, holder_url(self._folder)) from None
        self._file = file
        self.announce(url)
        return self

    @contextmanager
    def held(self) -> Iterator[Self]:
        """Taken while the block lasts. Errors: those of `take`."""
        self.take()
        try:
            yield self
        finally:
            self.release()

    def announce(self, url: str | None) -> None:
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(f"the data folder {self._folder} cannot be used: {error.strerror}") from error


def holder_url(folder: Path) -> str | None:
    """The API address that the holder of the folder announced."""
    try:
        url = json.loads((folder / "artel.lock").read_text())["url"]
    except (OSError, ValueError, KeyError):
        return None
    return str(url) if url else None
