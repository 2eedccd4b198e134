"""The two sides of an acquisition and of a funding: values of `roles` in triggers.yaml."""

from __future__ import annotations

import re

from .roles import Scene, Sides

_TOWARDS = re.compile(r"контроль|крыло|собственность|управление|владение|руки")
_INVESTOR = re.compile(r"инвестор(?:ом|ами)")
_MONEY = re.compile(r"млн|млрд|миллион\w*|миллиард\w*|тыс")
_GRANT = re.compile(r"грант\w*|кредит\w*|инвестици\w*|заем|субсиди\w+")


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


def gives_money(scene: Scene) -> Sides:
    into = [at for at in scene.names("o") if scene.line.preposition(at) in ("в", "во")]
    taker = min(into, key=lambda at: abs(at - scene.verb), default=None)
    giver = scene.agent()
    person = next((scene.token(at).text for at in scene.names("p") if at < scene.verb), None)
    if taker is not None:
        yield scene.bearer(taker), giver or person


def is_funded(scene: Scene) -> Sides:
    """«Инвестором X стал Y», «инвесторами раунда выступили Y и Z»."""
    said = scene.find(_INVESTOR)
    if said is None:
        return
    taker = next((at for at in scene.names("o") if said < at <= said + 4 and at < scene.verb), None)
    giver = next((at for at in scene.names("o") if at != taker and at > scene.verb), None)
    giver = scene.doer() if giver is None else giver
    yield scene.bearer(taker) or scene.topic, scene.bearer(giver)


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


def _granted_by(scene: Scene) -> int | None:
    """«получил грант „Сколково“»"""
    said = scene.find(_GRANT, start=scene.verb)
    return said + 1 if said is not None and said + 1 in scene.names("o") else None
