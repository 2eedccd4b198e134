"""The card and the queue as a person sees them: every fact there, nothing out of line, nothing obeyed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from api import tables
from api.cards import BAR_CELLS, bar, card, pair_of, proposals
from api.plain import plain
from api.schemas.reviews import CardOut
from api.words import Words

RU, EN = Words("ru"), Words("en")
AT = "2026-11-20T09:00:00Z"
REVIEW_ID = "0199a7b2-1c3d-7e4f-8a9b-0c1d2e3f4a5b"


def drawn(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def a_review(**changes: Any) -> dict[str, Any]:
    allowed = ["approve", "edit", "reject", "respond"]
    request = {
        "action_requests": [{"name": "send_letter", "args": {}}],
        "review_configs": [{"action_name": "send_letter", "allowed_decisions": allowed}],
    }
    return {
        "id": REVIEW_ID,
        "run_id": "run-1",
        "thread_id": "thread-1",
        "kind": "outreach",
        "status": "pending",
        "title": "Письмо: Диадок — ELMA365",
        "lang": "ru",
        "score": 0.824,
        "partnership_id": "pair-1",
        "draft_version": 2,
        "created_at": AT,
        "decided_at": None,
        "request": request,
    } | changes


def a_version(version: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"draft-{version}",
        "version": version,
        "subject": "Диадок и ELMA365: общие клиенты",
        "body": "Здравствуйте!\n\nВ ELMA365 есть модуль «Диадок».\n\nС уважением,\nОтдел партнёрств",
        "author": "offline/template",
        "offline": True,
        "remark": None,
        "note": None,
        "created_at": AT,
    } | changes


def a_company(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"company-{name}",
        "name": name,
        "slug": name.lower(),
        "inn": None,
        "domain": None,
        "website": None,
        "industry": "ЭДО",
        "city": None,
        "description": f"{name} делает своё дело",
        "verified": False,
    } | changes


def a_card(**changes: Any) -> dict[str, Any]:
    evidence = {
        "id": "evidence-1",
        "quote": "В ELMA365 есть модуль «Диадок» для юридически значимого обмена",
        "url": "https://elma365.com/ru/help/business_solutions/diadoc_main.html",
        "source_title": "ELMA365 обменивается документами через Диадок",
        "fetched_at": AT,
    }
    letter = {
        "lang": "ru",
        "style": "formal",
        "to_name": "ELMA365",
        "to_email": None,
        "prompt": "outreach@1",
        "claims": [{"text": "В ELMA365 есть модуль «Диадок».", "evidence": [evidence]}],
    }
    body = {
        "review": a_review(),
        "decision": None,
        "endorsed_by": [],
        "draft": a_version(2, remark="короче") | letter,
        "versions": [a_version(1), a_version(2, remark="короче")],
        "score": 0.824,
        "confidence": 0.5,
        "probability": None,
        "factors": [
            {
                "name": "complementarity",
                "weight": 0.15,
                "value": 0.9,
                "evidence": ["ЭДО и автоматизация процессов часто продаются вместе"],
                "judged": {
                    "author": "acme judge-1",
                    "prompt": "judgement.ru@1",
                    "rules": 0.88,
                    "model": 0.97,
                    "share": 0.2,
                    "reasons": [{"text": "Заказчик у них общий.", "evidence": ["evidence-1"]}],
                },
            },
            {"name": "size", "weight": 0.15, "value": None, "evidence": []},
        ],
        "reasons": ["Интеграция уже есть: общий модуль"],
        "synergy_areas": ["документооборот"],
        "risks": [
            {"kind": "legal", "severity": "high", "text": "Компания спорит в суде.", "evidence": [evidence]}
        ],
        "judged": [
            {"what": "judgement", "author": "acme judge-1", "prompt": "judgement.ru@1", "note": None},
            {"what": "risks", "author": None, "prompt": "risks.ru@1", "note": "no model answered: acme"},
        ],
        "companies": [
            a_company("Диадок"),
            a_company("ELMA365"),
        ],
    } | changes
    shown: dict[str, Any] = CardOut.model_validate(body).model_dump(mode="json")
    return shown


def a_conflict() -> dict[str, Any]:
    args = {"ours": {"stage": "contacted"}, "theirs": {"stage": "won"}}
    request = {
        "action_requests": [{"name": "resolve_crm_conflict", "args": args}],
        "review_configs": [
            {"action_name": "resolve_crm_conflict", "allowed_decisions": ["approve", "edit", "reject"]}
        ],
    }
    review = a_review(kind="crm_conflict", title="В CRM изменили сделку", request=request, draft_version=None)
    return a_card(review=review, draft=None, versions=[])


@pytest.mark.parametrize("width", [80, 100])
def test_the_card_has_all_that_a_decision_needs(width: int) -> None:
    text = drawn(card(a_card(), RU), width)
    for fact in (
        "Диадок",
        "ELMA365",
        "████████░░ 0,82",
        "известно 50 % веса факторов",
        "Дополняют друг друга",
        "█████████░ 0,90",
        "ЭДО и автоматизация процессов часто продаются вместе",
        "Интеграция уже есть: общий модуль",
        "acme judge-1: 0,97, по правилам 0,88",
        "— Заказчик у них общий.",
        "документооборот",
        "право (высокий риск): Компания спорит в суде.",
        "О паре · acme judge-1 · judgement.ru@1",
        "О рисках · модель не ответила · risks.ru@1 · no model answered: acme",
        "ELMA365 · адрес неизвестен",
        "Диадок и ELMA365: общие клиенты",
        "Отдел партнёрств",
        "«В ELMA365 есть модуль «Диадок» для юридически значимого обмена»",
        "https://elma365.com/ru/help/business_solutions/diadoc_main.html",
        "замечание: короче",
        f"artel review approve {REVIEW_ID}",
        f"artel review respond {REVIEW_ID}",
    ):
        assert fact in text
    assert max(map(len, text.splitlines())) <= width


def test_an_unknown_factor_has_no_bar() -> None:
    line = next(line for line in drawn(card(a_card(), RU)).splitlines() if "Размер" in line)
    assert "неизвестно" in line
    assert not set("█░") & set(line)


def test_the_card_speaks_english() -> None:
    text = drawn(card(a_card(), EN))
    assert "50% of the factors' weight is known" in text
    assert "Complementarity" in text
    assert "0.82" in text


def test_a_letter_from_a_template_says_so() -> None:
    assert "Заполнено по шаблону" in drawn(card(a_card(), RU))
    written = a_card()
    written["draft"]["offline"] = False
    assert "Заполнено по шаблону" not in drawn(card(written, RU))


def test_a_decided_review_shows_the_decision_and_no_commands() -> None:
    decision = {
        "id": "decision-1",
        "type": "reject",
        "actor": "person:ivan",
        "reason": "competitor",
        "message": "Делают то же самое",
        "draft_id": None,
        "decided_at": AT,
    }
    text = drawn(card(a_card(review=a_review(status="decided"), decision=decision), RU))
    assert "отклонено · person:ivan · 20.11.2026 09:00" in text
    assert "конкурент" in text
    assert "Делают то же самое" in text
    assert "artel review" not in text


def test_whoever_decides_sees_who_has_approved_first() -> None:
    assert "Первое одобрение" not in drawn(card(a_card(), RU))
    assert "Первое одобрение: person:anna. Письмо уйдёт" in drawn(
        card(a_card(endorsed_by=["person:anna"]), RU)
    )


def test_a_withdrawn_review_offers_nothing() -> None:
    assert "artel review" not in drawn(card(a_card(review=a_review(status="withdrawn")), RU))


def test_a_conflict_shows_both_sides_and_no_letter_command() -> None:
    text = drawn(card(a_conflict(), RU))
    line = next(line for line in text.splitlines() if "этап" in line)
    assert line.index("написали") < line.index("договорились")
    assert f"artel review approve {REVIEW_ID}" in text
    assert "artel review edit" not in text


def test_the_queue_has_a_block_for_each_proposal() -> None:
    second = a_card(review=a_review(id="another-id"), score=None, reasons=[])
    text = drawn(proposals([a_card(), second], RU))
    for fact in (
        "Диадок × ELMA365",
        "документооборот",
        "Письмо: Диадок и ELMA365",
        REVIEW_ID,
        "another-id",
    ):
        assert fact in text
    assert "неизвестно" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_long_subject_is_cut_to_its_line_and_an_id_never() -> None:
    long = a_card()
    long["draft"]["subject"] = "очень " * 60 + "конец"
    text = drawn(proposals([long], RU))
    assert "конец" not in text
    assert REVIEW_ID in text


def test_a_question_without_companies_is_called_by_its_title() -> None:
    assert pair_of(a_card(companies=[])) == "Письмо: Диадок — ELMA365"


@given(st.floats(0, 1))
def test_a_bar_has_as_many_cells_whatever_the_value(value: float) -> None:
    cells, number = bar(value, EN).plain.split()
    assert len(cells) == BAR_CELLS
    assert cells == "█" * cells.count("█") + "░" * cells.count("░")
    assert abs(cells.count("█") / BAR_CELLS - float(number)) <= 0.5 / BAR_CELLS + 0.005


def test_markup_and_escapes_of_an_article_are_text() -> None:
    hostile = a_card(reasons=["[red]покраска[/red] \x1b[2Jстёрто \u202eтобор"])
    text = drawn(card(plain(hostile), RU))
    assert "[red]покраска[/red] [2Jстёрто тобор" in text


@given(st.text())
def test_nothing_that_a_terminal_obeys_survives(text: str) -> None:
    shown = plain({"deep": [text]})["deep"][0]
    assert all(mark.isprintable() or mark.isspace() or ord(mark) > 0x9F for mark in shown)
    assert "\x1b" not in shown


def test_plain_leaves_lines_and_numbers_alone() -> None:
    assert plain({"a": ["два\nряда", 1, None, 0.5]}) == {"a": ["два\nряда", 1, None, 0.5]}


def test_an_empty_page_says_so() -> None:
    page: dict[str, Any] = {"items": [], "next": None}
    assert "Пусто" in drawn(tables.runs(page, RU))
    assert "Ничего не ждёт" in drawn(tables.reviews(page | {"total": 0}, RU))


def test_a_page_says_how_to_see_the_next_one() -> None:
    page = {"items": [a_review()], "next": "abc", "total": 7}
    text = drawn(tables.reviews(page, RU))
    assert "--cursor abc" in text
    assert REVIEW_ID in text
    assert "Ждут решения: 7" in text
