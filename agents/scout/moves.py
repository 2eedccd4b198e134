"""The two sides of a hiring, a change of leaders and an expansion: values of `roles` in triggers.yaml."""

from __future__ import annotations

import re

from .inflection import nominative_person, nominative_place
from .roles import Scene, Sides

_POST = re.compile(
    r"[\w-]*директор\w*|гендир\w*|глав(?:а|ы|е|у|ой)|главны\w+|руководител\w+|[\w-]*президент\w*|председател\w*"
    r"|c[etfom]o|управляющ\w+|пост|посту|поста|должност\w+|дирекци\w+|обязанност\w+|заместител\w+|начальник\w*"
    r"|топ-менеджер\w*|кресл\w+|правлени\w+|совет\w*|руководств\w+|исполняющ\w+|врио"
)
# «стал гендиректором X», «исполняющим обязанности стал»: what somebody becomes stands in the instrumental.
_NEW_POST = re.compile(
    r"[\w-]*директором|главой|руководител(?:ем|ьницей)|[\w-]*президентом|председателем|c[etfom]o|управляющим"
    r"|начальником|заместителем|исполняющим|врио"
)
_PRONOUN = re.compile(r"его|ее|их")
_NOT_POST = re.compile(r"раунд\w*|рейтинг\w*|список|акселератор\w*")
_MARKET = re.compile(r"рын\w+|сегмент\w*")


def offers_jobs(scene: Scene) -> Sides:
    at = [at for at in scene.names("o") if scene.line.preposition(at) in ("в", "во", "у")]
    yield (scene.bearer(at[0]) if at else scene.agent()), None


def hires(scene: Scene) -> Sides:
    yield scene.agent(), None


def appoints(scene: Scene) -> Sides:
    """A person takes or leaves a post: the company is the one nearest to the post."""
    person = scene.nearest(scene.verb, "p")
    post = _post(scene)
    if (
        person is None
        or post is None
        or person > scene.verb + 8
        or scene.find(_NOT_POST, start=scene.verb) is not None
    ):
        return
    inside = [
        at for at in scene.names("o") if scene.line.preposition(at) not in ("из", "от", "с", "со", "до")
    ]
    company = min(inside, key=lambda at: abs(at - post), default=None)
    yield scene.bearer(company) or scene.topic, nominative_person(scene.token(person).text)


def leaves(scene: Scene) -> Sides:
    """A person leaves a post, or the company itself: «Бунина ушла из „Яндекса“»."""
    person = scene.nearest(scene.verb, "p")
    out = scene.right(3)
    said = _posts(scene, _POST, 8)
    if person is not None and person > scene.verb + 2 and not any(scene.verb < at < person for at in said):
        return
    if person is not None and out is not None and _post(scene) is None and person < scene.verb:
        yield scene.bearer(out), nominative_person(scene.token(person).text)
    else:
        yield from appoints(scene)


def expands(scene: Scene) -> Sides:
    agent = scene.agent()
    where = next((scene.token(at).text for at in scene.names("l") if at > scene.verb), None)
    place = nominative_place(where) if where else None
    if place is None and (market := scene.find(_MARKET, start=scene.verb)) is not None:
        place = scene.token(market).text
    yield agent, place


def _post(scene: Scene) -> int | None:
    """The word for a post near the verb; the verb itself after «возглавил X» and «его сменит Y»."""
    verb = scene.token(scene.verb).word
    if re.match(r"смени|замени", verb):
        return scene.verb if scene.find(_PRONOUN) is not None or _posts(scene, _POST, 8) else None
    # «Сменился гендиректор: им стал Y»
    anew = re.match(r"ста[лн]", verb) and scene.token(scene.verb - 1).word not in ("им", "ею", "ей")
    found = _posts(scene, _NEW_POST if anew else _POST, 8)
    if found:
        return min(found, key=lambda at: abs(at - scene.verb))
    return scene.verb if re.match(r"возглав|назнач", verb) and scene.names("o") else None


def _posts(scene: Scene, pattern: re.Pattern[str], reach: int) -> list[int]:
    tokens = enumerate(scene.line.tokens)
    return [at for at, token in tokens if abs(at - scene.verb) <= reach and pattern.fullmatch(token.word)]
