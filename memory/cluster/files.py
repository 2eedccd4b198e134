"""The folder in which the members of one machine meet: for each a locked file and a socket."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .lease import AlreadyJoined

_BACKLOG = 10_000  # notices kept for a process that does not read; the oldest are dropped
_ADDRESS_LIMIT = 100  # bytes; systems differ between 104 and 108


class Meeting:
    """The folder, made when it is missing; nobody else on the machine may enter it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        self._path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._fd)

    @contextmanager
    def hold(self, member: str) -> Iterator[socket.socket]:
        """The member's place: the socket on which it hears. Errors: AlreadyJoined."""
        lock = os.open(self._lock(member), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(lock, fcntl.LOCK_EX, member)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
                ear.setblocking(False)
                self.remove(member, lock=False)
                ear.bind(self._address(member))
                yield ear
            self.remove(member)
        finally:
            os.close(lock)

    def is_free(self, member: str) -> bool:
        """Whether nobody holds the member's lock. The test takes a shared one, so two may test at once."""
        try:
            lock = os.open(self._lock(member), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            _take(lock, fcntl.LOCK_SH, member)
        except AlreadyJoined:
            return False
        finally:
            os.close(lock)
        return True

    def listening(self) -> set[str]:
        # Asked with every notice: several times faster than paths.
        names = os.listdir(self._path)  # noqa: PTH208
        return {name.removesuffix(".sock") for name in names if name.endswith(".sock")}

    def untouched_since(self, time: float) -> set[str]:
        """Members whose files are older than `time`, in seconds since 1970; they may be alive."""
        return {path.stem for path in self._path.glob("*.lock") if _changed(path) < time}

    def remove(self, member: str, *, lock: bool = True) -> None:
        (self._path / f"{member}.sock").unlink(missing_ok=True)
        if lock:
            self._lock(member).unlink(missing_ok=True)

    def connect(self, member: str) -> socket.socket:
        """A socket that sends to the member. Errors: OSError, when nobody is there."""
        mouth = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        mouth.setblocking(False)
        try:
            mouth.connect(self._address(member))
        except OSError:
            mouth.close()
            raise
        return mouth

    def _lock(self, member: str) -> Path:
        return self._path / f"{member}.lock"

    def _address(self, member: str) -> str:
        # Linux alone can name a long path by the open folder, and needs no more than that.
        path = str(self._path / f"{member}.sock")
        short = len(os.fsencode(path)) <= _ADDRESS_LIMIT
        return path if short else f"/proc/self/fd/{self._fd}/{member}.sock"


class Mouth:
    """What is said to one other process, in order, without waiting for it: the rest goes when it has room."""

    def __init__(self, link: socket.socket, refused: Callable[[], None]) -> None:
        self._link = link
        self._refused = refused
        self._unsaid: deque[bytes] = deque(maxlen=_BACKLOG)

    def say(self, packed: list[bytes]) -> None:
        self._unsaid.extend(packed)
        self._flush()

    def close(self) -> None:
        asyncio.get_running_loop().remove_writer(self._link.fileno())
        self._link.close()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._unsaid:
                self._link.send(self._unsaid[0])
                self._unsaid.popleft()
        except BlockingIOError:
            loop.add_writer(self._link.fileno(), self._flush)
        except OSError:
            self._refused()
        else:
            loop.remove_writer(self._link.fileno())


def _take(lock: int, kind: int, member: str) -> None:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyJoined(member) from None


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return float("inf")
