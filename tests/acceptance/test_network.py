"""Three machines, as network namespaces: a database and two workers. A cable is cut, and mended."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import select

from graphs.runtime.services import Services
from graphs.runtime.settings import Settings
from memory.db import TenantSession
from memory.models import Member
from tests.fakes.postgres import fresh_postgres, kept_server
from tests.fakes.workshop import PATIENCE_S, begun, desk, ended, entered, journal, laborer

# What users get: a worker must find out that its server is away before it has passed.
LEASE_S = Settings().lease_s


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Host:
    """A network namespace with a cable to the hub."""

    name: str
    cable: str
    gateway: str


class Hub:
    """The machine in the middle, with a cable to each other one."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.name = name
        self._stack = stack
        self._namespace(name)

    def connect(self, number: int) -> Host:
        host = Host(f"{self.name}-{number}", f"to{number}", f"10.77.{number}.1")
        self._namespace(host.name)
        ip("-n", self.name, "link", "add", host.cable, "type", "veth", "peer", "eth0", "netns", host.name)
        ip("-n", self.name, "address", "add", f"{host.gateway}/24", "dev", host.cable)
        ip("-n", host.name, "address", "add", f"10.77.{number}.2/24", "dev", "eth0")
        ip("-n", host.name, "link", "set", "eth0", "up")
        self.set(host, "up")
        return host

    def set(self, host: Host, state: str) -> None:
        ip("-n", self.name, "link", "set", host.cable, state)

    def _namespace(self, name: str) -> None:
        ip("netns", "add", name)
        self._stack.callback(ip, "netns", "delete", name)
        ip("-n", name, "link", "set", "lo", "up")


@contextmanager
def hub() -> Iterator[tuple[Hub, Host, Host]]:
    with ExitStack() as stack:
        try:
            middle = Hub(f"artel-{uuid4().hex[:8]}", stack)
            hosts = (middle.connect(1), middle.connect(2))
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"network namespaces cannot be made here: {error}")
        yield middle, *hosts


def at(address: str, url: str) -> str:
    """The database of a socket's URL as other machines reach it."""
    reached = make_url(url).set(host=address, port=5432, query={})
    return reached.render_as_string(hide_password=False)


async def test_what_a_cut_cable_takes_away_goes_on_elsewhere(tmp_path: Path) -> None:
    with (
        hub() as (middle, here, there),
        kept_server(listen="0.0.0.0", inside=["ip", "netns", "exec", middle.name]) as keeper,
        fresh_postgres(keeper.url) as url,
    ):
        async with (
            desk(url, tmp_path, lease_s=LEASE_S) as services,
            laborer(at(here.gateway, url), tmp_path, namespace=here.name, lease_s=LEASE_S) as one,
            laborer(at(there.gateway, url), tmp_path, namespace=there.name, lease_s=LEASE_S) as two,
        ):
            run, first = await begun(services, tmp_path)
            lost = (await services.runs.get(run.id)).owner
            cut = here if one.pid == first else there
            middle.set(cut, "down")
            second = (await entered(tmp_path, 2))[1]
            held = await services.runs.get(run.id)
            # A worker that cannot stop what it runs ends itself after as long.
            await asyncio.sleep(LEASE_S)
            middle.set(cut, "up")
            await back(services, first, lost)
            done = await ended(services, run, tmp_path)
            assert {first, second} == {one.pid, two.pid}
            assert (done.status, done.owner, done.attempts) == ("done", held.owner, 2)
            assert journal(tmp_path) == [("in", first), ("out", first), ("in", second), ("out", second)]


async def back(services: Services, pid: int, lost: str | None) -> None:
    """Until the process has joined again, as another member than the one that it was."""
    async with asyncio.timeout(PATIENCE_S):
        while not await services.memory.read(members, pid) - {lost}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def members(session: TenantSession, pid: int) -> set[str]:
    return {*session.exec(select(Member.id).where(Member.pid == pid))}
