"""A review as a card for the terminal, and the queue of proposals. Pure: JSON in, what rich prints out.

Texts go into `Text` objects and never into markup, so a square bracket in an article stays a bracket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .words import Words

BAR_CELLS = 10
# From here a bar is green, from the second yellow, below red.
GOOD, FAIR = 0.7, 0.5

Json = dict[str, Any]


def bar(value: float | None, words: Words) -> Text:
    """`████████░░ 0,82`, or "unknown" without any bar: no bar could be taken for a zero."""
    if value is None:
        return Text(words("unknown"), style="dim")
    full = round(value * BAR_CELLS)
    colour = "green" if value >= GOOD else "yellow" if value >= FAIR else "red"
    return Text.assemble(("█" * full + "░" * (BAR_CELLS - full), colour), " ", words.share(value))


def card(body: Json, words: Words) -> RenderableType:
    """All that a person needs in order to decide, from the pair down to the commands that decide."""
    review = body["review"]
    parts: list[RenderableType] = [_head(review, words)]
    if body["companies"]:
        parts += [_companies(body["companies"]), *_scores(body, words)]
    if body["draft"]:
        parts += _letter(body["draft"], body["versions"], words)
    else:
        parts += _question(review["request"]["action_requests"][0]["args"], words)
    parts += _ending(body, words)
    return Group(*parts)


def proposals(cards: Sequence[Json], words: Words) -> RenderableType:
    """The queue: one row a review, with the reason in a line and the id that the commands take."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("№", justify="right", style="dim")
    table.add_column(words("score"), no_wrap=True)
    table.add_column(words("queue.pair"), ratio=1)
    for number, body in enumerate(cards, 1):
        if number > 1:
            table.add_row()
        table.add_row(str(number), bar(body["score"], words), _proposal(body, words))
    return table


def pair_of(body: Json) -> str:
    """`A × B`, or the question itself where it is not about a pair."""
    names = [company["name"] for company in body["companies"]]
    return " × ".join(names) or str(body["review"]["title"])


