"""One place through which every query goes: engines, transactions and the tenant filter.

A transaction is a plain function of a session. It runs in a thread of its own from beginning to end,
commits when it returns and rolls back when it raises, so nothing can be awaited in the middle of one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import (
    ClauseElement,
    Connection,
    Dialect,
    Engine,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, configure_mappers, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.util import LRUCache
from sqlmodel import Session, SQLModel

from .models import DEFAULT_TENANT, TenantRow
from .statements import fetch
from .turns import Turns

BUSY_TIMEOUT_MS = 30_000
# SQLite's own 2 MB do not hold what one page of a long queue reads: it would be fetched anew for each page.
_CACHE_KIB = 16 * 1024
_PRAGMAS = {
    "journal_mode": "WAL",
    "foreign_keys": "ON",
    "busy_timeout": BUSY_TIMEOUT_MS,
    "cache_size": -_CACHE_KIB,
}
# So often a transaction is done again that the server ended to solve a deadlock, PostgreSQL's 40P01.
DEADLOCKS = 3
_DEADLOCK = "40P01"
# A statement is the same for every file, and for readers and the writer: it is compiled once, by one dialect.
_COMPILED: LRUCache[Any, Any] = LRUCache(1000)
LINK = {
    "connect_timeout": 10,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4_000,
}
"""For every connection to PostgreSQL: nobody waits for ever for an answer over a link that is cut, and a
worker that lost its place by it can stop what it runs.
"""

P = ParamSpec("P")
T = TypeVar("T")


class LeaseLost(Exception):
    """Another worker has the run by now: this one may write nothing more of it."""


@dataclass(frozen=True)
class Fence:
    """The claim of a run under which a worker writes. Each claim is another: `attempts` counts them."""

    run_id: str
    owner: str
    attempts: int


class TenantSession(Session):
    """A session that sees one tenant's rows; its tenant stands in `info["tenant"]`."""


