"""A tenant sees, changes and removes nothing of another one, in every table, on both backends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import ColumnElement, delete, exists, func, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from memory.db import Database, Memory, TenantSession
from memory.models import Company, Feed, Identified, Mention, Partnership, Signal, Tenant, TenantRow
from memory.rows import change, find, insert, insert_missing
from tests.fakes.postgres import fresh_database
from tests.fakes.rows import NOW, rows

Ask = Callable[[TenantSession], list[Any]]

TABLES = sorted(
    (mapper.class_ for mapper in SQLModel._sa_registry.mappers if issubclass(mapper.class_, TenantRow)),
    key=lambda kind: kind.__name__,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two tenants with the same rows, whose ids begin with `ours-` and `theirs-`. No test changes them."""
    with fresh_database(request.param, request, tmp_path_factory.mktemp("tenants")) as url:
        database = Database(url)
        with TenantSession(database.engine, info={"tenant": "default"}) as session, session.begin():
            session.add_all([Tenant(id="ours", name="Ours"), Tenant(id="theirs", name="Theirs")])
        for tenant in ("ours", "theirs"):
            with TenantSession(database.engine, info={"tenant": tenant}) as session, session.begin():
                for row in rows(f"{tenant}-"):
                    session.add(row)
                    session.flush()
        yield database
        database.close()


@pytest.fixture(scope="module")
def ours(database: Database) -> Memory:
    return Memory(database, "ours")


@pytest.fixture(scope="module")
def theirs(database: Database) -> Memory:
    return Memory(database, "theirs")


def test_the_rows_cover_every_table() -> None:
    assert {type(row) for row in rows()} == set(TABLES)


@pytest.mark.parametrize("kind", TABLES)
async def test_only_our_rows_are_seen(ours: Memory, kind: type[Identified]) -> None:
    seen = await ours.read(lambda session: session.exec(select(kind)).all())
    ids = await ours.read(lambda session: session.exec(select(kind.id)).all())
    counted = await ours.read(lambda session: session.exec(select(func.count()).select_from(kind)).one())
    assert [row.tenant_id for row in seen] == ["ours"] * len(_stored("ours", kind))
    assert sorted(ids) == _stored("ours", kind)
    assert counted == len(ids)


@pytest.mark.parametrize("kind", TABLES)
async def test_their_row_is_not_found_by_its_id(ours: Memory, theirs: Memory, kind: type[Identified]) -> None:
    id = _stored("theirs", kind)[0]
    assert await ours.read(lambda session: session.get(kind, id)) is None
    assert await ours.read(find, kind, {"id": id}) is None
    assert await theirs.read(find, kind, {"id": id}) == await theirs.read(lambda s: s.get(kind, id))
    assert await ours.read(lambda session: session.get(kind, id, with_for_update=True)) is None
    assert await theirs.read(lambda session: session.get(kind, id)) is not None


@pytest.mark.parametrize("kind", TABLES)
async def test_their_rows_are_not_updated(ours: Memory, theirs: Memory, kind: type[Identified]) -> None:
    id = _stored("theirs", kind)[0]

    def touch(session: TenantSession, *where: ColumnElement[bool]) -> int:
        touched = session.exec(update(kind).where(*where).values(id=kind.id)).rowcount
        session.rollback()
        return touched

    named = col(kind.id) == id
    assert await ours.write(touch, named) == 0
    assert await ours.write(change, kind, {"id": id}, {"id": id}) == 0
    assert await ours.write(touch) == len(_stored("ours", kind))
    assert await theirs.write(touch, named) == 1


@pytest.mark.parametrize("kind", TABLES)
async def test_their_rows_are_not_deleted(ours: Memory, kind: type[Identified]) -> None:
    id = _stored("theirs", kind)[0]
    removed = await ours.write(lambda session: session.exec(delete(kind).where(col(kind.id) == id)).rowcount)
    assert removed == 0