def _proposal(body: Json, words: Words) -> RenderableType:
    lines = [Text(pair_of(body), style="bold")]
    lines += [Text(why) for why in (body["synergy_areas"] or body["reasons"])[:1]]
    if body["draft"]:
        lines.append(Text(f"{words('letter')}: {body['draft']['subject']}"))
    lines.append(Text(body["review"]["id"], style="dim"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


def _head(review: Json, words: Words) -> RenderableType:
    state = Text(words.name("status", review["status"]), style="yellow")
    sides = Table.grid(expand=True)
    sides.add_column(ratio=1)
    sides.add_column(justify="right", no_wrap=True)
    sides.add_row(Text(review["title"], style="bold"), state)
    return Group(sides, Text(f"{review['id']} · {words.time(review['created_at'])}", style="dim"), "")


def _companies(companies: Sequence[Json]) -> RenderableType:
    sides = Table.grid(expand=True, padding=(0, 2))
    for _ in companies:
        sides.add_column(ratio=1)
    sides.add_row(*(_company(company) for company in companies))
    return sides


def _company(company: Json) -> RenderableType:
    facts = (company.get(name) for name in ("industry", "domain", "city"))
    lines = [
        Text(company["name"], style="bold cyan"),
        Text(" · ".join(fact for fact in facts if fact), style="dim"),
    ]
    return Group(*lines, Text(company.get("description") or ""))


def _scores(body: Json, words: Words) -> Iterator[RenderableType]:
    known = Text(words("confidence", percent=round(100 * (body["confidence"] or 0))), style="dim")
    yield section(words("score"))
    yield Text.assemble(bar(body["score"], words), "   ", known)
    chance = body["probability"]
    shown = words("unknown") if chance is None else words.share(chance)
    yield Text(f"{words('probability')}: {shown}", style="dim")
    yield section(words("factors"))
    yield _factors(body["factors"], words)
    for name in ("reasons", "synergy"):
        if lines := body["synergy_areas" if name == "synergy" else name]:
            yield section(words(name))
            yield from (_bullet(line) for line in lines)
    yield from _risks(body["risks"], words)
    yield from (_judged(asked, words) for asked in body["judged"])


def _factors(factors: Sequence[Json], words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    for factor in factors:
        lines = [*factor.get("evidence", ()), *_opinion(factor.get("judged"), words)]
        shown = Group(bar(factor["value"], words), *(Text(str(line), style="dim") for line in lines))
        table.add_row(words.name("factor", factor["name"]), f"{factor['weight']:.0%}", shown)
    return table


def _opinion(judged: Json | None, words: Words) -> Iterator[str]:
    """How a model moved the factor, and why."""
    if judged is not None:
        said, rules = words.share(judged["model"]), words.share(judged["rules"])
        yield words("judged.moved", author=judged["author"], model=said, rules=rules)
        yield from (f"— {reason['text']}" for reason in judged["reasons"])


def _risks(risks: Sequence[Json], words: Words) -> Iterator[RenderableType]:
    if risks:
        yield section(words("risks"))
    for risk in risks:
        severity, kind = words.name("severity", risk["severity"]), words.name("risk", risk["kind"])
        yield hanging("•", Text(f"{kind} ({severity}): {risk['text']}"), *quotes(risk["evidence"]))


def _judged(asked: Json, words: Words) -> RenderableType:
    """Which model was asked what, in small print."""
    answered = words("judged.nobody") if asked["author"] is None else asked["author"]
    parts = (words.name("judged", asked["what"]), answered, asked["prompt"], asked["note"])
    return Text(" · ".join(part for part in parts if part), style="dim")


def _letter(draft: Json, versions: Sequence[Json], words: Words) -> Iterator[RenderableType]:
    yield section(f"{words('letter')} · {words('version', version=draft['version'])}")
    address = draft["to_email"] or words("letter.no_address")
    fields = Table.grid(padding=(0, 2))
    fields.add_row(Text(words("letter.to"), style="dim"), Text(f"{draft['to_name']} · {address}"))
    fields.add_row(Text(words("letter.subject"), style="dim"), Text(draft["subject"], style="bold"))
    yield fields
    yield Panel(Text(draft["body"]), padding=(1, 2))
    if draft["offline"]:
        yield Text(words("letter.offline"), style="yellow")
    if draft["note"]:
        yield Text(draft["note"], style="yellow")
    yield section(words("claims"))
    yield from _claims(draft["claims"], words)
    if len(versions) > 1:
        yield section(words("versions"))
        yield from (_version(version, words) for version in versions)


def _claims(claims: Sequence[Json], words: Words) -> Iterator[RenderableType]:
    if not claims:
        yield Text(words("claims.none"), style="dim")
    for number, claim in enumerate(claims, 1):
        yield hanging(f"{number}.", Text(claim["text"]), *quotes(claim["evidence"]))


def quotes(evidence: Sequence[Json]) -> Iterator[Text]:
    for item in evidence:
        yield Text(f"«{item['quote']}»", style="italic")
        if source := item["url"] or item["source_title"]:
            yield Text(source, style="blue", overflow="fold")


def _version(version: Json, words: Words) -> RenderableType:
    parts = [
        words("version", version=version["version"]),
        version["author"],
        words.time(version["created_at"]),
    ]
    if version["remark"]:
        parts.append(words("remark", remark=version["remark"]))
    return _bullet(" · ".join(parts))


def _question(args: Json, words: Words) -> Iterator[RenderableType]:
    """A question that is not about a letter: a deal that was changed on both sides."""
    theirs = args.get("theirs", {})
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("column.field", "conflict.ours", "conflict.theirs"):
        table.add_column(words(title))
    for name, value in args.get("ours", {}).items():
        sides = (_deal_value(name, side, words) for side in (value, theirs.get(name)))
        table.add_row(words.name("field", name), *sides)
    if table.row_count:
        yield section(words("conflict"))
        yield table


def _deal_value(name: str, value: Any, words: Words) -> Text:
    shown = words.name("stage", value) if name == "stage" and value else value
    return Text("—" if shown is None else str(shown))


def _ending(body: Json, words: Words) -> Iterator[RenderableType]:
    if decision := body["decision"]:
        yield section(words("decided"))
        at = words.time(decision["decided_at"])
        yield Text(f"{words.name('decision', decision['type'])} · {decision['actor']} · {at}")
        reason = decision["reason"] and words.name("reason", decision["reason"])
        yield from (_bullet(text) for text in (reason, decision["message"]) if text)
    elif body["review"]["status"] == "pending":
        yield section(words("decide"))
        if given := body["endorsed_by"]:
            yield Text(words("decide.endorsed", names=", ".join(given)), style="yellow")
        yield from _commands(body, words)


def _commands(body: Json, words: Words) -> Iterator[Text]:
    review = body["review"]
    tails = {"reject": " --reason not_a_fit", "respond": f' "{words("decide.message")}"'}
    about = "letter" if body["draft"] else "deal"
    for name in review["request"]["review_configs"][0]["allowed_decisions"]:
        if name == "edit" and body["draft"] is None:
            # What is not a letter is edited over the API.
            continue
        yield Text(words(f"decide.{about}.{name}"), style="dim")
        yield Text(f"  artel review {name} {review['id']}{tails.get(name, '')}", style="bold")


def section(title: str) -> RenderableType:
    return Padding(Rule(Text(title, style="bold"), align="left", style="dim"), (1, 0, 0, 0))


def _bullet(text: str) -> RenderableType:
    return hanging("•", Text(text))


def hanging(mark: str, *lines: Text) -> RenderableType:
    """Lines that all begin right of the mark, wrapped or not."""
    row = Table.grid(padding=(0, 1))
    row.add_row(mark, Group(*lines))
    return row
