"""Feature complementarity: how much likelier these two integrate than two products drawn at random.

With lift L = P(pair | linked) / P(pair), L / (1 + L) is the probability that the pair is a linked one when
linked and random pairs are equally many: 0.5 says "like any pair". Whether these two are linked is left out.
"""

from __future__ import annotations

from .ecosystem import Ecosystem, Link
from .factors import Factor
from .profile import Profile
from .taxonomy import categories


def complementarity(a: Profile, b: Profile, ecosystem: Ecosystem) -> Factor:
    """Unknown when either category is."""
    link = ecosystem.expect(a.id, b.id)
    if link is None:
        return Factor("complementarity")
    ids = tuple(sorted({*a.evidence("integrations", "industry"), *b.evidence("integrations", "industry")}))
    return Factor("complementarity", link.lift / (1 + link.lift), _lines(a, b, link, ecosystem), ids)


def _lines(a: Profile, b: Profile, link: Link, ecosystem: Ecosystem) -> tuple[str, ...]:
    one, other = sorted(categories()[ecosystem.category[it.id]].label["ru"] for it in (a, b))
    lines = [f"{one} + {other}: такие продукты связывают {_compared(link.lift)}"]
    if link.peers:
        lines.append(f"Известных интеграций между этими категориями: {len(link.peers)}")
    if any(link.degrees):
        lines.append(f"Других интеграций: {a.name} — {link.degrees[0]}, {b.name} — {link.degrees[1]}")
    if ecosystem.linked(a.id, b.id):
        lines.append("Продукты уже интегрированы; в оценке это не учтено")
    return tuple(lines)


def _compared(lift: float) -> str:
    times = f"{max(lift, 1 / lift):.1f}".replace(".", ",")
    if times == "1,0":
        return "так же часто, как в среднем"
    return f"в {times} раза {'чаще' if lift > 1 else 'реже'} среднего"