@pytest.mark.parametrize("plain", [False, True], ids=["by the mapper", "by a plain statement"])
@pytest.mark.parametrize("kind", TABLES)
async def test_a_row_is_stamped_with_the_tenant_who_writes_it(
    ours: Memory, kind: type[Identified], plain: bool
) -> None:
    def store(session: TenantSession) -> list[str]:
        made = rows("new-")
        for row in made:
            row.tenant_id = "theirs"
            _make_unique(row)
            if plain:
                insert(session, row)
            else:
                session.add(row)
                session.flush()
        stamped = [row.tenant_id for row in made if type(row) is kind]
        session.rollback()
        return stamped

    assert set(await ours.write(store)) == {"ours"}


async def test_a_bulk_insert_is_stamped_too(ours: Memory) -> None:
    def store(session: TenantSession) -> list[str]:
        feed = {"id": "new-feed", "url": "https://new.test/rss", "created_at": NOW, "active": True}
        insert_missing(session, Feed, [feed | {"tenant_id": "theirs"}])
        stamped = session.exec(select(Feed.tenant_id).where(Feed.id == "new-feed")).all()
        session.rollback()
        return list(stamped)

    assert await ours.write(store) == ["ours"]


async def test_a_row_is_not_given_to_another_tenant(ours: Memory) -> None:
    def give(session: TenantSession) -> str:
        feed = session.exec(select(Feed)).one()
        feed.tenant_id = "theirs"
        session.flush()
        kept = feed.tenant_id
        session.rollback()
        return kept

    assert await ours.write(give) == "ours"


def _joined(session: TenantSession) -> list[Any]:
    pairs = select(Signal.id, Company.id).join(Company, col(Signal.company_id) == Company.id)
    return [id for pair in session.exec(pairs) for id in pair]


def _in_a_subquery(session: TenantSession) -> list[Any]:
    named = select(Mention.company_id)
    return list(session.exec(select(Company.id).where(col(Company.id).in_(named))))


def _from_a_subquery(session: TenantSession) -> list[Any]:
    inner = select(Company.id).subquery()
    return list(session.exec(select(inner.c.id)))


def _in_a_common_table(session: TenantSession) -> list[Any]:
    inner = select(Company.id).cte()
    return list(session.exec(select(inner.c.id)))


def _in_a_union(session: TenantSession) -> list[Any]:
    both = select(Company.id).union_all(select(Partnership.id))
    return list(session.execute(both).scalars())


def _by_an_alias(session: TenantSession) -> list[Any]:
    other = aliased(Company)
    pairs = select(Company.id, other.id).join(other, col(Company.id) != other.id)
    return [id for pair in session.exec(pairs) for id in pair]


def _as_a_value(session: TenantSession) -> list[Any]:
    largest = select(func.max(Company.id)).scalar_subquery()
    return list(session.exec(select(largest)))


@pytest.mark.parametrize(
    "ask",
    [
        _joined,
        _in_a_subquery,
        _from_a_subquery,
        _in_a_common_table,
        _in_a_union,
        _by_an_alias,
        _as_a_value,
    ],
)
async def test_no_form_of_question_reaches_their_rows(ours: Memory, theirs: Memory, ask: Ask) -> None:
    assert {str(id).partition("-")[0] for id in await ours.read(ask)} == {"ours"}
    assert {str(id).partition("-")[0] for id in await theirs.read(ask)} == {"theirs"}


async def test_whether_a_row_of_theirs_exists_is_not_told(ours: Memory, theirs: Memory) -> None:
    question = select(exists().where(col(Company.id) == "theirs-alpha"))
    assert await ours.read(lambda session: session.exec(question).one()) is False
    assert await theirs.read(lambda session: session.exec(question).one()) is True


def _stored(tenant: str, kind: type[Identified]) -> list[str]:
    return sorted(row.id for row in rows(f"{tenant}-") if isinstance(row, kind))


def _make_unique(row: TenantRow) -> None:
    """Another key than the stored row of the tenant has."""
    for field in ("slug", "inn", "key", "url", "fingerprint", "name", "thread_id", "login", "digest"):
        if getattr(row, field, None):
            setattr(row, field, None if field == "inn" else f"new-{getattr(row, field)}")
