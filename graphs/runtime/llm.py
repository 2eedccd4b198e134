"""What agents ask models through: providers, policies, money, templates, as the settings say."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from memory.db import Memory
from prompts import OFFLINE_TEMPLATES
from tools.llm.offline import Offline
from tools.llm.prompted import Prompted
from tools.llm.router import Router

from .models import Models, open_providers, policies_of, prices_of
from .settings import Settings
from .spending import Spending

log = structlog.get_logger()


@asynccontextmanager
async def open_llm(
    settings: Settings, memory: Memory, clock: Callable[[], datetime], new_id: Callable[[], str]
) -> AsyncIterator[Prompted]:
    """Errors: StartError for a policy, a price or a key that cannot be used."""
    zone, prices = ZoneInfo(settings.timezone), prices_of(settings)
    policies = policies_of(settings, prices, clock().date())
    cap = settings.llm_budget_rub or None
    spending = Spending(memory, cap=cap, zone=zone, clock=clock, new_id=new_id)
    async with open_providers(settings, new_id, time.monotonic) as opened:
        if not opened:
            log.info("no model has a key: letters are filled from templates")
        models = Models(opened, prices, lambda: clock().astimezone(zone).date(), time.monotonic)
        chance = random.Random().random  # noqa: S311 - jitter
        router = Router(models, policies, spending, monotonic=time.monotonic, chance=chance)
        try:
            yield Prompted(router, Offline(OFFLINE_TEMPLATES), new_id)
        finally:
            await spending.aclose()
