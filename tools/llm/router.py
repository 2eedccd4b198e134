"""The one door to every model: asks in the order of the agent's policy until somebody answers.

One after another, or (hedged) the next beside the first when that is slow. When all have failed and some of
it may pass, once more after a pause. A deadline holds for all of it together.
"""

from __future__ import annotations

import asyncio
from asyncio import FIRST_COMPLETED
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache, partial
from typing import Any

from pydantic import BaseModel

from .asking import Asking, Model
from .call import Call, CallFailed
from .errors import AllProvidersFailed, Filtered, OverBudget
from .events import Done, Event, Restarted, Text
from .fitting import fitted
from .ledger import Ledger
from .outcome import Outcome
from .parsing import Unfit, again
from .policy import Policies, Policy
from .question import Answer, Asker, Question

FIRST_S = 0.5
LONGEST_S = 8.0
# What another moment may mend.
_PASSING = frozenset({Outcome.RATE_LIMITED, Outcome.UNAVAILABLE, Outcome.TIMED_OUT})


_Asker = Callable[[], Coroutine[Any, Any, "Answer | None"]]


class Router:
    """model: how a provider's model is asked; None: that provider is not configured.

    chance: a number from 0 up to 1, another each time, so that many do not come back at once.
    """

    def __init__(
        self,
        model: Callable[[str, str], Model | None],
        policies: Policies,
        ledger: Ledger,
        *,
        monotonic: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._model = model
        self._policies = policies
        self._ledger = ledger
        self._monotonic = monotonic
        self._chance = chance

    def policy(self, agent: str) -> Policy:
        return self._policies.of(agent)

    def reaches(self, asker: Asker) -> bool:
        """Whether there is anybody to ask."""
        return bool(self._models(self.policy(asker.agent), asker))

    async def ask(self, question: Question) -> Answer:
        """Errors: AllProvidersFailed, Filtered, OverBudget."""
        policy = self._policies.of(question.asker.agent)
        asking = Asking(question.asker, policy, self._ledger, self._monotonic)
        models: Sequence[Model] = self._models(policy, question.asker)
        for round in range(policy.retries + 1):
            if not models or (round and not await self._paused(asking, round)):
                break
            try:
                return await self._round(models, question, policy, asking)
            except _NobodyAnswered as error:
                models = error.again
        raise AllProvidersFailed(asking.attempts, self._passed_over(policy, question.asker))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Text as it comes. Before the first of it another model takes over unseen, later by a Restarted.

        Errors: those of `ask`.
        """
        policy = self._policies.of(question.asker.agent)
        asking = Asking(question.asker, policy, self._ledger, self._monotonic)
        models: Sequence[Model] = self._models(policy, question.asker)
        for round in range(policy.retries + 1):
            if not models or (round and not await self._paused(asking, round)):
                break
            later: list[Model] = []
            async with aclosing(self._streamed(models, question, policy, asking, later)) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Done):
                        return
            models = later
        raise AllProvidersFailed(asking.attempts, self._passed_over(policy, question.asker))

    def _models(self, policy: Policy, asker: Asker) -> list[Model]:
        """Those of the policy that are configured and stand where they may."""
        named = policy.models(asker.agent, asker.thread_id)
        known = [model for provider, name in named if (model := self._model(provider, name))]
        return [model for model in known if model.provider.region in policy.regions]

    def _passed_over(self, policy: Policy, asker: Asker) -> list[str]:
        """Why each of the others was not asked."""
        return [
            f"{provider}/{name} has no key" if model is None else f"{provider}/{name} is in no region allowed"
            for provider, name in policy.models(asker.agent, asker.thread_id)
            if (model := self._model(provider, name)) is None or model.provider.region not in policy.regions
        ]

    async def _round(
        self, models: Sequence[Model], question: Question, policy: Policy, asking: Asking
    ) -> Answer:
        """Errors: _NobodyAnswered with those who may answer later."""
        later: list[Model] = []

        async def one(model: Model) -> Answer | None:
            try:
                return await self._one(model, question, policy, asking, last=model is models[-1])
            except (CallFailed, OverBudget) as error:
                _check_failure(error, policy, asking)
                if _may_pass(error):
                    later.append(model)
                return None

        answer = await _first([partial(one, model) for model in models], policy.hedge_s)
        if answer is None:
            raise _NobodyAnswered(later)
        return answer

    async def _streamed(
        self,
        models: Sequence[Model],
        question: Question,
        policy: Policy,
        asking: Asking,
        later: list[Model],
    ) -> AsyncGenerator[Event]:
        """The events of a round, which ends with Done or with `later` told who may answer later."""
        for model in models:
            told = False
            try:
                pieces = asking.stream(model, _call(question, policy, model), last=model is models[-1])
                async with aclosing(pieces):
                    async for piece in pieces:
                        told = told or bool(piece.text)
                        if piece.text:
                            yield Text(piece.text)
                assert piece.reply is not None
                yield Done(Answer(piece.reply, None, model.provider.name, tuple(asking.attempts)))
                return
            except (CallFailed, OverBudget) as error:
                _check_failure(error, policy, asking)
                if _may_pass(error):
                    later.append(model)
                if told:
                    yield Restarted(asking.attempts[-1])

    async def _one(
        self, model: Model, question: Question, policy: Policy, asking: Asking, *, last: bool
    ) -> Answer:
        """Errors: CallFailed. An answer that does not follow the schema is sent back once."""
        call = _call(question, policy, model)
        try:
            reply, value = await asking.ask(model, call, question.schema, last=last)
        except Unfit as unfit:
            reply, value = await asking.ask(model, again(call, unfit), question.schema, last=last)
        return Answer(reply, value, model.provider.name, tuple(asking.attempts))

    async def _paused(self, asking: Asking, round: int) -> bool:
        """Wait before the next round, unless the deadline comes first; whether there is one."""
        pause = min(FIRST_S * 2.0 ** (round - 1), LONGEST_S) * (0.5 + self._chance() / 2)
        if pause >= asking.left_s():
            return False
        await _passed(pause)
        return True


async def _passed(seconds: float) -> None:
    passed = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(seconds, passed.set)
    try:
        await passed.wait()
    finally:
        timer.cancel()


class _NobodyAnswered(Exception):
    def __init__(self, again: Sequence[Model]) -> None:
        self.again = again


async def _first(askers: Sequence[_Asker], hedge_s: float | None) -> Answer | None:
    """The first answer. Each is asked when the one before it has failed, or (hedged) is late."""
    if hedge_s is None:
        for asker in askers:
            if (answer := await asker()) is not None:
                return answer
        return None
    return await _hedged(deque(askers), hedge_s)


async def _hedged(waiting: deque[_Asker], hedge_s: float) -> Answer | None:
    running: set[asyncio.Task[Answer | None]] = set()
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(waiting.popleft()()))
            limit = hedge_s if waiting else None
            done, running = await asyncio.wait(running, timeout=limit, return_when=FIRST_COMPLETED)
            for task in done:
                if (answer := task.result()) is not None:
                    return answer
        return None
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@lru_cache(maxsize=256)
def _json_schema(schema: type[BaseModel]) -> Mapping[str, Any]:
    """Pydantic takes up to a millisecond for it. Nobody changes what is sent."""
    return schema.model_json_schema()


def _call(question: Question, policy: Policy, model: Model) -> Call:
    schema = _json_schema(question.schema) if question.schema else None
    call = Call(question.messages, question.functions(), schema, policy.temperature, policy.max_tokens)
    return fitted(call, model.card) if policy.over_context == "truncate" else call


def _may_pass(error: CallFailed | OverBudget) -> bool:
    return isinstance(error, CallFailed) and error.outcome in _PASSING


def _check_failure(error: CallFailed | OverBudget, policy: Policy, asking: Asking) -> None:
    """Errors: those after which nobody else is asked."""
    if isinstance(error, OverBudget):
        if policy.over_budget == "refuse":
            raise error
    elif error.outcome is Outcome.FILTERED and policy.filtered == "stop":
        raise Filtered(asking.attempts) from error
