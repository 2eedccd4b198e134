"""House rules that no linter knows, as checks of the syntax tree. Each is shown to find what it forbids."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import memory.models
from memory.models import Embedding, Member, Tenant, TenantRow

ROOT = Path(__file__).parents[2]
LAYERS = ("agents", "graphs", "tools", "prompts", "memory", "api", "evals")
LONGEST = 40


@dataclass(frozen=True)
class Source:
    """A module: its path from the root of the project, and its tree."""

    path: str
    tree: ast.Module

    def within(self, *places: str) -> bool:
        return any(self.path == place or self.path.startswith(place + "/") for place in places)


def sources() -> list[Source]:
    files = (file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")))
    found = [Source(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files]
    return [source for source in found if not source.within("memory/migrations/versions")]


def names(source: Source) -> Iterator[tuple[str, int]]:
    """Every name that the module imports or uses, in full: `dt.now` after `from datetime import datetime
    as dt` is `datetime.datetime.now`. With its line.
    """
    full: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                full[alias.asname or alias.name] = module + alias.name
                yield module + alias.name, node.lineno
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            if first in full:
                yield f"{full[first]}.{rest}".rstrip("."), node.lineno


def _uses(source: Source, *forbidden: str) -> Iterator[int]:
    for name, line in names(source):
        if any(name == word or name.startswith(word + ".") for word in forbidden):
            yield line


def only_settings_read_the_environment(source: Source) -> Iterator[int]:
    if not source.within("graphs/runtime/settings.py"):
        yield from _uses(source, "os.environ", "os.environb", "os.getenv", "pydantic_settings")


def time_and_chance_are_passed_in(source: Source) -> Iterator[int]:
    if not source.within("graphs/runtime", "api/cli", "api/cli.py", "evals"):
        now = ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today")
        clocks = (*now, "datetime.date.today", "time.time", "time.time_ns", "time.monotonic")
        yield from _uses(source, *clocks, "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "random", "numpy.random")


def nobody_sleeps(source: Source) -> Iterator[int]:
    if not source.within("evals"):
        yield from _uses(source, "asyncio.sleep", "time.sleep")


def modules_are_named_after_a_thing(source: Source) -> Iterator[int]:
    if {"util", "utils", "helper", "helpers", "misc", "common"} & set(
        Path(source.path).with_suffix("").parts
    ):
        yield 1


def functions_are_short(source: Source) -> Iterator[int]:
    """Without the docstring, which may be as long as it must."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not source.within("evals"):
            said = node.body[0] if ast.get_docstring(node) else None
            lines = 1 + (node.end_lineno or 0) - node.lineno
            if said is not None:
                lines -= 1 + (said.end_lineno or 0) - said.lineno
            if lines > LONGEST:
                yield node.lineno


def no_failure_is_swallowed(source: Source) -> Iterator[int]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            everything = node.type is None or _is_everything(node.type)
            silent = all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
            if node.type is None or (everything and silent):
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            yield from (node.lineno for kind in node.args if _is_everything(kind))


def every_query_is_filtered_by_tenant(source: Source) -> Iterator[int]:
    """What memory.db cannot filter: SQL as text, bare tables, a session of another kind. The members of the
    cluster are no tenant's."""
    database = (
        *("memory/db.py", "memory/rows.py", "memory/statements.py"),
        *("memory/schema.py", "memory/planner.py", "memory/migrations"),
    )
    if not source.within(*database, "memory/cluster"):
        sessions = ("sqlmodel.Session", "sqlalchemy.orm.Session", "sqlalchemy.orm.sessionmaker")
        yield from _uses(source, *sessions, "sqlalchemy.text", "sqlmodel.text")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in ("__table__", "exec_driver_sql"):
                yield node.lineno


def _is_everything(kind: ast.expr) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(isinstance(each, ast.Name) and each.id in ("Exception", "BaseException") for each in kinds)


def unowned(tables: list[type[SQLModel]]) -> list[type[SQLModel]]:
    """Tables whose rows belong to no tenant, beside the tenants, the cluster and the cache of vectors."""
    return [table for table in tables if not issubclass(table, TenantRow | Tenant | Member | Embedding)]


