"""Budgets: what may be spent on models on a day, taken out by one statement so that nobody takes it twice."""

from __future__ import annotations

from sqlmodel import col, select, update

from .db import TenantSession
from .models import Budget
from .rows import insert_missing

# The whole tenant's budget stands beside those of its agents, under the name of none.
TENANT = ""
# Roubles: by less than this the sums of binary fractions go wrong, and by less nobody is over a cap.
ROUNDING = 1e-6


def take(session: TenantSession, agent: str, day: str, rub: float, cap: float | None) -> bool:
    """Whether so much was left of the day's `cap`; then it is taken. Without a cap it always is: money that
    is gone already is told so."""
    if _add(session, agent, day, rub, cap):
        return True
    row = {"id": _id(session, agent, day), "agent": agent, "day": day, "taken_rub": 0.0}
    # Whoever made the row first: another process may have done it between these statements.
    insert_missing(session, Budget, [row])
    return _add(session, agent, day, rub, cap)


def give_back(session: TenantSession, agent: str, day: str, rub: float) -> None:
    """What was taken and will not be spent."""
    _add(session, agent, day, -rub, None)


def taken(session: TenantSession, agent: str, day: str) -> float:
    """What is spent of the day's budget, or held by a process that may spend it."""
    query = select(Budget.taken_rub).where(Budget.id == _id(session, agent, day))
    return session.exec(query).first() or 0.0


def _add(session: TenantSession, agent: str, day: str, rub: float, cap: float | None) -> bool:
    total = col(Budget.taken_rub) + rub
    fits = () if cap is None else (total <= cap + ROUNDING,)
    # Not evaluated over the rows of the session: nobody loads a budget to change it.
    changed = update(Budget).where(col(Budget.id) == _id(session, agent, day), *fits).values(taken_rub=total)
    return session.exec(changed, execution_options={"synchronize_session": False}).rowcount == 1


def _id(session: TenantSession, agent: str, day: str) -> str:
    return f"{session.info['tenant']}:{agent}:{day}"
