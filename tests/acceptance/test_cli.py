"""The command line as people and programs use it, beside a running server and all by itself."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from graphs.runtime.lock import FolderLock

from .conftest import ARTEL, Ended, artel, environment, rows

Cli = Callable[..., Ended]


@pytest.fixture(scope="module")
def served(copy: Callable[[], Path]) -> Iterator[Path]:
    """The folder of a server that runs as a process of its own, where the demo ended."""
    folder = copy()
    arguments = [str(ARTEL), "serve"]
    with subprocess.Popen(
        arguments, env=environment(folder, ARTEL_PORT="0"), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            assert "http://127.0.0.1:" in server.stdout.readline()
            yield folder
        finally:
            server.terminate()
            server.wait(timeout=60)
    assert server.returncode == 0


@pytest.fixture
def cli(served: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Runs a command in this process as a client of the server."""
    for name, value in environment(served).items():
        if name.startswith(("ARTEL_", "COLUMNS")):
            monkeypatch.setenv(name, value)
    handlers = list(logging.root.handlers)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["artel", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, printed.out, printed.err)

    yield run
    logging.root.handlers = handlers


def answer(cli: Cli, *arguments: str) -> Any:
    """What the command gives to programs: JSON and nothing else."""
    done = cli(*arguments, "--json")
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


def waiting(cli: Cli) -> list[str]:
    return [review["id"] for review in answer(cli, "review", "list")["items"]]


def one_line(done: Ended, code: int = 1) -> str:
    """The command's refusal: one line on stderr, nothing on stdout."""
    assert (done.code, done.out) == (code, "")
    (line,) = done.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "keys", "fact"),
    [
        (("review", "list"), {"id", "title", "score", "status", "draft_version"}, "ждёт решения"),
        (("runs", "list", "--graph", "scout"), {"id", "graph", "status", "trigger"}, "scout"),
        (("companies", "search", "RetailCRM"), {"id", "name", "domain", "inn"}, "retailcrm.ru"),
        (("feeds", "list"), {"id", "url", "last_error"}, "feed.rss.xml"),
        (("schedules", "list"), {"id", "name", "cron", "next_times"}, "*/15 * * * *"),
        (("llm", "usage"), {"day", "provider", "model", "agent", "calls", "cost_rub"}, "offline · outreach"),
        (("deals",), {"key", "title", "stage", "version"}, "написали"),
    ],
)
def test_lists_are_json_for_programs_and_tables_for_people(
    cli: Cli, arguments: tuple[str, ...], keys: set[str], fact: str
) -> None:
    items = answer(cli, *arguments)["items"]
    assert items
    assert keys <= items[0].keys()
    table = cli(*arguments)
    assert table.code == 0
    assert fact in table.out


@pytest.mark.parametrize(
    ("listed", "shown", "fact"),
    [
        (("review", "list"), ("review", "show"), "Как решить"),
        (("runs", "list"), ("runs", "show"), "Состояние"),
        (("companies", "search", "RetailCRM"), ("companies", "show"), "csv:domains.csv"),
    ],
)
def test_one_thing_is_json_for_programs_and_a_card_for_people(
    cli: Cli, listed: tuple[str, ...], shown: tuple[str, ...], fact: str
) -> None:
    id = answer(cli, *listed)["items"][0]["id"]
    whole = answer(cli, *shown, id)
    assert id in (whole.get("id"), whole.get("review", {}).get("id"))
    card = cli(*shown, id)
    assert card.code == 0
    assert fact in card.out


def test_english_is_one_option_away(cli: Cli) -> None:
    assert "Waiting for a decision" in cli("--en", "review", "list").out
    assert "Ждут решения" in cli("review", "list").out


def test_a_page_continues_where_the_last_one_ended(cli: Cli) -> None:
    first = answer(cli, "runs", "list", "--limit", "1")
    second = answer(cli, "runs", "list", "--limit", "1", "--cursor", first["next"])
    assert first["items"][0]["id"] > second["items"][0]["id"]


