"""The two sides of an event by the kind of its verb: each function is a value of `roles` in triggers.yaml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .inflection import nominative_person, nominative_place
from .ner import Bearer
from .roles import Scene

# The second side is a company, or the text of a person, place or thing, or nobody.
Side = Bearer | str | None
Sides = Iterator[tuple[Bearer | None, Side]]

_POST = re.compile(
    r"\w*директор\w*|гендир\w*|глав(?:а|ы|е|у|ой)|главны\w+|руководител\w+|\w*президент\w*|председател\w*|c[etfom]o"
    r"|управляющ\w+|пост|посту|поста|должност\w+|дирекци\w+|обязанност\w+|заместител\w+|начальник\w*"
    r"|топ-менеджер\w*|кресл\w+|правлени\w+|совет\w*|руководств\w+|исполняющ\w+|врио"
)
# «стал гендиректором X», «исполняющим обязанности стал»: what somebody becomes stands in the instrumental.
_NEW_POST = re.compile(
    r"\w*директором|главой|руководител(?:ем|ьницей)|\w*президентом|председателем|c[etfom]o|управляющим"
    r"|начальником|заместителем|исполняющим|врио"
)
_PRONOUN = re.compile(r"его|ее|их")
_NOT_POST = re.compile(r"раунд\w*|рейтинг\w*|список|акселератор\w*")
_TOWARDS = re.compile(r"контроль|крыло|собственность|управление|владение|руки")
_INVESTOR = re.compile(r"инвестор(?:ом|ами)")
_MONEY = re.compile(r"млн|млрд|миллион\w*|миллиард\w*|тыс")
_GRANT = re.compile(r"грант\w*|кредит\w*|инвестици\w*|заем|субсиди\w+")
_MARKET = re.compile(r"рын\w+|сегмент\w*")
_PARTIES = re.compile(r"стороны|компании|партнеры|обе|они")
_PARTY = re.compile(
    r"правительств\w+|администраци\w+|област\w+|министерств\w+|университет\w*|институт\w*|мэри\w+"
)


def does(scene: Scene) -> Sides:
    for place in scene.targets():
        yield scene.agent(), scene.bearer(place)


def is_done(scene: Scene) -> Sides:
    yield scene.bearer(scene.right(6)), scene.bearer(scene.doer())


def moves_to(scene: Scene) -> Sides:
    """X перешёл к Y, достался Y, продан Y; Z продал X компании Y."""
    gone = scene.doer()
    taker = scene.governed("к ко", reach=6)
    if taker is None and scene.find(_TOWARDS, start=scene.verb) is not None:
        taker = scene.right(6)
    taker = scene.receiver() if taker is None else taker
    sold = [place for place in scene.targets() if place != taker] if taker is not None else []
    moved = sold[0] if sold and gone is not None and sold[0] != gone else gone
    yield scene.bearer(taker), scene.bearer(moved)


def becomes_owner(scene: Scene) -> Sides:
    doer = scene.doer()
    after = [place for place in scene.names("o") if place > scene.verb and place != doer]
    if after:
        yield scene.agent(), scene.bearer(after[0])


def deal_done(scene: Scene) -> Sides:
    """«Покупка X обошлась Y», «сделка по покупке X компанией Y закрыта», «слияние X и Y завершено»."""
    named = [at for at in scene.names("o") if at > scene.verb]
    if len(named) > 1:
        yield scene.bearer(named[1]), scene.bearer(named[0])


def belongs(scene: Scene) -> Sides:
    yield scene.bearer(scene.right(4)), scene.agent()


def share_grows(scene: Scene) -> Sides:
    inside = [at for at in scene.names("o") if scene.line.preposition(at) in ("в", "во")]
    owners = [at for at in scene.names("o") if at not in inside]
    if inside and owners:
        yield scene.bearer(owners[0]), scene.bearer(inside[0])


def is_funded(scene: Scene) -> Sides:
    """«Инвестором X стал Y», «инвесторами раунда выступили Y и Z»."""
    said = scene.find(_INVESTOR)
    if said is None:
        return
    taker = next((at for at in scene.names("o") if said < at <= said + 4 and at < scene.verb), None)
    giver = next((at for at in scene.names("o") if at != taker and at > scene.verb), None)
    giver = scene.doer() if giver is None else giver
    yield scene.bearer(taker) or scene.topic, scene.bearer(giver)


def appears(scene: Scene) -> Sides:
    """«У X заработал сервис», «на X появился раздел»."""
    at = [at for at in scene.names("o") if at < scene.verb and scene.line.preposition(at) in ("в", "на", "у")]
    if at:
        yield scene.bearer(at[-1]), None


def offers_jobs(scene: Scene) -> Sides:
    at = [at for at in scene.names("o") if scene.line.preposition(at) in ("в", "во", "у")]
    yield (scene.bearer(at[0]) if at else scene.agent()), None


def leaves(scene: Scene) -> Sides:
    """A person leaves a post, or the company itself: «Бунина ушла из „Яндекса“»."""
    person = scene.nearest(scene.verb, "p")
    out = scene.right(3)
    if person is not None and person > scene.verb + 2:
        return
    if person is not None and out is not None and _post(scene) is None and person < scene.verb:
        yield scene.bearer(out), nominative_person(scene.token(person).text)
    else:
        yield from appoints(scene)


def pays_for(scene: Scene) -> Sides:
    if scene.find(_MONEY) is not None:
        bought = next((at for at in scene.names("o") if scene.line.preposition(at) == "за"), None)
        yield scene.agent(), scene.bearer(bought)


def joins(scene: Scene) -> Sides:
    yield scene.bearer(scene.right(8)), scene.agent()


def raises(scene: Scene) -> Sides:
    giver = scene.governed("от у с со")
    giver = _granted_by(scene) if giver is None else giver
    into = scene.governed("в во", reach=6)
    if into is not None and scene.names("p"):
        # «Дьяконов привлёк в „Бланк“ 1,5 млрд»
        yield scene.bearer(into), scene.bearer(giver)
    else:
        yield scene.agent(), scene.bearer(giver)


def _granted_by(scene: Scene) -> int | None:
    """«получил грант „Сколково“»"""
    said = scene.find(_GRANT, start=scene.verb)
    return said + 1 if said is not None and said + 1 in scene.names("o") else None


def gives_money(scene: Scene) -> Sides:
    into = [at for at in scene.names("o") if scene.line.preposition(at) in ("в", "во")]
    taker = min(into, key=lambda at: abs(at - scene.verb), default=None)
    giver = scene.agent()
    person = next((scene.token(at).text for at in scene.names("p") if at < scene.verb), None)
    if taker is not None:
        yield scene.bearer(taker), giver or person


def lends(scene: Scene) -> Sides:
    taker = scene.receiver()
    near = scene.right(3)
    free = near is not None and not scene.line.preposition(near)
    yield scene.bearer(near if taker is None and free else taker), scene.agent()


def enters(scene: Scene) -> Sides:
    yield scene.bearer(scene.right(6)), scene.agent()


def leads_round(scene: Scene) -> Sides:
    doer = scene.doer()
    about = next((at for at in scene.names("o") if at > scene.verb and at != doer), None)
    yield scene.bearer(about) or scene.topic, scene.bearer(doer)


def launches(scene: Scene) -> Sides:
    doer = scene.doer()
    made = [at for at in scene.names("ot") if scene.verb < at <= scene.verb + 10 and at != doer]
    named = [at for at in made if not _is_technology(scene.bearer(at))]
    yield scene.agent(), scene.full_name(named[0]) if named else None


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


def expands(scene: Scene) -> Sides:
    agent = scene.agent()
    where = next((scene.token(at).text for at in scene.names("l") if at > scene.verb), None)
    place = nominative_place(where) if where else None
    if place is None and (market := scene.find(_MARKET, start=scene.verb)) is not None:
        place = scene.token(market).text
    yield agent, place


def _is_technology(bearer: Bearer | None) -> bool:
    return bearer is not None and bearer.known is not None and bearer.known.kind != "company"


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


ROLES: dict[str, Callable[[Scene], Sides]] = {
    function.__name__: function
    for function in (
        does,
        is_done,
        deal_done,
        belongs,
        share_grows,
        is_funded,
        appears,
        offers_jobs,
        leaves,
        moves_to,
        becomes_owner,
        pays_for,
        joins,
        raises,
        gives_money,
        lends,
        enters,
        leads_round,
        launches,
        connects,
        has_module,
        agrees,
        agrees_with,
        is_agreed,
        awarded,
        becomes_partner,
        hires,
        appoints,
        expands,
    )
}
