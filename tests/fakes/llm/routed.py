"""A router over the real SDKs and the fake vendors, and what its ledger was told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from tools.llm import catalogue
from tools.llm.asking import Model
from tools.llm.attempt import Attempt
from tools.llm.breaker import Breaker
from tools.llm.call import Key, Provider
from tools.llm.door import Door, Limit
from tools.llm.errors import OverBudget
from tools.llm.policy import Policies
from tools.llm.question import Asker, Question
from tools.llm.router import Router

from .script import Script
from .vendors import Vendor

TODAY = date(2026, 11, 20)
PRICES = catalogue.load()
ASKER = Asker("outreach", "thread-1")


class City(BaseModel):
    name: str
    people: int


def asks(text: str = "Какой город?", schema: type[BaseModel] | None = City) -> Question:
    return Question([HumanMessage(text)], ASKER, schema)


@dataclass
class Purse:
    """A ledger that remembers; `left`: roubles that may still be set aside."""

    left: float = 1e9
    settled: list[tuple[Attempt, float, float]] = field(default_factory=list)

    async def reserve(self, asker: Asker, rub: float, cap: float | None) -> float:
        if rub > self.left:
            raise OverBudget(f"{self.left:.2f} ₽ are left, the call may cost {rub:.2f} ₽")
        self.left -= rub
        return rub

    def settle(self, asker: Asker, attempt: Attempt, reserved: float, cost: float) -> None:
        self.left += reserved - cost
        self.settled.append((attempt, reserved, cost))


@dataclass
class Routed:
    router: Router
    purse: Purse
    scripts: Mapping[str, Script]
    models: Mapping[str, Model]

    def answered(self) -> list[str]:
        """Provider and outcome of each call that was made, in order."""
        return [f"{it.provider} {it.outcome}" for it, *_ in self.purse.settled if it.asked]


@asynccontextmanager
async def routed(
    vendors: Sequence[Vendor],
    *,
    limit: Limit = Limit(100),
    stall_s: float = 5.0,
    agents: Mapping[str, Any] = MappingProxyType({}),
    **policy: Any,
) -> AsyncIterator[Routed]:
    """A router that asks the vendors in this order, unless the policy (of everybody, or of one of `agents`)
    says otherwise."""
    async with AsyncExitStack() as stack:
        providers = []
        for vendor in vendors:
            providers.append((vendor, vendor.open(stall_s)))
            stack.push_async_callback(providers[-1][1].aclose)
        yield over(providers, limit=limit, agents=agents, **policy)


def over(
    providers: Sequence[tuple[Vendor, Provider]],
    *,
    limit: Limit = Limit(100),
    agents: Mapping[str, Any] = MappingProxyType({}),
    **policy: Any,
) -> Routed:
    """The same over providers that are open already, with doors and breakers of its own."""
    models = {f"{vendor.name}/{vendor.model}": _model(vendor, it, limit) for vendor, it in providers}
    told = {"steps": tuple(models), "retries": 0, **policy}
    of_agents = {name: {**told, **own} for name, own in agents.items()}
    policies, purse = Policies.model_validate({"default": told, "agents": of_agents}), Purse()
    router = Router(
        lambda provider, name: models.get(f"{provider}/{name}"),
        policies,
        purse,
        monotonic=time.monotonic,
        chance=lambda: 0.0,
    )
    return Routed(router, purse, {vendor.name: vendor.script for vendor, _ in providers}, models)


def _model(vendor: Vendor, provider: Provider, limit: Limit) -> Model:
    vendor.script.reset()
    door = Door([vendor.key, Key("second", vendor.key.secret)], limit, time.monotonic)
    card = PRICES.card(vendor.name, vendor.model, TODAY)
    return Model(provider, vendor.model, door, Breaker(time.monotonic), card)
