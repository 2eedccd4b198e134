"""The pair that a partnership thread is about: the input that every agent of that graph reads."""

from __future__ import annotations

from typing_extensions import TypedDict


class PairState(TypedDict, total=False):
    """company_a_id < company_b_id; signal_ids: what happened that made the pair worth a look today;
    thread_id: of the run; partnership_id: the row of the pair, once `compatibility` has written it.
    """

    thread_id: str
    company_a_id: str
    company_b_id: str
    signal_ids: list[str]
    partnership_id: str
