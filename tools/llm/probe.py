"""Whether a provider answers: one short question by each of its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.messages import HumanMessage

from .call import Call, CallFailed, Key, Provider, Region
from .outcome import Outcome
from .tape import TapeMiss

_QUESTION = Call([HumanMessage("Ответь одним словом: да.")], max_tokens=20)
TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Probe:
    """What came of the question. key: its name and last letters; seconds: until the answer or the failure."""

    provider: str
    region: Region
    model: str
    key: str
    outcome: Outcome
    seconds: float
    message: str = ""


async def probe(provider: Provider, model: str, key: Key, monotonic: Callable[[], float]) -> Probe:
    began = monotonic()
    outcome, message = Outcome.OK, ""
    try:
        outcome = (await provider.ask(model, key, _QUESTION, TIMEOUT_S)).outcome
    except CallFailed as error:
        outcome, message = error.outcome, error.message
    except TapeMiss as miss:
        outcome, message = Outcome.UNAVAILABLE, str(miss)
    seconds = monotonic() - began
    why = message.removeprefix(f"{provider.name}/{model}: ")
    return Probe(provider.name, provider.region, model, str(key), outcome, seconds, why)


@dataclass(frozen=True)
class Offer:
    """What a vendor offers to a key, as far as it tells; outcome, message: what came of asking it."""

    provider: str
    region: Region
    models: Sequence[str]
    outcome: Outcome = Outcome.OK
    message: str = ""


async def offer(provider: Provider, key: Key) -> Offer:
    try:
        return Offer(provider.name, provider.region, tuple(await provider.models(key, TIMEOUT_S)))
    except CallFailed as error:
        why = error.message.removeprefix(f"{provider.name}/models: ")
        return Offer(provider.name, provider.region, (), error.outcome, why)