@event.listens_for(TenantSession, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    parts = visitors.iterate(cast(ClauseElement, state.statement))
    tables = {part.name for part in parts if isinstance(part, Table)}
    criteria = (_only(table, state.session.info["tenant"]) for table in tables if table in _owned())
    state.statement = state.statement.options(*criteria)


@event.listens_for(TenantSession, "before_flush")
def _stamp_tenant(session: Session, context: UOWTransaction, instances: Any) -> None:
    for row in (*session.new, *session.dirty):
        if isinstance(row, TenantRow):
            row.tenant_id = session.info["tenant"]


@cache
def _only(table: str, tenant: str) -> LoaderCriteriaOption:
    # A criterion a table: SQLModel's base class has no column for one criterion over all of them.
    row = _owned()[table]
    # The lambda is asked once for each alias; a plain expression would filter the first table twice.
    return with_loader_criteria(row, lambda entity: entity.tenant_id == tenant, include_aliases=True)


@cache
def _owned() -> dict[str, type[TenantRow]]:
    return {str(row.__tablename__): row for row in _subclasses(TenantRow) if hasattr(row, "__table__")}


def _subclasses(kind: type[TenantRow]) -> Iterator[type[TenantRow]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


class Database:
    """The engines and threads of one database, `sqlite:///path/to/file` or `postgresql://…`.

    SQLite has one writer, so writers queue for the one writing thread and not on the file's lock.
    """

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        # Rows come without the mapper too (memory.rows), which is else made ready by the first query with it.
        configure_mappers()
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
            self._reader = _sqlite_engine(url, begin="BEGIN", pool_size=pool_size)
            self.writing = Turns(1, "artel-write")
        else:
            self.engine = create_engine(
                make_url(url).set(drivername="postgresql+psycopg"),
                pool_size=2 * pool_size,
                max_overflow=0,
                # The same few connections are used again, so that what is prepared on them is.
                pool_use_lifo=True,
                connect_args=LINK,
            )
            event.listen(self.engine, "do_connect", self._introduce)
            # Each query sees what is committed by then, in a transaction or not: so no round trips for one.
            self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self.writing = Turns(pool_size, "artel-write")
        self._hasty = self.engine.execution_options(hasty=True)
        self._name: str | None = None
        self._reading = Turns(pool_size, "artel-read")
        self.telling: Telling = Telling()

    async def write(
        self, tenant: str, fence: Fence | None, work: Callable[[TenantSession], T], *, hasty: bool = False
    ) -> T:
        call = partial(self._commit, self._hasty if hasty else self.engine, tenant, fence, work)
        result, told = await self.writing.ask(call)
        if told:
            self.telling.committed(told)
        return result

    async def read(
        self, tenant: str, work: Callable[Concatenate[TenantSession, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        call = partial(self._look, tenant, lambda session: work(session, *args, **kwargs))
        return await self._reading.ask(call)

    def call_itself(self, name: str) -> None:
        """From now on the server knows connections by this name, so that others can end them."""
        self._name = name
        if not self.is_sqlite:
            self.engine.dispose()

    def _introduce(self, dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
        if self._name is not None:
            options["application_name"] = self._name

    def close(self) -> None:
        self.writing.close()
        self._reading.close()
        self.engine.dispose()
        self._reader.dispose()

    def _commit(
        self, engine: Engine, tenant: str, fence: Fence | None, work: Callable[[TenantSession], T]
    ) -> tuple[T, Sequence[Any]]:
        """A transaction that the server gave up, so that another could go on, has left nothing: it is done
        again."""
        for _ in range(DEADLOCKS):
            try:
                return self._once(engine, tenant, fence, work)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                    raise
        return self._once(engine, tenant, fence, work)

    def _once(
        self, engine: Engine, tenant: str, fence: Fence | None, work: Callable[[TenantSession], T]
    ) -> tuple[T, Sequence[Any]]:
        with _session(engine, tenant) as session, session.begin():
            if fence is not None:
                _check(session, fence)
            result = work(session)
            told = session.info.get("told", ())
            if told:
                self.telling.committing(session.connection(), told)
            return result, told

    def _look(self, tenant: str, work: Callable[[TenantSession], T]) -> T:
        with _session(self._reader, tenant) as session:
            return work(session)


@dataclass
class Telling:
    """What becomes of the notices of a transaction: see memory.notices and memory.cluster.

    committing: called in the transaction, in its thread; committed: called after it, in the event loop.
    """

    committing: Callable[[Connection, Sequence[Any]], None] = lambda connection, notices: None
    committed: Callable[[Sequence[Any]], None] = lambda notices: None


@dataclass(frozen=True)
class Memory:
    """A database seen by one tenant. Agents and services are handed this, never the database.

    With a fence every write first makes sure, in its transaction, that the run is still the worker's. A hasty
    write to a SQLite file does not wait for the disk; a later one that does carries it there.
    """

    database: Database
    tenant: str = DEFAULT_TENANT
    fence: Fence | None = None
    hasty: bool = False

    async def write(
        self, work: Callable[Concatenate[TenantSession, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(session, …)` as one transaction that may change rows. Errors: LeaseLost."""
        return await self.database.write(
            self.tenant, self.fence, lambda session: work(session, *args, **kwargs), hasty=self.hasty
        )

    async def read(
        self, work: Callable[Concatenate[TenantSession, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(session, …)`, which changes nothing. SQLite shows one snapshot to all its queries."""
        return await self.database.read(self.tenant, work, *args, **kwargs)


def _check(session: TenantSession, fence: Fence) -> None:
    """Held until the transaction ends: whoever takes the run over waits for it."""
    claim = {"run": fence.run_id, "owner": fence.owner, "attempts": fence.attempts}
    if not fetch(session.connection(), _held(), claim):
        raise LeaseLost(f"run {fence.run_id} is not {fence.owner}'s any more")


@cache
def _held() -> Select[Any]:
    run = SQLModel.metadata.tables["run"]
    held = (run.c.id == bindparam("run"), run.c.owner == bindparam("owner"))
    attempt = run.c.attempts == bindparam("attempts")
    return select(run.c.id).where(*held, attempt, run.c.status == "running").with_for_update(read=True)


def _session(engine: Engine, tenant: str) -> TenantSession:
    return TenantSession(engine, expire_on_commit=False, info={"tenant": tenant})


@cache
def _dialect() -> Dialect:
    engine = create_engine("sqlite://")
    # A dialect learns at its first connection what the library can.
    engine.connect().close()
    return engine.dialect


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=0, execution_options={"compiled_cache": _COMPILED}
    )
    engine.dialect = _dialect()

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        # The driver must not open transactions of its own: "begin" below says when and which kind.
        connection.isolation_level = None
        for name, value in _PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # It holds for the connection, so each transaction says it anew.
        level = "NORMAL" if connection.get_execution_options().get("hasty") else "FULL"
        cast(sqlite3.Connection, connection.connection.driver_connection).execute(
            f"PRAGMA synchronous={level}"
        )
        connection.exec_driver_sql(begin)

    return engine
