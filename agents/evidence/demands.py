"""What no letter of ours asks for, whoever wants it written: money, secrets, and trust in an unknown sender.

A first letter proposes to talk. One that wants a payment or a password is a swindler's, even where a source
says that it is customary: so no fact supports such a sentence.
"""

from __future__ import annotations

import re

from .orders import seen

_PRIVATE = (
    r"(?:парол\w*|логин\w*|код\w{0,3} (?:из|от|по) (?:sms|смс)|одноразов\w+ код\w*|пин-?код\w*|cvv\w*|cvc\w*"
    r"|(?:секретн|приватн|закрыт)\w+ ключ\w*|(?:ключ|токен)\w{0,3} (?:доступа|api)|паспорт\w*"
    r"|учётн\w+ (?:запис|данн)\w+"
    r"|(?:данн\w+|номер\w*) (?:вашей )?карт\w*|(?:банковск|платёжн|платежн)\w+ (?:карт|данн|реквизит)\w*"
    r"|passwords?|passcodes?|credentials?|log-?ins?(?= (?:and|to|details|data))|pin codes?|one-time codes?"
    r"|(?:api|access|private|secret|seed) (?:keys?|tokens?|phrase)|(?:credit |bank "
    r"|debit )?card (?:numbers?|details|data)"
    r"|bank (?:account|details)|passport\w*|social security\w*)"
)
_MONEY = (
    r"(?:предоплат\w*|аванс(?!ир\w+)\w{0,2}|задат\w+|депозит\w*|счёт\w* на оплату|счет\w* на оплату"
    r"|реквизит\w+"
    r"|вступительн\w+ взнос\w*|гонорар\w*|откат\w{0,2}(?!\w)|вознагражден\w+ лично|подарочн\w+ карт\w+"
    r"|криптокошел\w+"
    r"|pre-?payments?|down payments?|(?:advance|upfront|up-front) (?:payments?|fees?)|deposits?"
    r"|entry fees?|kickbacks?"
    r"|gift cards?|(?:crypto|bitcoin) wallets?|wire transfers?|bribes?)"
)
_HAND = (
    r"(?:просим|прошу|просьба|попросим|нужно|необходимо|пришлите|отправьте|вышлите|сообщите|передайте"
    r"|предоставьте"
    r"|укажите|введите|подтвердите|дайте|откройте|ждём|ждем|ожидаем"
    r"|please|send|share|provide|give|tell|submit|enter|confirm|hand over|forward|expect)"
)
_PAY = (
    r"(?<!\w)(?:оплатите|заплатите|перечислите|внесите|переведите"
    r"|(?:просим|прошу|нужно|необходимо|надо)(?: вас)? (?:оплатить|заплатить|перечислить|внести|перевести)"
    r"|pay|wire|remit|transfer)[\s,](?:[^.!?]{0,60}\s)?(?:нам|нас|наш\w*|сч[её]т\w*|деньг\w*|средств\w*"
    r"|сумм\w*|оплат\w*"
    r"|взнос\w*|аванс\w*|предоплат\w*|рубл\w+|карт\w+|кошел\w+|us|our|account|money|funds?|sum|fee"
    r"|invoice|roubles?"
    r"|dollars?|card|wallet|now|in advance)(?!\w)"
)
_BAIT = (
    r"(?<!\w)(?:(?:скачайте|установите|запустите|откройте) (?:вложен|файл|приложен|программ|архив)\w*"
    r"|(?:никому )?не (?:сообщайте|говорите|показывайте)(?: об этом)? (?:никому|коллег|юрист|безопасност)\w*"
    r"|(?:open|download|install|run) the (?:attach\w+|file|archive|app|program)|(?:do not"
    r"|don[’']t) tell (?:any|your)\w*)"
)
# Others may name these; we never ask for them.
_LISTS = (
    r"(?:баз\w{1,2} (?:данных )?(?:ваших |своих )?(?:клиент|заказчик|пользовател|контакт)\w+"
    r"|персональн\w+ данн\w+"
    r"|(?:customer|client|user|contact) (?:database|list)s?|personal data)"
)
_THING = re.compile(rf"(?<!\w)(?:{_PRIVATE}|{_MONEY})(?!\w)", re.IGNORECASE)
_WANTED = rf"(?<!\w)(?:{_PRIVATE}|{_MONEY}|{_LISTS})(?!\w)"
_DEMAND = re.compile(
    rf"{_PAY}|{_BAIT}|(?<!\w){_HAND}(?!\w)[^.!?]{{0,80}}{_WANTED}"
    rf"|{_WANTED}[^.!?]{{0,80}}(?<!\w){_HAND}(?!\w)",
    re.IGNORECASE,
)


def demands(text: str) -> bool:
    """Whether the text wants money, a secret or people's data of its reader, or to have a file opened."""
    return _DEMAND.search(_plain(text)) is not None


def delicate(text: str) -> frozenset[str]:
    """The beginnings of its words for money and secrets: to be said only where the facts say them."""
    return frozenset(found[0].casefold()[:6] for found in _THING.finditer(_plain(text)))


def _plain(text: str) -> str:
    """As it is read: good typography has blanks that are none."""
    return " ".join(seen(text).split())