RULES: dict[Callable[[Source], Iterator[int]], tuple[list[str], list[str]]] = {
    # Each rule with what it must find and what it must let pass; a first line `# path` names the module.
    only_settings_read_the_environment: (
        [
            "import os\nhome = os.environ['HOME']",
            "import os as system\nhome = system.getenv('HOME')",
            "from os import environ",
            "from pydantic_settings import BaseSettings",
        ],
        ["# graphs/runtime/settings.py\nimport os\nhome = os.environ['HOME']", "import os\nos.getpid()"],
    ),
    time_and_chance_are_passed_in: (
        [
            "import datetime as dt\nnow = dt.datetime.now(dt.UTC)",
            "from datetime import datetime\nnow = datetime.now()",
            "from datetime import date\ntoday = date.today()",
            "from time import time\nnow = time()",
            "from uuid import uuid4\nfactory = uuid4",
            "import random\nrandom.shuffle([])",
            "# graphs/scout.py\nimport time\ntime.time()",
        ],
        [
            "# graphs/runtime/services.py\nfrom uuid import uuid4\nnew_id = uuid4",
            "# api/cli.py\nimport time\nstart = time.time()",
            "from uuid import uuid5\nfrom datetime import datetime\ndatetime.fromisoformat('2026-11-20')",
        ],
    ),
    nobody_sleeps: (
        ["import asyncio\nasync def wait(): await asyncio.sleep(1)", "from time import sleep\nsleep(1)"],
        ["import asyncio\nasync def wait(): await asyncio.Event().wait()"],
    ),
    modules_are_named_after_a_thing: (
        ["# agents/scout/utils.py\n", "# memory/helpers/text.py\n"],
        ["# agents/scout/names.py\n"],
    ),
    functions_are_short: (
        [
            "def long():\n" + "    step()\n" * LONGEST,
            "class Thing:\n    async def long(self):\n" + "        step()\n" * LONGEST,
        ],
        [
            "def fits():\n" + "    step()\n" * (LONGEST - 1),
            'def said():\n    """One.\n' + "\n" * LONGEST + '    """\n    step()\n',
        ],
    ),
    every_query_is_filtered_by_tenant: (
        [
            "from sqlalchemy import text\nquery = text('SELECT 1')",
            "import sqlalchemy as sa\nquery = sa.text('SELECT 1')",
            "from sqlmodel import Session\nsession = Session(engine)",
            "query = select(Company.__table__)",
        ],
        ["# memory/db.py\nfrom sqlmodel import Session", "from sqlmodel import select\nselect(Company)"],
    ),
    no_failure_is_swallowed: (
        [
            "try: step()\nexcept: stop()",
            "try: step()\nexcept Exception: pass",
            "for each in []:\n    try: step()\n    except (KeyError, Exception): continue",
            "import contextlib\nwith contextlib.suppress(Exception): step()",
        ],
        [
            "try: step()\nexcept KeyError: pass",
            "try: step()\nexcept Exception as error: tell(error)",
            "import contextlib\nwith contextlib.suppress(KeyError): step()",
        ],
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Callable[[Source], Iterator[int]]) -> None:
    broken = [f"{source.path}:{line}" for source in sources() for line in rule(source)]
    assert not broken, f"{rule.__name__.replace('_', ' ')}: {', '.join(broken)}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_what_it_forbids_and_nothing_else(rule: Callable[[Source], Iterator[int]]) -> None:
    bad, good = RULES[rule]
    assert [snippet for snippet in bad if not list(rule(_source(snippet)))] == []
    assert [snippet for snippet in good if list(rule(_source(snippet)))] == []


def test_the_rules_look_at_every_layer() -> None:
    assert {source.path.partition("/")[0] for source in sources()} == set(LAYERS)


def test_every_row_belongs_to_a_tenant() -> None:
    tables = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    assert memory.models.Company in tables
    assert unowned(tables) == []


def test_a_table_without_a_tenant_is_found() -> None:
    class Loose(SQLModel):
        """A table in all but name: a real one would stay in the metadata of every later test."""

    assert unowned([Tenant, Embedding, Loose]) == [Loose]


def _source(snippet: str) -> Source:
    first = snippet.partition("\n")[0]
    path = first.removeprefix("# ") if first.startswith("# ") else "agents/scout/nodes.py"
    return Source(path, ast.parse(snippet))
