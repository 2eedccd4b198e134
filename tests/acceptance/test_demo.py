"""The demo as a person runs it, from the bundled news to a row in the CRM, with every table on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from .conftest import Demo, artel, rows


def count(folder: Path, what: str) -> int:
    number: int = rows(folder, f"SELECT count(*) AS n FROM {what}")[0]["n"]
    return number


def letters(folder: Path) -> list[Path]:
    return sorted((folder / "outbox").glob("*.eml"))


def test_it_ends_well_and_tells_each_step(demo: Demo) -> None:
    assert (demo.ended.code, demo.ended.err) == (0, "")
    for line in ("vendors.csv: 54 строки", "domains.csv: 66 строк", "integration_pairs.csv: 35 строк"):
        assert line in demo.ended.out
    for told in ("Ленты прочитаны: 51 статья", "ждут решения", "Решение записано: одобрено", "Что дальше"):
        assert told in demo.ended.out


def test_it_ends_with_the_proposals_and_the_commands_for_them(demo: Demo) -> None:
    waiting = rows(demo.folder, "SELECT id FROM review WHERE status = 'pending' ORDER BY score DESC, id DESC")
    assert waiting
    for row in waiting:
        assert row["id"] in demo.ended.out
    assert f"artel review approve {waiting[0]['id']}" in demo.ended.out
    assert f"export ARTEL_DATA_DIR={demo.folder}" in demo.ended.out
    assert ":8000/queue" in demo.ended.out


def test_the_feed_became_articles_with_what_they_say(demo: Demo) -> None:
    (feed,) = rows(demo.folder, "SELECT * FROM feed")
    assert feed["url"].startswith("file://")
    assert feed["last_fetched_at"]
    assert feed["last_error"] is None
    assert count(demo.folder, "article") == 51
    assert count(demo.folder, "article WHERE extracted_at IS NULL") == 0
    assert count(demo.folder, "mention") > 20
    assert count(demo.folder, "signal") > 10


def test_each_signal_quotes_its_article(demo: Demo) -> None:
    quoted = rows(
        demo.folder,
        "SELECT evidence.quote, evidence.url, article.text, article.title FROM signal"
        " JOIN evidence ON evidence.id = signal.evidence_id JOIN article ON article.id = signal.article_id",
    )
    assert quoted
    for row in quoted:
        assert row["quote"] in f"{row['title']}\n{row['text']}"


def test_companies_know_where_their_fields_come_from(demo: Demo) -> None:
    assert count(demo.folder, "company") >= 104
    assert count(demo.folder, "companyfield WHERE source = 'csv:vendors.csv'") > 100
    assert count(demo.folder, "companyfield WHERE evidence_id IS NOT NULL") > 30
    assert count(demo.folder, "company WHERE id NOT IN (SELECT company_id FROM companyfield)") == 0


def test_pairs_are_scored_or_honestly_unknown(demo: Demo) -> None:
    pairs = rows(demo.folder, "SELECT * FROM partnership")
    assert pairs
    for pair in pairs:
        factors = json.loads(pair["factors"])
        assert len(factors) == 6
        known = sum(factor["weight"] for factor in factors if factor["value"] is not None)
        assert pair["confidence"] == pytest.approx(known)
        assert pair["score"] is None or 0 <= pair["score"] <= 1


def test_every_run_came_to_rest(demo: Demo) -> None:
    runs = rows(demo.folder, "SELECT * FROM run")
    assert {run["status"] for run in runs} <= {"done", "waiting"}
    (scout,) = [run for run in runs if run["graph"] == "scout"]
    pairs = [run for run in runs if run["graph"] == "partnership" and run["resume"] in (None, "null")]
    assert {run["parent_id"] for run in pairs} == {scout["id"]}
    assert len({run["key"] for run in pairs}) == len(pairs)


def test_what_waits_is_a_letter_whose_claims_point_at_evidence(demo: Demo) -> None:
    drafts = rows(demo.folder, "SELECT draft.* FROM review JOIN draft ON draft.id = review.draft_id")
    known = {row["id"] for row in rows(demo.folder, "SELECT id FROM evidence")}
    assert drafts
    for draft in drafts:
        claims = json.loads(draft["claims"])
        assert claims
        for claim in claims:
            assert claim["text"] in draft["body"]
            assert claim["evidence"]
            assert set(claim["evidence"]) <= known


def test_the_approved_letter_left_once_and_no_other_did(demo: Demo) -> None:
    (decision,) = rows(demo.folder, "SELECT * FROM decision")
    assert (decision["type"], decision["actor"]) == ("approve", "person:owner")
    (draft,) = rows(demo.folder, f"SELECT * FROM draft WHERE id = '{decision['draft_id']}'")
    (file,) = letters(demo.folder)
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["Subject"] == draft["subject"]
    assert message.get_content().splitlines() == draft["body"].splitlines()
    assert str(file) in demo.ended.out.replace("\n", "")


def test_effects_happened_once_each_after_the_decision(demo: Demo) -> None:
    effects = rows(demo.folder, "SELECT * FROM effect")
    assert sorted(effect["kind"] for effect in effects) == ["crm", "letter"]
    assert {(effect["status"], effect["attempts"]) for effect in effects} == {("done", 1)}
    (decided,) = rows(demo.folder, "SELECT decided_at FROM decision")
    assert all(effect["created_at"] >= decided["decided_at"] for effect in effects)


def test_the_deal_stands_in_the_crm_and_the_pair_follows(demo: Demo) -> None:
    (deal,) = rows(demo.folder, "SELECT * FROM deal")
    (pair,) = rows(demo.folder, f"SELECT * FROM partnership WHERE id = '{deal['key']}'")
    assert (deal["stage"], deal["version"], pair["status"]) == ("contacted", 1, "contacted")
    assert deal["score"] == pytest.approx(pair["score"])
    assert deal["title"] in demo.ended.out
    assert pair["probability"] is None
    assert "Вероятность сделки" in demo.ended.out


def test_the_books_are_kept(demo: Demo) -> None:
    assert count(demo.folder, "usage WHERE agent = 'outreach'") == count(demo.folder, "draft")
    done = {row["action"] for row in rows(demo.folder, "SELECT DISTINCT action FROM auditentry")}
    assert {"run.start", "review.approve", "decision.outcome"} <= done
    (schedule,) = rows(demo.folder, "SELECT * FROM schedule")
    assert (schedule["name"], schedule["paused"]) == ("scout", 0)


def test_a_second_demo_runs_nothing_and_shows_the_same(demo: Demo, copy: Callable[[], Path]) -> None:
    folder = copy()
    again = artel(folder, "demo")
    assert again.code == 0
    assert "второй раз ничего не запускается" in again.out
    for table in ("run", "effect", "review", "draft", "article", "company", "signal", "deal", "feed"):
        assert count(folder, table) == count(demo.folder, table), table
    assert [path.name for path in letters(folder)] == [path.name for path in letters(demo.folder)]
    for row in rows(folder, "SELECT id FROM review WHERE status = 'pending'"):
        assert row["id"] in again.out
