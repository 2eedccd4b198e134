"""The API over the services: routes, problems, limits, and who may come in."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import Scope

from graphs.runtime.people.rights import owner
from graphs.runtime.services import Services
from tools.llm.residency import Detector

from . import langgraph
from .addresses import PREFIX
from .auth import LOCAL_HOSTS, Guard
from .limits import CSV_BYTES, JSON_BYTES, BodyLimit
from .openapi import DESCRIPTION, PROBLEMS, describe
from .pages import add_pages
from .pages.answering import refused
from .privacy import Discretion, Privacy
from .problems import handle
from .rates import Rates
from .rights import allowed
from .routes import (
    audit,
    companies,
    deals,
    feeds,
    health,
    invitations,
    keys,
    limits,
    llm,
    oidc,
    partnerships,
    reviews,
    runs,
    schedules,
    signing,
    tokens,
    usage,
    users,
)

EXPOSED = [
    *("Location", "Content-Location", "X-Pagination-Total", "X-Pagination-Next", "Retry-After"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
]
# What is asked without anybody asking for it: by balancers, by a page for its parts and for what changes.
FREE = ("/healthz", "/readyz", "/static/", "/queue/live", "/queue/row/", "/queue/card/", "/queue/claim")


def create_app(services: Services, hosts: Collection[str] = ()) -> FastAPI:
    """The API of running services. `hosts` are names it is reached by, beside those of this machine.

    `app.state.closing` is an event: set it, and open streams end.
    """
    rights = [Depends(allowed)]
    app = FastAPI(
        title="Artel", version="1", description=DESCRIPTION, redirect_slashes=False, dependencies=rights
    )
    app.state.services = services
    app.state.closing = asyncio.Event()
    app.state.discretion = Discretion(Detector())
    app.mount(langgraph.PREFIX, langgraph.router(rights))
    # With a prefix FastAPI does not build every route to look for an empty path.
    app.include_router(_routes(), prefix=PREFIX)
    for router in (health.router, signing.router, invitations.door, oidc.router, tokens.well_known):
        app.include_router(router)
    add_pages(app)
    app.add_middleware(BodyLimit, default=JSON_BYTES, paths={f"{PREFIX}/companies/import": CSV_BYTES})
    app.add_middleware(Privacy, discretion=app.state.discretion)
    app.add_middleware(
        Guard,
        door=services.entrance.door,
        owner=owner(services.settings.lang),
        token=services.token,
        hosts={*LOCAL_HOSTS, services.settings.host, *hosts, *_public(services.settings.public_url)},
        prefixes=(f"{PREFIX}/", f"{langgraph.PREFIX}/"),
        refuse=refused,
        open=(f"{langgraph.PREFIX}/ok",),
        rates=_rates(services),
        free=FREE,
    )
    if origins := [origin.strip() for origin in services.settings.cors_origins.split(",") if origin.strip()]:
        # The outermost: a browser asks before it sends a token.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    handle(app)
    describe(app, PREFIX)
    return app


class _Native(APIRouter):
    """FastAPI holds a request against all the routes of a router. This one is for its own addresses only."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["path"].startswith(PREFIX) else (Match.NONE, {})


def _routes() -> APIRouter:
    router = _Native(responses=PROBLEMS)
    data = (runs, reviews, companies, partnerships, feeds, schedules, deals, llm, usage)
    for module in (*data, audit, users, invitations, limits, keys, tokens):
        router.include_router(module.router)
    return router


def _rates(services: Services) -> Rates | None:
    a_minute = services.settings.rate_per_minute
    return Rates(a_minute, services.entrance.monotonic) if a_minute else None


def _public(url: str) -> list[str]:
    """The host by which people reach the server, when it has one."""
    host = urlsplit(url).hostname
    return [host] if host else []