def test_an_approval_is_carried_out_and_the_second_one_is_told_who_won(cli: Cli, served: Path) -> None:
    id = waiting(cli)[0]
    before = len(list((served / "outbox").glob("*.eml")))
    done = cli("review", "approve", id)
    assert done.code == 0
    assert "Решение записано: одобрено." in done.out
    assert len(list((served / "outbox").glob("*.eml"))) == before + 1
    line = one_line(cli("review", "approve", id))
    assert "already decided" in line
    assert "person:owner" in line
    assert answer(cli, "review", "show", id)["decision"]["type"] == "approve"


def test_an_edited_letter_leaves_as_it_was_edited(cli: Cli, served: Path, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("Добрый день!\n\nПредлагаем созвониться.\n", encoding="utf-8")
    id = waiting(cli)[0]
    done = cli("review", "edit", id, "--subject", "Своими словами", "--body-file", str(text))
    assert done.code == 0
    versions = answer(cli, "review", "show", id)["versions"]
    assert versions[-1]["subject"] == "Своими словами"
    assert versions[-1]["body"] == "Добрый день!\n\nПредлагаем созвониться."
    assert versions[-1]["author"] == "person:owner"
    sent = [path.read_text(encoding="utf-8") for path in (served / "outbox").glob("*.eml")]
    assert sum("Предлагаем созвониться." in letter for letter in sent) == 1


def test_a_remark_brings_a_new_version_and_a_refusal_ends_it(cli: Cli) -> None:
    id = waiting(cli)[0]
    done = cli("review", "respond", id, "Короче, пожалуйста")
    assert done.code == 0
    again = next(new for new in waiting(cli) if f"artel review show {new}" in done.out)
    card = answer(cli, "review", "show", again)
    assert [version["version"] for version in card["versions"]] == [1, 2]
    assert card["draft"]["remark"] == "Короче, пожалуйста"
    refused = cli("review", "reject", again, "--reason", "competitor", "--message", "Делают то же")
    assert refused.code == 0
    decided = answer(cli, "review", "show", again)["decision"]
    assert (decided["reason"], decided["message"]) == ("competitor", "Делают то же")
    assert again not in waiting(cli)


def test_the_editor_gets_the_letter_and_what_it_saves_is_sent(cli: Cli, tmp_path: Path) -> None:
    id = waiting(cli)[0]
    done = cli("review", "edit", id, "--editor", _editor(tmp_path, "s/^Тема: .*/Тема: Из редактора/"))
    assert done.code == 0
    assert answer(cli, "review", "show", id)["versions"][-1]["subject"] == "Из редактора"


@pytest.mark.parametrize(
    ("change", "said"), [("", "не изменилось"), ("1s/^Тема: .*/нет темы/", "первая строка должна быть")]
)
def test_an_edit_that_says_nothing_sends_nothing_and_is_kept(
    cli: Cli, tmp_path: Path, change: str, said: str
) -> None:
    id = waiting(cli)[0]
    line = one_line(cli("review", "edit", id, "--editor", _editor(tmp_path, change)))
    assert said in line
    kept = Path(line[line.index("ваш текст остался в ") + len("ваш текст остался в ") :].rstrip(")"))
    assert kept.read_text(encoding="utf-8")
    kept.unlink()
    assert id in waiting(cli)


def test_an_editor_that_fails_changes_nothing(cli: Cli) -> None:
    id = waiting(cli)[0]
    assert "no-such-editor" in one_line(cli("review", "edit", id, "--editor", "no-such-editor"))
    assert id in waiting(cli)


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "show", "nobody"),
        ("review", "approve", "nobody"),
        ("runs", "show", "nobody"),
        ("runs", "cancel", "nobody"),
        ("companies", "show", "nobody"),
        ("schedules", "pause", "nobody"),
    ],
)
def test_what_does_not_exist_is_one_line(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert "nobody" in one_line(cli(*arguments))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title,domain\nA,a.ru\n", "name"),
        (b"\x00\x01\x02", ""),
        (b"", ""),
    ],
)
def test_a_file_that_is_not_one_is_refused_whole(cli: Cli, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    assert said in one_line(cli("companies", "import", str(file)))


def test_a_wrong_row_is_a_line_and_the_others_are_taken(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text("name,inn\nВерная,7707083893\nНеверная,7736207544\n", encoding="utf-8")
    done = cli("companies", "import", str(file))
    assert done.code == 0
    assert "mixed.csv: 2 строки, новых 1, обновлено 0" in done.err
    assert "7736207544" in done.err
    assert [one["name"] for one in answer(cli, "companies", "search", "7707083893")["items"]] == ["Верная"]
    assert not answer(cli, "companies", "search", "7736207544")["items"]


def test_a_feed_may_be_a_file_and_is_added_once(cli: Cli, tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text("<rss version='2.0'><channel><title>x</title></channel></rss>", encoding="utf-8")
    for _ in range(2):
        assert feed.as_uri() in cli("feeds", "add", str(feed)).out
    assert [row["url"] for row in answer(cli, "feeds", "list")["items"]].count(feed.as_uri()) == 1
    assert "http" in one_line(cli("feeds", "add", "gopher://example.com"))


def test_a_schedule_stops_and_goes_on(cli: Cli) -> None:
    assert "на паузе" in cli("schedules", "pause", "scout").out
    assert not answer(cli, "schedules", "list")["items"][0]["next_times"]
    assert "работает" in cli("schedules", "resume", "scout").out
    assert answer(cli, "schedules", "list")["items"][0]["next_times"]


def test_a_scout_run_on_the_same_news_starts_no_pair_again(cli: Cli) -> None:
    before = {run["id"] for run in answer(cli, "runs", "list", "--graph", "partnership")["items"]}
    done = cli("scout", "run", "--json")
    assert done.code == 0
    assert json.loads(done.out)["result"]["started"] == 0
    assert {run["id"] for run in answer(cli, "runs", "list", "--graph", "partnership")["items"]} == before


def test_alone_a_decision_is_carried_out_before_the_command_ends(copy: Callable[[], Path]) -> None:
    folder = copy()
    (row, *_) = rows(folder, "SELECT id FROM review WHERE status = 'pending'")
    done = artel(folder, "review", "approve", row["id"])
    assert done.code == 0
    assert "Исполнено" in done.err
    assert len(list((folder / "outbox").glob("*.eml"))) == 2
    assert rows(folder, "SELECT count(*) AS deals FROM deal") == [{"deals": 2}]


def test_a_folder_that_somebody_holds_without_serving_is_one_line(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTEL_DATA_DIR", str(tmp_path))
    lock = FolderLock(tmp_path).take()
    try:
        assert f"another Artel runs on {tmp_path}" in one_line(cli("review", "list"))
    finally:
        lock.release()


def test_a_wrong_setting_is_one_line(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ARTEL_THRESHOLD", "2")
    assert "ARTEL_THRESHOLD='2'" in one_line(cli("review", "list"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "arguments", [("bogus",), ("review", "reject", "x"), ("review", "approve"), ("deals", "--stage", "x")]
)
def test_a_misuse_ends_with_two(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_help_names_every_command(cli: Cli) -> None:
    done = cli("--help")
    assert done.code == 0
    listed = ("demo", "serve", "migrate", "scout", "review", "runs", "companies", "feeds", "schedules")
    for name in (*listed, "deals", "graph"):
        assert f"\n  {name} " in done.out


def test_help_loads_nothing_heavy() -> None:
    heavy = ("langgraph", "sqlalchemy", "fastapi", "httpx", "pydantic", "rich")
    script = (
        "import sys; sys.argv = ['artel', '--help']\n"
        "from api.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        f"    print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_graphs_are_mermaid_with_each_node(cli: Cli) -> None:
    both = cli("graph").out
    assert both.count("graph TD;") == 2
    assert both.count("```mermaid\n") == 2
    one = cli("graph", "partnership").out
    assert one.startswith("---\nconfig:")
    assert "fetch" not in one
    for node in ("shortlist", "compatibility", "outreach", "review", "crm_sync", "analytics"):
        assert f"({node})" in both
    assert "outreach --> review" in both or "outreach -.-> review" in both


def test_migrate_makes_the_database(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTEL_DATA_DIR", str(tmp_path))
    done = cli("migrate")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "artel.db").exists()


def _editor(folder: Path, change: str) -> str:
    """An editor that makes one change by sed."""
    script = folder / "editor"
    script.write_text(f"#!/bin/sh\nsed -i '{change}' \"$1\"\n", encoding="utf-8")
    script.chmod(0o755)
    return str(script)
