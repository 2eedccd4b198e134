"""A provider abroad that sees placeholders where the call has personal data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from ..call import Call, CallFailed, Key, Piece, Provider, Region, Reply
from ..outcome import Outcome
from .detector import Detector
from .errors import Refused
from .masking import is_known, mask
from .vault import Vault


class Masked:
    """Masks what goes out, restores what comes in; fails closed.

    Placeholders that the model made up are left, and named in the message's
    `response_metadata["unknown_placeholders"]`.
    """

    def __init__(self, provider: Provider, detector: Detector) -> None:
        self._provider = provider
        self._detector = detector
        self.name: str = provider.name
        self.region: Region = provider.region

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        """Errors: those of the provider, and Refused, after which nothing was sent."""
        masked, vault, left_s = await self._mask(call, timeout_s)
        return _restored(await self._provider.ask(model, key, masked, left_s), vault)

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        """Errors: as of `ask`."""
        masked, vault, left_s = await self._mask(call, timeout_s)
        pieces = self._provider.stream(model, key, masked, left_s)
        # A stream that is closed early closes the one behind it.
        async with aclosing(pieces):
            async for piece in _restored_pieces(pieces, vault):
                yield piece

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        return await self._provider.models(key, timeout_s)

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _mask(self, call: Call, timeout_s: float) -> tuple[Call, Vault, float]:
        """And what is left of the time. New texts are read off the event loop.

        The cause is not chained: a detector's error may quote the text.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        try:
            async with asyncio.timeout(timeout_s):
                masked, vault = await self._off_loop(call)
        except TimeoutError:
            failure: CallFailed = CallFailed(
                Outcome.TIMED_OUT, "while looking for personal data; nothing was sent"
            )
        except Refused as refused:
            failure = Refused(refused.reason)
        except Exception as error:
            failure = Refused(f"the detector of personal data failed ({type(error).__name__})")
        else:
            return masked, vault, timeout_s - (clock() - start)
        raise failure

    async def _off_loop(self, call: Call) -> tuple[Call, Vault]:
        if is_known(call, self._detector):
            return mask(call, self._detector)
        return await asyncio.to_thread(mask, call, self._detector)


async def _restored_pieces(pieces: AsyncGenerator[Piece], vault: Vault) -> AsyncGenerator[Piece]:
    restorer = vault.stream()
    async for piece in pieces:
        text = restorer.feed(piece.text) + (restorer.end() if piece.reply else "")
        if text:
            yield Piece(text)
        if piece.reply:
            yield Piece(reply=_restored(piece.reply, vault))


def _restored(reply: Reply, vault: Vault) -> Reply:
    return replace(reply, message=vault.restore_message(reply.message))
