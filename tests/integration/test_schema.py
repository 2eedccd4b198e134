"""The schema on both backends: how a database comes to it, and what the database itself refuses."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import CheckConstraint, Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, select

from memory.db import Database, Memory, TenantSession
from memory.models import (
    ApiKey,
    ApprovalLimit,
    Company,
    Decision,
    Delivery,
    Draft,
    Effect,
    Endorsement,
    Feed,
    Mention,
    Partnership,
    Review,
    ReviewClaim,
    Run,
    SavedView,
    Schedule,
    Signal,
    TenantRow,
    Thread,
    User,
    Workcopy,
)
from memory.schema import DatabaseUnavailable, SchemaTooNew, config, upgrade
from tests.fakes.postgres import ROOT, bare_database, fresh_postgres
from tests.fakes.rows import NOW, company, rows

Row = tuple[type[TenantRow], dict[str, Any]]

# What each CHECK of the database must refuse: its name -> the table and the fields that break it.
BROKEN: dict[str, Row] = {
    "inn_digits": (Company, {"inn": "77362075431"}),
    "ogrn_digits": (Company, {"ogrn": "10277002291931"}),
    "kpp_length": (Company, {"kpp": "7736010"}),
    "business_model": (Company, {"business_model": "C2C"}),
    "staff_count": (Company, {"staff_count": -1}),
    "funding_total": (Company, {"funding_total_rub": -1}),
    "founded_year": (Company, {"founded_year": 1066}),
    "signal_type": (Signal, {"type": "rumour"}),
    "amount": (Signal, {"amount_rub": -1}),
    "score_range": (Partnership, {"score": 1.5}),
    "confidence_range": (Partnership, {"confidence": -0.1}),
    "probability_range": (Partnership, {"probability": 1.01}),
    "partnership_status": (Partnership, {"status": "married"}),
    "outcome": (Partnership, {"outcome": "draw"}),
    "value": (Partnership, {"value_rub": -1}),
    "run_status": (Run, {"status": "asleep"}),
    "run_trigger": (Run, {"trigger": "whim"}),
    "run_cancel": (Run, {"cancel": "perhaps"}),
    "thread_status": (Thread, {"status": "asleep"}),
    "delivery_status": (Delivery, {"status": "lost"}),
    "review_status": (Review, {"status": "lost"}),
    "review_kind": (Review, {"kind": "quiz"}),
    "decision_type": (Decision, {"type": "shrug"}),
    "draft_version": (Draft, {"version": 0}),
    "draft_lang": (Draft, {"lang": "de"}),
    "draft_style": (Draft, {"style": "rude"}),
    "effect_status": (Effect, {"status": "maybe"}),
    "effect_kind": (Effect, {"kind": "spell"}),
    "user_lang": (User, {"lang": "de"}),
    "approval_limit": (ApprovalLimit, {"rub": -1}),
}
LETTERS = {"inn": "773620754A", "ogrn": "102770022919A"}
PAIR: dict[str, Row] = {
    "equal": (Partnership, {"company_b_id": "alpha"}),
    "unordered": (Partnership, {"company_a_id": "beta", "company_b_id": "alpha"}),
}
# A second row like the first: what must differ by the key alone is taken away, the id is another.
TWICE: dict[str, Row] = {
    "company slug": (Company, {"inn": None}),
    "company INN": (Company, {"slug": "other"}),
    "feed address": (Feed, {}),
    "mention in an article": (Mention, {}),
    "pair": (Partnership, {}),
    "run key": (Run, {"thread_id": "other"}),
    "draft version of a thread": (Draft, {}),
    "review of an interrupt": (Review, {}),
    "decision on a review": (Decision, {}),
    "unfinished text of a person": (Workcopy, {}),
    "first approval of a person": (Endorsement, {}),
    "claim of a person": (ReviewClaim, {}),
    "view of a person": (SavedView, {}),
    "effect key": (Effect, {}),
    "schedule name": (Schedule, {}),
    "login": (User, {}),
    "API key": (ApiKey, {}),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """A migrated database that no test changes: what they write is refused or rolled back."""
    with bare_database(request.param, request, tmp_path_factory.mktemp("schema")) as url:
        upgrade(url)
        database = Database(url)
        yield Memory(database)
        database.close()


def test_upgrade_twice_changes_nothing(bare_url: str) -> None:
    upgrade(bare_url)
    before = _dump(bare_url)
    upgrade(bare_url)
    assert _dump(bare_url) == before
    assert before["tenant"] == [("default", "Default")]


def test_processes_that_start_together_upgrade_once(bare_url: str) -> None:
    code = "import sys; from memory.schema import upgrade; print(flush=True); input(); upgrade(sys.argv[1])"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, bare_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert _dump(bare_url)["tenant"] == [("default", "Default")]


def test_an_upgrade_that_dies_in_the_middle_leaves_nothing(bare_url: str) -> None:
    def die(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "CREATE TABLE partnership" in statement:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            upgrade(bare_url)
    finally:
        event.remove(Engine, "before_cursor_execute", die)
    assert _dump(bare_url) == {}
    upgrade(bare_url)
    assert _dump(bare_url)["tenant"]


def test_migrations_make_what_the_models_say(
    bare_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    upgrade(bare_url)
    with _engine(bare_url).connect() as connection:
        command.check(config(connection))
    backend = make_url(bare_url).get_backend_name()
    (tmp_path / "models").mkdir()
    with bare_database(backend, request, tmp_path / "models") as modelled:
        SQLModel.metadata.create_all(_engine(modelled))
        assert _shape(bare_url) == _shape(modelled)


def test_a_newer_database_is_left_alone(bare_url: str) -> None:
    upgrade(bare_url)
    with _engine(bare_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("DELETE FROM tenant"))
    before = _dump(bare_url)
    with pytest.raises(SchemaTooNew, match="schema 9999, which this Artel does not know"):
        upgrade(bare_url)
    assert _dump(bare_url) == before


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'artel.db'}"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(DatabaseUnavailable) as caught:
            upgrade(url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "artel.db cannot be used: disk I/O error" in str(caught.value)
    upgrade(url)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnavailable, match=r"cannot be used: File exists: .*/file;"):
        upgrade(f"sqlite:///{tmp_path / 'file' / 'artel.db'}")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "artel.db"
    path.write_text("These are my notes, no database.\n" * 100)
    before = path.read_bytes()
    with pytest.raises(DatabaseUnavailable, match="file is not a database"):
        upgrade(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_server_that_is_away_is_one_clear_line_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        upgrade(f"postgresql://artel:hunter2@/artel?host={tmp_path}")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_database_is_one_clear_line(postgres_server: str) -> None:
    with fresh_postgres(postgres_server) as url:
        gone = url
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        upgrade(gone)


async def test_valid_rows_are_taken(shared: Memory) -> None:
    def store(session: TenantSession) -> None:
        _store(session)
        session.rollback()

    await shared.write(store)


@pytest.mark.parametrize("check", BROKEN)
async def test_the_database_refuses_what_breaks_a_check(shared: Memory, check: str) -> None:
    with pytest.raises(IntegrityError, match=rf"\b{check}\b"):
        await shared.write(_store, *BROKEN[check])


def test_every_check_is_known_to_refuse() -> None:
    checks = {
        constraint.name
        for table in SQLModel.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == BROKEN.keys() | {"ordered_and_different"}


@pytest.mark.parametrize("number", LETTERS)
async def test_a_registry_number_holds_only_digits(shared: Memory, number: str) -> None:
    with pytest.raises(IntegrityError, match=f"{number}_digits"):
        await shared.write(_store, Company, {number: LETTERS[number]})


async def test_sums_of_money_may_be_large(shared: Memory) -> None:
    def store(session: TenantSession) -> None:
        _store(session, Company, {"funding_total_rub": 300_000_000_000})
        session.rollback()

    await shared.write(store)


@pytest.mark.parametrize("case", PAIR)
async def test_a_pair_is_two_companies_in_order(shared: Memory, case: str) -> None:
    with pytest.raises(IntegrityError, match="ordered_and_different"):
        await shared.write(_store, *PAIR[case])


@pytest.mark.parametrize("case", TWICE)
async def test_a_key_is_taken_once(shared: Memory, case: str) -> None:
    kind, fields = TWICE[case]

    def store_twice(session: TenantSession) -> None:
        _store(session)
        again = next(row for row in rows() if type(row) is kind)
        session.add(kind(**{**again.model_dump(), "id": "again", **fields}))
        session.flush()

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        await shared.write(store_twice)


async def test_the_inn_of_a_deleted_company_is_free_again(shared: Memory) -> None:
    def store(session: TenantSession) -> None:
        session.add(company("old", inn="7736207543", deleted_at=NOW))
        session.add(company("new", inn="7736207543"))
        session.flush()
        session.rollback()

    await shared.write(store)


async def test_a_thread_has_one_running_run(shared: Memory) -> None:
    def store(session: TenantSession, *statuses: str) -> None:
        for number, each in enumerate(statuses):
            session.add(_run(f"run-{number}", status=each))
        session.flush()
        session.rollback()

    await shared.write(store, "running", "waiting", "done", "failed", "cancelled", "dead", "queued", "queued")
    with pytest.raises(IntegrityError, match=r"(?i)unique.*(thread_id|run_running_thread)"):
        await shared.write(store, "running", "queued", "running")


async def test_a_row_cannot_point_at_nothing(shared: Memory) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await shared.write(_store, Signal, {"company_id": "nobody"})


async def test_times_come_back_aware_and_in_utc(shared: Memory) -> None:
    moscow = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))

    def store(session: TenantSession) -> Company:
        session.add(company("alpha", created_at=moscow))
        session.flush()
        session.expire_all()
        found = session.exec(select(Company)).one()
        session.refresh(found)
        session.expunge(found)
        session.rollback()
        return found

    found = await shared.write(store)
    assert found.created_at == moscow
    assert (found.created_at.tzinfo, found.deleted_at) == (UTC, None)


async def test_a_time_without_a_zone_is_refused(shared: Memory) -> None:
    def store(session: TenantSession) -> None:
        session.add(company("alpha", created_at=datetime(2026, 11, 20)))
        session.flush()

    with pytest.raises(StatementError, match="a time without a zone cannot be stored"):
        await shared.write(store)


def _run(id: str, status: str) -> Run:
    return Run(id=id, thread_id="thread", graph="scout", trigger="person", status=status, created_at=NOW)


def _store(
    session: TenantSession, kind: type[TenantRow] = TenantRow, fields: dict[str, Any] | None = None
) -> None:
    """Every row of `rows()`, the first one of `kind` with other fields."""
    made = rows()
    for name, value in (fields or {}).items():
        setattr(next(row for row in made if type(row) is kind), name, value)
    for row in made:
        session.add(row)
        session.flush()


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(address, poolclass=NullPool)


def _dump(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with _engine(url).connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
            for table in inspect(connection).get_table_names()
        }


def _shape(url: str) -> dict[str, Any]:
    """All that the database tells of our tables, in an order of its own."""
    with _engine(url).connect() as connection:
        seen = inspect(connection)
        return {
            table: {
                "columns": sorted(str(column) for column in seen.get_columns(table)),
                "key": seen.get_pk_constraint(table),
                "checks": sorted(str(check) for check in seen.get_check_constraints(table)),
                "indexes": sorted(_plain(index) for index in seen.get_indexes(table)),
                "unique": sorted(str(unique) for unique in seen.get_unique_constraints(table)),
                "foreign keys": sorted(str(foreign) for foreign in seen.get_foreign_keys(table)),
            }
            for table in SQLModel.metadata.tables
        }


def _plain(index: ReflectedIndex) -> str:
    """As text; the condition of a partial index is a clause, which has no text of its own."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


@pytest.mark.parametrize(("table", "status"), [("run", "waiting"), ("review", "pending")])
def test_a_threads_rows_are_found_by_the_thread(tmp_path: Path, table: str, status: str) -> None:
    """And not among all that wait: SQLite keeps no counts that would tell it which is less."""
    url = f"sqlite:///{tmp_path / 'artel.db'}"
    upgrade(url)
    query = f"SELECT id FROM {table} WHERE tenant_id = 'default' AND thread_id = 't' AND status = '{status}'"
    with create_engine(url, poolclass=NullPool).connect() as connection:
        (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert f"{table}_thread (thread_id=? AND tenant_id=? AND status=?)" in plan.detail
