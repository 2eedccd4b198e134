"""Passwords as argon2id hashes. To hash one takes tens of milliseconds and 19 MiB, so few are at once."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from graphs.runtime.errors import BadRequest

SHORTEST, LONGEST = 10, 200
AT_ONCE = 2


class Passwords:
    def __init__(self) -> None:
        # What OWASP's Password Storage Cheat Sheet asks for at least.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """Errors: BadRequest for one that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadRequest(f"a password has {SHORTEST} to {LONGEST} characters")
        async with self._free:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, hash: str | None) -> bool:
        """Whether it is the hash's password. Without a hash it takes as long: who is known is not told."""
        if self._nobodys is None:
            self._nobodys = await self.hashed("nobody's password")
        async with self._free:
            found = await asyncio.to_thread(self._verified, hash or self._nobodys, password[:LONGEST])
        return found and hash is not None

    def _verified(self, hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
