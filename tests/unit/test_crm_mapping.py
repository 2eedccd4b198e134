"""A partnership as a deal."""

from __future__ import annotations

from datetime import UTC, datetime

from agents.crm_sync.mapping import STATUS_OF_STAGE, deal_fields
from memory.models import Company, DecisionType, Partnership
from memory.pipeline import FIELDS, Stage

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def company(name: str) -> Company:
    return Company(id=name, name=name, slug=name, name_key=name, created_at=NOW, updated_at=NOW)


def partnership(score: float | None, reasons: list[str]) -> Partnership:
    return Partnership(
        id="p1",
        company_a_id="a",
        company_b_id="b",
        score=score,
        reasons=reasons,
        value_rub=500_000,
        created_at=NOW,
        updated_at=NOW,
    )


def test_an_approved_letter_is_a_contacted_deal_with_its_reasons() -> None:
    fields = deal_fields(
        partnership(0.7, ["общие рынки: ритейл", "разные категории"]),
        company("amoCRM"),
        company("Контур"),
        decision=DecisionType.APPROVE,
        subject="Давайте дружить",
    )
    assert fields == {
        "title": "amoCRM × Контур",
        "stage": "contacted",
        "company": "amoCRM",
        "partner": "Контур",
        "score": 0.7,
        "value_rub": 500_000,
        "note": "Письмо: «Давайте дружить»\nРешение: письмо одобрено\n"
        "Почему вместе:\n— общие рынки: ритейл\n— разные категории",
    }
    assert set(fields) == set(FIELDS)


def test_an_edit_is_named_and_what_is_unknown_stays_unknown() -> None:
    fields = deal_fields(
        partnership(None, []),
        company("А"),
        company("Б"),
        decision=DecisionType.EDIT,
        subject="Тема",
    )
    assert fields["score"] is None
    assert fields["note"] == "Письмо: «Тема»\nРешение: письмо одобрено с правкой"


def test_every_stage_has_a_status() -> None:
    assert set(STATUS_OF_STAGE) == set(Stage)
