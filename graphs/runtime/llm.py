"""What agents ask models through: providers, policies, money, templates, as the settings say."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import prompts
from memory.db import Memory
from tools.llm.offline import Offline
from tools.llm.policy import Policies
from tools.llm.probe import Offer, Probe, offer, probe
from tools.llm.prompted import Prompted
from tools.llm.router import Router

from .models import USUAL, Models, open_providers, policies_of, prices_of
from .settings import Settings
from .spending import Spending


@dataclass(frozen=True)
class Llm:
    """prompted: what agents ask; router: what answers them; the rest is for operators."""

    prompted: Prompted
    router: Router
    models: Models
    policies: Policies
    spending: Spending

    async def check(self) -> list[Probe]:
        """One question by each key of each provider, to the model of it that a policy names first."""
        asked = [
            probe(provider, self._first(name), key, time.monotonic)
            for name, (provider, door) in self.models.opened.items()
            for key in door.keys
        ]
        return list(await asyncio.gather(*asked))

    async def offered(self) -> list[Offer]:
        opened = self.models.opened.values()
        return list(await asyncio.gather(*(offer(provider, door.keys[0]) for provider, door in opened)))

    def _first(self, provider: str) -> str:
        named = (name.partition("/") for name in self.policies.models())
        return next((model for of, _, model in named if of == provider), USUAL[provider])


class Llms:
    """Each tenant's own: the same providers and policies, with the tenant's money."""

    def __init__(self, make: Callable[[Memory], Llm]) -> None:
        self._make = make
        self._made: dict[str, Llm] = {}

    def of(self, memory: Memory) -> Llm:
        if memory.tenant not in self._made:
            self._made[memory.tenant] = self._make(memory)
        return self._made[memory.tenant]

    async def aclose(self) -> None:
        for llm in self._made.values():
            await llm.spending.aclose()


@asynccontextmanager
async def open_llms(
    settings: Settings, clock: Callable[[], datetime], new_id: Callable[[], str]
) -> AsyncIterator[Llms]:
    """Errors: StartError for a policy, a price or a key that cannot be used."""
    zone, prices = ZoneInfo(settings.timezone), prices_of(settings)
    policies = policies_of(settings, prices, clock().date())
    cap = settings.llm_budget_rub or None
    async with open_providers(settings, new_id, time.monotonic) as opened:
        models = Models(opened, prices, lambda: clock().astimezone(zone).date(), time.monotonic)
        chance = random.Random().random  # noqa: S311 - jitter
        templates = Offline(prompts.OFFLINE_TEMPLATES)

        def of(memory: Memory) -> Llm:
            spending = Spending(memory, cap=cap, zone=zone, clock=clock, new_id=new_id)
            router = Router(models, policies, spending, monotonic=time.monotonic, chance=chance)
            prompted = Prompted(router, templates, new_id, prompts.load)
            return Llm(prompted, router, models, policies, spending)

        async with aclosing(Llms(of)) as llms:
            yield llms
