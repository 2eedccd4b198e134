"""One question to one model: is it well, can we pay, is there room, what does it say, what did that cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

from pydantic import BaseModel

from .attempt import Attempt
from .breaker import Breaker
from .call import NO_TOKENS, Call, CallFailed, Key, Piece, Provider, Reply, Tokens
from .catalogue import Card
from .door import Door
from .errors import OverBudget
from .ledger import Ledger
from .outcome import ANSWERED, OF_THE_KEY, Outcome
from .parsing import parsed
from .policy import Policy
from .question import Asker


@dataclass(frozen=True)
class Model:
    """A model of a provider, as it can be asked."""

    provider: Provider
    name: str
    door: Door
    breaker: Breaker
    card: Card


@dataclass
class Visit:
    """One call that is under way, and what has come of it so far.

    admitted: the breaker waits to hear its end; asked: the provider was called; reserved: roubles.
    """

    model: Model
    number: int
    began: float
    key: Key | None = None
    outcome: Outcome | None = None
    message: str = ""
    tokens: Tokens = NO_TOKENS
    admitted: bool = False
    asked: bool = False
    reserved: float = 0.0

    def attempt(self, now: float) -> Attempt:
        return Attempt(
            self.model.provider.name,
            self.model.name,
            self.outcome or Outcome.GIVEN_UP,
            self.message,
            self.key.name if self.key else None,
            now - self.began,
            self.tokens,
            self.asked,
            self.number,
        )

    def cost(self) -> float:
        """What is unknown was as dear as it could be."""
        given_up = self.asked and self.outcome is None
        return self.reserved if given_up else self.model.card.cost(self.tokens)


class Asking:
    """Calls of one asker by one policy. Errors of each: CallFailed, OverBudget; `attempts` tells all."""

    def __init__(self, asker: Asker, policy: Policy, ledger: Ledger, monotonic: Callable[[], float]) -> None:
        self.attempts: list[Attempt] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._asker = asker
        self._policy = policy
        self._ledger = ledger
        self._now = monotonic
        self._until = monotonic() + policy.deadline_s

    def left_s(self) -> float:
        return self._until - self._now()

    def _limit_s(self, *, last: bool) -> float:
        return self.left_s() if last else min(self._policy.call_s, self.left_s())

    async def ask(
        self, model: Model, call: Call, schema: type[BaseModel] | None, *, last: bool
    ) -> tuple[Reply, BaseModel | None]:
        """The reply, and what it says as an object of the schema.

        last: nobody else could be asked, so it is worth standing in line.
        """
        async with self._visit(model, call, last=last) as visit:
            assert visit.key is not None
            reply = await model.provider.ask(model.name, visit.key, call, self._limit_s(last=last))
            value = parsed(reply, schema) if schema else None
            visit.outcome, visit.tokens = reply.outcome, reply.tokens
            return reply, value

    async def stream(self, model: Model, call: Call, *, last: bool) -> AsyncGenerator[Piece]:
        async with self._visit(model, call, last=last) as visit:
            assert visit.key is not None
            pieces = model.provider.stream(model.name, visit.key, call, self.left_s())
            async with aclosing(_begun(pieces, self._limit_s(last=last))) as begun:
                async for piece in begun:
                    if piece.reply is not None:
                        visit.outcome, visit.tokens = piece.reply.outcome, piece.reply.tokens
                    yield piece

    @asynccontextmanager
    async def _visit(self, model: Model, call: Call, *, last: bool) -> AsyncIterator[Visit]:
        visit = Visit(model, self._number(model), self._now())
        try:
            self._check(visit, call)
            cost = model.card.estimate(call)
            visit.reserved = await self._ledger.reserve(self._asker, cost, self._policy.budget_rub)
            async with AsyncExitStack() as inside:
                visit.key = await self._enter(model, inside, last=last)
                visit.asked = True
                yield visit
                model.door.told(visit.key, Outcome.OK, None)
        except OverBudget as error:
            visit.outcome, visit.message = Outcome.OUT_OF_MONEY, str(error)
            raise
        except CallFailed as error:
            visit.outcome, visit.message, visit.tokens = error.outcome, error.message, error.tokens
            if visit.key is not None:
                model.door.told(visit.key, error.outcome, error.retry_after_s)
                if error.outcome in OF_THE_KEY:
                    visit.message = f"{error.message}, key {visit.key}"
            raise
        finally:
            self._leave(visit)

    def _number(self, model: Model) -> int:
        return self._numbers.setdefault((model.provider.name, model.name), len(self._numbers) + 1)

    def _check(self, visit: Visit, call: Call) -> None:
        model = visit.model
        if (excess := model.card.excess(call)) > 0:
            limit = f"the prompt is about {excess} tokens too long: the model takes {model.card.context}"
            raise CallFailed(Outcome.BAD_REQUEST, limit)
        if self.left_s() <= 0:
            raise CallFailed(Outcome.TIMED_OUT, "no time was left to ask it")
        visit.admitted = model.breaker.admits()
        if not visit.admitted:
            wait = f"not asked for another {model.breaker.left_s():.0f} s: it failed too often"
            raise CallFailed(Outcome.UNAVAILABLE, wait)

    async def _enter(self, model: Model, inside: AsyncExitStack, *, last: bool) -> Key:
        patience = self.left_s() if last else min(self._policy.patience_s, self.left_s())
        if (rest := model.door.ready_s()) > patience:
            raise CallFailed(Outcome.RATE_LIMITED, f"not asked for another {rest:.1f} s: the vendor said so")
        try:
            async with asyncio.timeout(patience):
                return await inside.enter_async_context(model.door.enter(self._asker.agent))
        except TimeoutError as error:
            raise CallFailed(Outcome.RATE_LIMITED, f"no room within {patience:.1f} s") from error

    def _leave(self, visit: Visit) -> None:
        if visit.admitted:
            visit.model.breaker.ended(visit.outcome if visit.asked else None)
        if visit.outcome is None:
            answered = any(attempt.outcome in ANSWERED for attempt in self.attempts)
            visit.message = "another answered first" if answered else "nobody waited any more"
        attempt = visit.attempt(self._now())
        if visit.asked or visit.reserved:
            self._ledger.settle(self._asker, attempt, visit.reserved, visit.cost())
        self.attempts.append(attempt)


async def _begun(pieces: AsyncGenerator[Piece], limit_s: float) -> AsyncGenerator[Piece]:
    """The pieces, the first of which comes within the limit: who speaks already may take their time."""
    async with aclosing(pieces):
        try:
            async with asyncio.timeout(limit_s):
                first = await anext(pieces)
        except TimeoutError as error:
            raise CallFailed(Outcome.TIMED_OUT, f"not a word within {limit_s:.1f} s") from error
        yield first
        async for piece in pieces:
            yield piece
