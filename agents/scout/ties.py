"""The two sides of a launch, an integration and a partnership: values of `roles` in triggers.yaml."""

from __future__ import annotations

import re

from .ner import Bearer
from .roles import Scene, Sides

_PARTIES = re.compile(r"стороны|компании|партнеры|обе|они")
_PARTY = re.compile(
    r"правительств\w+|администраци\w+|област\w+|министерств\w+|университет\w*|институт\w*|мэри\w+"
)


def launches(scene: Scene) -> Sides:
    doer = scene.doer()
    made = [at for at in scene.names("ot") if scene.verb < at <= scene.verb + 10 and at != doer]
    named = [at for at in made if not _is_technology(scene.bearer(at))]
    yield scene.agent(), scene.full_name(named[0]) if named else None


def appears(scene: Scene) -> Sides:
    """«У X заработал сервис», «на X появился раздел»."""
    at = [at for at in scene.names("o") if at < scene.verb and scene.line.preposition(at) in ("в", "на", "у")]
    if at:
        yield scene.bearer(at[-1]), None


def connects(scene: Scene) -> Sides:
    doer = scene.doer()
    agent = scene.agent()
    listed = scene.joined(doer) if doer is not None else []
    others = [*listed, *(at for at in scene.names("o") if at > scene.verb), *reversed(scene.names("o"))]
    other = next((scene.bearer(at) for at in others if scene.bearer(at) is not agent), None)
    if other is not None:
        yield agent, other
    elif _both(scene):
        yield scene.named[0], scene.named[1]


def has_module(scene: Scene) -> Sides:
    inside = [
        at
        for at in scene.names("o")
        if at < scene.verb and scene.line.preposition(at) in ("в", "во", "у", "на")
    ]
    other = scene.right()
    if inside and other is not None:
        yield scene.bearer(inside[-1]), scene.bearer(other)
    elif not inside:
        yield from connects(scene)


def agrees(scene: Scene) -> Sides:
    agent = scene.agent(by_person=True) or scene.bearer(scene.governed("с со между"))
    partner = _partner(scene, agent)
    if partner is None and _both(scene):
        yield scene.named[0], scene.named[1]
    else:
        yield agent, partner or _other_party(scene)


def agrees_with(scene: Scene) -> Sides:
    agent = scene.bearer(scene.doer())
    partner = _partner(scene, agent)
    if partner is not None:
        yield agent, partner
    elif _both(scene):
        yield scene.named[0], scene.named[1]


def is_agreed(scene: Scene) -> Sides:
    parties = [scene.bearer(at) for at in scene.names("o")]
    if len(set(parties)) > 1:
        yield parties[0], parties[1]


def awarded(scene: Scene) -> Sides:
    """«Контракт X достался Y»"""
    taker = scene.receiver()
    other = next((scene.bearer(at) for at in scene.names("o") if at != taker), None)
    yield scene.bearer(taker), other or _other_party(scene)


def becomes_partner(scene: Scene) -> Sides:
    agent = scene.agent()
    other = scene.bearer(scene.right(12))
    if other is not None and other is not agent:
        yield agent, other


def _is_technology(bearer: Bearer | None) -> bool:
    return bearer is not None and bearer.known is not None and bearer.known.kind != "company"


def _partner(scene: Scene, agent: Bearer | None) -> Bearer | None:
    """The company on the other side: «с Y», «X и Y договорились», «между X и Y»."""
    doer = scene.doer()
    listed = scene.joined(doer) if doer is not None else []
    bound = [at for at in scene.names("o") if scene.line.preposition(at) in ("с", "со", "между")]
    sure = [at for at in scene.names("o") if at > scene.verb and _is_free(scene, at)]
    places = [*listed, *bound, *sure]
    return next((scene.bearer(at) for at in places if scene.bearer(at) is not agent), None)


def _both(scene: Scene) -> bool:
    """«Стороны заключили договор»: the two that the sentence before named."""
    said = scene.find(_PARTIES)
    return len(scene.named) == 2 and said is not None and said < scene.verb and not scene.names("o")


def _is_free(scene: Scene, place: int) -> bool:
    bearer = scene.bearer(place)
    return bearer is not None and bearer.is_company and not scene.line.preposition(place)


def _other_party(scene: Scene) -> str | None:
    authority = scene.names("g")
    if authority:
        return scene.token(authority[0]).text
    party = scene.find(_PARTY)
    if party is None:
        return None
    place = next((at for at in scene.names("l") if at == party + 1), None)
    return " ".join(scene.token(at).text for at in (party, place) if at is not None)
