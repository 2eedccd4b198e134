"""The three-way comparison: no unconflicted edit is lost, and only a true conflict asks a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.crm_sync.conflict import BadResolution, Merge, Synced, merge, question, resolve, settle

# Few values, so that the three sides often agree. None stands for "nothing known".
NAMES = ("title", "stage", "note", "value_rub")
deals = st.fixed_dictionaries({name: st.sampled_from([None, "a", "b", "c"]) for name in NAMES})

OURS = {"stage": "contacted", "note": "наша"}
CLASH = {
    "ours": OURS,
    "theirs": {"stage": "won", "note": "их"},
    "wanted": {"title": "А × Б", "score": 0.7, **OURS},
}


syncs = st.none() | st.builds(Synced, deals, deals)


def after(theirs: dict[str, Any] | None, merged: Merge) -> dict[str, Any]:
    return {**(theirs or {}), **merged.write}


@given(last=syncs, ours=deals, theirs=deals)
def test_every_edit_of_one_side_survives_and_only_two_different_edits_clash(
    last: Synced | None, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged = merge(last, ours, theirs)
    result = after(theirs, merged)
    for name in NAMES:
        mine = ours[name] != (last.ours[name] if last else None)
        yours = theirs[name] != (last.agreed[name] if last else None)
        assert (name in merged.ours) == (mine and yours and ours[name] != theirs[name])
        assert result[name] == (ours[name] if mine and not yours else theirs[name])
    assert merged.ours == {name: ours[name] for name in merged.ours}
    assert merged.theirs == {name: theirs[name] for name in merged.ours}


@given(last=syncs, ours=deals, theirs=st.none() | deals, decision=st.sampled_from(["approve", "reject"]))
def test_a_second_sync_writes_nothing_and_asks_nothing(
    last: Synced | None, ours: dict[str, Any], theirs: dict[str, Any] | None, decision: str
) -> None:
    merged = merge(last, ours, theirs)
    deal = {**after(theirs, merged), **resolve(merged.ours, {"type": decision})}
    assert merge(settle(last, ours, deal), ours, deal) == Merge({}, {}, {})


def test_a_person_sees_no_signs_that_hide() -> None:
    asked = question({**CLASH, "theirs": {"note": "их\u200b заметка"}}, deal_key="pair")
    assert asked["action_requests"][0]["args"]["theirs"] == {"note": "их заметка"}


steps = st.tuples(
    st.sampled_from(["we", "person"]), st.sampled_from(["a", "b"]), st.sampled_from(["approve", "reject"])
)


@given(history=st.lists(steps, max_size=12))
def test_over_many_syncs_what_a_person_wrote_is_never_written_over_unasked(
    history: list[tuple[str, str, str]],
) -> None:
    """A sync follows every edit. `theirs` is what a person wrote, until both sides agree again."""
    last, ours, deal, theirs = None, {"stage": "new"}, None, None
    for who, value, decision in [("we", "new", "approve"), *history]:
        if who == "we":
            ours = {"stage": value}
        else:
            deal = theirs = {"stage": value}
        merged = merge(last, ours, deal)
        approved = resolve(merged.ours, {"type": decision})
        deal = {**after(deal, merged), **approved}
        assert deal == ours if approved or theirs is None else deal == theirs
        theirs = None if deal == ours else theirs
        last = settle(last, ours, deal)


@given(ours=deals)
def test_a_new_deal_is_written_whole_and_a_deleted_one_is_asked_about(ours: dict[str, Any]) -> None:
    assert merge(None, ours, None) == Merge(dict(ours), {}, {})
    assert merge(Synced(ours, ours), ours, None) == Merge({}, dict(ours), dict.fromkeys(NAMES))


def test_a_stage_moved_by_a_person_stays_while_our_note_is_written() -> None:
    first = {"stage": "contacted", "note": "первое письмо"}
    ours = {"stage": "contacted", "note": "второе письмо"}
    theirs = {"stage": "in_discussion", "note": "первое письмо", "version": 2}
    assert merge(Synced(first, first), ours, theirs) == Merge({"note": "второе письмо"}, {}, {})


def test_the_question_shows_both_sides_in_the_batched_form() -> None:
    asked = question(CLASH, deal_key="p1")
    assert asked == {
        "action_requests": [
            {
                "name": "resolve_crm_conflict",
                "args": {
                    "deal_key": "p1",
                    "partnership_id": "p1",
                    "score": 0.7,
                    "ours": OURS,
                    "theirs": {"stage": "won", "note": "их"},
                    "fields": OURS,
                },
                "description": "А × Б: в CRM иначе (этап, заметка)",
            }
        ],
        "review_configs": [
            {"action_name": "resolve_crm_conflict", "allowed_decisions": ["approve", "edit", "reject"]}
        ],
    }


def edit(fields: Any) -> dict[str, Any]:
    args = {"deal_key": "p1", "ours": OURS, "fields": fields}
    return {"type": "edit", "edited_action": {"name": "resolve_crm_conflict", "args": args}}


def test_approve_writes_ours_and_reject_leaves_theirs() -> None:
    assert resolve(OURS, {"type": "approve"}) == OURS
    assert resolve(OURS, {"type": "reject", "message": "так вернее"}) == {}


def test_an_edit_goes_over_ours_field_by_field() -> None:
    assert resolve(OURS, edit({"stage": "won", "value_rub": 900_000})) == {
        "stage": "won",
        "note": "наша",
        "value_rub": 900_000,
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"stage": "maybe"}, "stage: Input should be"),
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"value_rub": -1}, "value_rub: "),
        ({"title": ""}, "title: "),
        (["stage"], "fields: "),
    ],
)
def test_an_edit_that_no_deal_can_hold_is_refused_in_one_line(fields: Any, message: str) -> None:
    with pytest.raises(BadResolution) as refused:
        resolve(OURS, edit(fields))
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
