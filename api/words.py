"""The words on the screen: Russian first, English beside it, each noun in its number.

`TEXTS` and `NAMES` are pairs (Russian, English). A value of the API that has no name here is shown as it
is, so a newer server never breaks an older screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

Lang = Literal["ru", "en"]

# Russian counts in three forms (1 компания, 2 компании, 5 компаний), English in two.
NOUNS: dict[str, tuple[tuple[str, str, str], tuple[str, str]]] = {
    "article": (("статья", "статьи", "статей"), ("article", "articles")),
    "call": (("вызов", "вызова", "вызовов"), ("call", "calls")),
    "company": (("компания", "компании", "компаний"), ("company", "companies")),
    "failure": (("сбой", "сбоя", "сбоев"), ("failure", "failures")),
    "fallback": (("замена", "замены", "замен"), ("fallback", "fallbacks")),
    "pair": (("пара", "пары", "пар"), ("pair", "pairs")),
    "problem": (("замечание", "замечания", "замечаний"), ("problem", "problems")),
    "proposal": (("предложение", "предложения", "предложений"), ("proposal", "proposals")),
    "row": (("строка", "строки", "строк"), ("row", "rows")),
    "signal": (("событие", "события", "событий"), ("signal", "signals")),
}

TEXTS: dict[str, tuple[str, str]] = {
    "unknown": ("неизвестно", "unknown"),
    "nothing": ("Пусто.", "Nothing here."),
    "next_page": ("Дальше: --cursor {cursor}", "Next page: --cursor {cursor}"),
    # The card of a review
    "score": ("Оценка", "Score"),
    "confidence": ("известно {percent} % веса факторов", "{percent}% of the factors' weight is known"),
    "probability": ("Вероятность сделки", "Probability of a deal"),
    "factors": ("Факторы", "Factors"),
    "reasons": ("Почему вместе", "Why together"),
    "judged.moved": ("{author}: {model}, по правилам {rules}", "{author}: {model}, by the rules {rules}"),
    "judged.nobody": ("модель не ответила", "no model answered"),
    "risks": ("Риски", "Risks"),
    "synergy": ("Где сходятся", "Where they meet"),
    "letter": ("Письмо", "Letter"),
    "letter.to": ("Кому", "To"),
    "letter.subject": ("Тема", "Subject"),
    "letter.no_address": ("адрес неизвестен", "address unknown"),
    "letter.offline": (
        "Заполнено по шаблону, без модели: прочитайте перед отправкой.",
        "Filled from a template, without a model: read it before it leaves.",
    ),
    "version": ("версия {version}", "version {version}"),
    "versions": ("Версии", "Versions"),
    "remark": ("замечание: {remark}", "remark: {remark}"),
    "claims": ("На чём стоят утверждения", "What the claims stand on"),
    "claims.none": (
        "Утверждений, которые нужно подтверждать, в письме нет.",
        "The letter claims nothing that needs proof.",
    ),
    "conflict": ("Что разошлось", "What differs"),
    "conflict.ours": ("У нас", "Ours"),
    "conflict.theirs": ("В CRM", "In the CRM"),
    "decide": ("Как решить", "How to decide"),
    "decide.letter.approve": ("одобрить и отправить", "approve and send"),
    "decide.letter.edit": ("поправить и отправить", "edit and send"),
    "decide.letter.reject": ("отклонить", "reject"),
    "decide.letter.respond": ("попросить переписать", "ask for a rewrite"),
    "decide.deal.approve": ("записать наше", "write ours"),
    "decide.deal.reject": ("оставить как в CRM", "leave it as it is in the CRM"),
    "decide.message": ("что изменить", "what to change"),
    "decide.endorsed": (
        "Первое одобрение: {names}. Письмо уйдёт, когда его одобрит ещё один человек.",
        "The first approval: {names}. The letter goes out once somebody else approves it too.",
    ),
    "decided": ("Решено", "Decided"),
    # Deciding
    "decision.recorded": ("Решение записано: {decision}.", "Recorded: {decision}."),
    "decision.endorsed": (
        "Первое одобрение записано: письмо уйдёт, когда его одобрит ещё один человек.",
        "The first approval is recorded: the letter goes out once somebody else approves it too.",
    ),
    "decision.working": ("Исполняю решение", "Carrying out the decision"),
    "decision.done": ("Исполнено.", "Carried out."),
    "decision.asks": ("Ждёт нового решения: {command}", "Waits for another decision: {command}"),
    "edit.unchanged": (
        "письмо не изменилось: чтобы отправить его как есть, есть команда approve",
        "the letter was not changed: to send it as it is there is the command approve",
    ),
    "edit.no_letter": (
        "в этом вопросе нет письма, править нечего",
        "this review has no letter, there is nothing to edit",
    ),
    "edit.no_subject": (
        "первая строка должна быть «{label}: …», под ней текст письма",
        "the first line must be “{label}: …”, the letter's text comes below it",
    ),
    "edit.kept": ("ваш текст остался в {path}", "your text is kept in {path}"),
    "edit.no_editor": ("редактор {editor} не сработал: {error}", "the editor {editor} failed: {error}"),
    "file.unreadable": ("файл {path} не читается: {error}", "the file {path} cannot be read: {error}"),
    # The queue
    "queue.empty": ("Ничего не ждёт решения.", "Nothing waits for a decision."),
    "queue": ("Ждут решения: {count}", "Waiting for a decision: {count}"),
    "queue.pair": ("Кто с кем и почему", "Who, with whom and why"),
    "queue.question": ("Вопрос", "Question"),
    # Runs
    "run": ("Запуск", "Run"),
    "run.failed": ("запуск {id} не удался: {error}", "run {id} failed: {error}"),
    "run.lost": ("сервер закрылся, не закончив запуск {id}", "the server closed before run {id} ended"),
    "run.requeued": ("Запуск снова в очереди.", "The run is queued again."),
    "run.cancelled": ("Запуск отменён.", "The run is cancelled."),
    "run.result": ("Итог", "Result"),
    "column.graph": ("Граф", "Graph"),
    "column.status": ("Состояние", "Status"),
    "column.trigger": ("Повод", "Trigger"),
    "column.created": ("Создан", "Created"),
    "column.finished": ("Закончен", "Finished"),
    "column.company": ("Компания", "Company"),
    "column.category": ("Категория", "Category"),
    "column.domain": ("Сайт", "Site"),
    "column.inn": ("ИНН", "INN"),
    "column.feed": ("Лента", "Feed"),
    "column.fetched": ("Прочитана", "Last read"),
    "column.schedule": ("Расписание", "Schedule"),
    "column.cron": ("Когда", "When"),
    "column.next": ("Следующие запуски", "Next runs"),
    "column.last": ("Последний запуск", "Last run"),
    "column.deal": ("Сделка", "Deal"),
    "column.stage": ("Этап", "Stage"),
    "column.changed": ("Изменена", "Changed"),
    "column.field": ("Поле", "Field"),
    # Companies, feeds, schedules
    "company.sources": ("Что известно и откуда", "What is known and where from"),
    "company.signals": ("События", "Signals"),
    "company.pairs": ("С кем в паре", "Paired with"),
    "company.verified": ("проверена по реестру", "verified in a registry"),
    "import.working": ("Загружаю {file}", "Importing {file}"),
    "import.done": ("{file}: {rows}, {counts}", "{file}: {rows}, {counts}"),
    "import.created": ("новых {count}", "{count} new"),
    "import.updated": ("обновлено {count}", "{count} updated"),
    "import.more": ("и ещё {count}", "and {count} more"),
    "feed.added": ("Лента добавлена: {url}", "The feed was added: {url}"),
    "schedule.added": ("Расписание добавлено: {name}", "The schedule was added: {name}"),
    "schedule.removed": ("Расписание убрано: {name}", "The schedule was removed: {name}"),
    "schedule.on": ("работает", "on"),
    "schedule.paused": ("на паузе", "paused"),
    "schedule.unknown": (
        "нет расписания {name!r}: есть {known}",
        "there is no schedule {name!r}: there is {known}",
    ),
    # People
    "user.added": ("Заведена учётная запись {login}: {roles}", "Account {login} was added: {roles}"),
    "user.disabled": ("Вход закрыт: {login}", "Shut out: {login}"),
    "user.enabled": ("Вход открыт: {login}", "Let in again: {login}"),
    "user.invited": (
        "Ссылка на одну учётную запись, до {ends}: {link}",
        "A link for one account, until {ends}: {link}",
    ),
    "limit.set": ("{who}: одобряет сделки до {limit}", "{who} approves deals up to {limit}"),
    "limit.removed": ("{who}: предела больше нет", "{who}: no limit any more"),
    "user.unknown": ("нет учётной записи {login!r}", "there is no account {login!r}"),
    "user.is_disabled": ("вход закрыт", "shut out"),
    "user.is_enabled": ("вход открыт", "may come in"),
    "column.limit": ("Предел", "Limit"),
    "column.whose": ("Чей", "Whose"),
    "column.login": ("Логин", "Login"),
    "column.roles": ("Роли", "Roles"),
    # What the models cost
    "usage": ("С {since}: {counts}, {cost}", "Since {since}: {counts}, {cost}"),
    "usage.empty": ("С {since} моделей не спрашивали.", "Since {since} no model was asked."),
    "column.day": ("День", "Day"),
    "llm.none": (
        "Ни у одной модели нет ключа: письма заполняются по шаблонам.",
        "No model has a key: letters are filled from templates.",
    ),
    "llm.no_key": ("нет ключа", "no key"),
    "llm.untold": ("Списка моделей не даёт.", "Tells no list of models."),
    "llm.asked": ("Кого спрашивает каждый агент, по порядку", "Whom each agent asks, in this order"),
    "column.key": ("Ключ", "Key"),
    "column.outcome": ("Исход", "Outcome"),
    "column.provider": ("Провайдер", "Provider"),
    "column.agent": ("Агент", "Agent"),
    "column.model": ("Модель", "Model"),
    "column.calls": ("Вызовы", "Calls"),
    "column.failures": ("Сбои", "Failures"),
    "column.fallbacks": ("Замены", "Fallbacks"),
    "column.tokens": ("Токены", "Tokens"),
    "column.cost": ("Цена, ₽", "Cost, RUB"),
    "column.latency": ("Ответ, с", "Answer, s"),
    "serving": (
        "Artel слушает {url} (описание: {url}/docs, токен: {token})",
        "Artel serves {url} (reference: {url}/docs, token: {token})",
    ),
    "invited.first": (
        "Первый администратор заводит учётную запись здесь (ссылка показана один раз): {link}",
        "The first administrator makes an account here (the link is shown once): {link}",
    ),
    "working": (
        "Работник {member} выполняет запуски, сразу до {count}",
        "Worker {member} executes runs, up to {count} at once",
    ),
    "migrated": ("База готова: {url}", "The database is ready: {url}"),
    # The demo
    "demo.again": (
        "Эти новости уже прочитаны: второй раз ничего не запускается.",
        "This news has been read before: nothing runs a second time.",
    ),
    "demo.approve": ("Одобряю лучшее: {pair}", "Approving the best: {pair}"),
    "chain.sent": ("Файл письма: {path}", "The letter's file: {path}"),
    "chain.deal": ("Сделка в CRM", "Deal in the CRM"),
    "chain.decision": ("Решение", "Decision"),
    "hints": ("Что дальше", "What next"),
    "hint.folder": ("дальнейшие команды — в этой папке", "the commands below use this folder"),
    "hint.list": ("всё, что ждёт решения", "all that waits for a decision"),
    "hint.show": ("карточка целиком", "the whole card"),
    "hint.approve": ("одобрить и отправить", "approve and send"),
    "hint.serve": ("сервер: страница и HTTP", "the server: the page and HTTP"),
    "hint.page": (
        "очередь в браузере; первый вход — по ссылке, которую скажет serve",
        "the queue in a browser; serve says the link for the first account",
    ),
    "hint.http": ("очередь по HTTP", "the queue over HTTP"),
    # The scout
    "scout.working": ("Читаю ленты", "Reading the feeds"),
    "scout.pairs": ("Разбираю пары", "Working through the pairs"),
    "scout.found": ("Ленты прочитаны: {counts}; {started}", "The feeds are read: {counts}; {started}"),
    "scout.started": ("начат разбор: {count}", "started: {count}"),
    "scout.settled": ("Разобрано {count} · {parts}", "Worked through {count} · {parts}"),
    "scout.waiting": ("ждут решения: {count}", "waiting for a decision: {count}"),
    "scout.done": ("завершены: {count}", "ended: {count}"),
    "scout.failed": ("не удались: {count}", "failed: {count}"),
    "scout.cancelled": ("отменены: {count}", "cancelled: {count}"),
    "scout.dead": ("сломаны: {count}", "dead: {count}"),
    "scout.idle": (
        "Новых доводов ни по одной паре нет: всё уже разобрано раньше.",
        "Nothing new about any pair: all of it was worked through before.",
    ),
}

NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "region": {"ru": ("в России", "in Russia"), "abroad": ("за границей", "abroad")},
    "outcome": {
        "ok": ("отвечает", "answers"),
        "truncated": ("отвечает", "answers"),
        "filtered": ("отказ цензуры", "refused by censorship"),
        "invalid": ("ответ не по форме", "answer out of form"),
        "rate_limited": ("слишком часто", "too often"),
        "unavailable": ("недоступен", "unavailable"),
        "timed_out": ("не ответил вовремя", "no answer in time"),
        "given_up": ("ответ стал не нужен", "no longer needed"),
        "unauthorised": ("ключ не принят", "key not taken"),
        "out_of_money": ("кончились деньги", "out of money"),
        "bad_request": ("запрос не понят", "request not understood"),
    },
    "status": {
        "queued": ("в очереди", "queued"),
        "running": ("идёт", "running"),
        "waiting": ("ждёт решения", "waiting"),
        "done": ("готов", "done"),
        "failed": ("не удался", "failed"),
        "cancelled": ("отменён", "cancelled"),
        "dead": ("сломан", "dead"),
        "pending": ("ждёт решения", "waiting"),
        "decided": ("решён", "decided"),
        "withdrawn": ("снят", "withdrawn"),
    },
    "trigger": {
        "schedule": ("расписание", "schedule"),
        "person": ("человек", "person"),
        "api": ("API", "API"),
        "webhook": ("веб-хук", "webhook"),
        "run": ("разведка", "scout"),
        "review": ("решение", "decision"),
    },
    "decision": {
        "approve": ("одобрено", "approved"),
        "edit": ("одобрено с правкой", "approved with an edit"),
        "reject": ("отклонено", "rejected"),
        "respond": ("отдано на доработку", "sent for a rewrite"),
    },
    "reason": {
        "not_a_fit": ("не подходит по профилю", "not a fit"),
        "in_crm": ("уже в работе в CRM", "already in CRM"),
        "competitor": ("конкурент", "competitor"),
        "weak_text": ("плохой текст", "weak text"),
        "wrong_data": ("неверные данные", "wrong data"),
        "other": ("другое", "other"),
    },
    "kind": {
        "outreach": ("письмо", "letter"),
        "crm_conflict": ("расхождение в CRM", "CRM conflict"),
        "company_merge": ("слияние компаний", "merge of companies"),
    },
    "lang": {"ru": ("по-русски", "in Russian"), "en": ("по-английски", "in English")},
    "style": {
        "formal": ("официально", "formal"),
        "friendly": ("дружелюбно", "friendly"),
        "technical": ("технично", "technical"),
    },
    "action": {
        "review.approve": ("одобрено", "approved"),
        "review.edit": ("одобрено с правкой", "approved with an edit"),
        "review.reject": ("отклонено", "rejected"),
        "review.respond": ("отдано на доработку", "sent for a rewrite"),
        "review.endorse": ("первое одобрение", "first approval"),
        "review.escalate": ("срок вышел", "past the deadline"),
        "review.undo": ("решение отменено", "decision undone"),
    },
    "factor": {
        "tech_stack": ("Технологии", "Technologies"),
        "market": ("Рынки", "Markets"),
        "size": ("Размер", "Size"),
        "geography": ("География", "Geography"),
        "no_competition": ("Не конкуренты", "No competition"),
        "complementarity": ("Дополняют друг друга", "Complementarity"),
    },
    "judged": {
        "judgement": ("О паре", "About the pair"),
        "risks": ("О рисках", "About risks"),
    },
    "risk": {
        "competition": ("конкуренция", "competition"),
        "ownership": ("собственники", "ownership"),
        "people": ("люди", "people"),
        "finances": ("финансы", "finances"),
        "legal": ("право", "law"),
        "security": ("безопасность", "security"),
        "technical": ("технологии", "technology"),
        "reputation": ("репутация", "reputation"),
    },
    "severity": {
        "low": ("низкий риск", "low risk"),
        "medium": ("средний риск", "medium risk"),
        "high": ("высокий риск", "high risk"),
    },
    "field": {
        "name": ("название", "name"),
        "legal_name": ("юридическое лицо", "legal name"),
        "inn": ("ИНН", "INN"),
        "ogrn": ("ОГРН", "OGRN"),
        "kpp": ("КПП", "KPP"),
        "address": ("адрес", "address"),
        "website": ("сайт", "website"),
        "domain": ("домен", "domain"),
        "contact_email": ("почта", "e-mail"),
        "description": ("описание", "description"),
        "industry": ("категория", "category"),
        "country": ("страна", "country"),
        "city": ("город", "city"),
        "staff_count": ("сотрудники", "staff"),
        "staff_range": ("сотрудники", "staff"),
        "integrations": ("интеграции", "integrations"),
        "tech_stack": ("технологии", "technologies"),
        "markets": ("рынки", "markets"),
        "tags": ("метки", "tags"),
        "title": ("название", "title"),
        "stage": ("этап", "stage"),
        "company": ("компания", "company"),
        "partner": ("партнёр", "partner"),
        "score": ("оценка", "score"),
        "value_rub": ("сумма, ₽", "value, RUB"),
        "note": ("заметка", "note"),
    },
    "signal": {
        "funding": ("инвестиции", "funding"),
        "launch": ("запуск продукта", "launch"),
        "integration": ("интеграция", "integration"),
        "partnership": ("партнёрство", "partnership"),
        "hiring": ("наём", "hiring"),
        "acquisition": ("покупка", "acquisition"),
        "leadership": ("руководство", "leadership"),
        "expansion": ("новый рынок", "expansion"),
    },
    "partnership": {
        "suggested": ("предложено", "suggested"),
        "contacted": ("написали", "contacted"),
        "in_discussion": ("обсуждают", "in discussion"),
        "active": ("партнёры", "active"),
        "rejected": ("отклонено", "rejected"),
        "paused": ("на паузе", "paused"),
    },
    "stage": {
        "suggested": ("предложено", "suggested"),
        "contacted": ("написали", "contacted"),
        "in_discussion": ("обсуждают", "in discussion"),
        "won": ("договорились", "won"),
        "lost": ("не сложилось", "lost"),
        "rejected": ("отклонено", "rejected"),
    },
    "node": {
        "fetch": ("ленты прочитаны", "feeds read"),
        "extract": ("статьи разобраны", "articles read"),
        "resolve": ("компании опознаны", "companies recognised"),
        "validate": ("реестр проверен", "registry checked"),
        "shortlist": ("пары подобраны", "pairs chosen"),
        "start": ("разбор пар начат", "pairs started"),
        "compatibility": ("совместимость посчитана", "compatibility computed"),
        "judge": ("мнение модели запрошено", "a model's opinion asked for"),
        "warn": ("риски запрошены", "risks asked for"),
        "weigh": ("оценка пары готова", "score of the pair settled"),
        "outreach": ("письмо написано", "letter written"),
        "review": ("решение принято", "decision taken"),
        "send": ("письмо отправлено", "letter sent"),
        "reject": ("отказ записан", "refusal recorded"),
        "crm_sync": ("сделка сверена", "deal compared"),
        "crm_review": ("решение по сделке принято", "deal decided"),
        "crm_write": ("сделка записана", "deal written"),
        "analytics": ("итог учтён", "outcome learned"),
    },
}


@dataclass(frozen=True)
class Words:
    """The catalogue in one language, and how that language writes numbers and times of `zone`."""

    lang: Lang = "ru"
    zone: tzinfo = field(default=UTC)

    def __call__(self, key: str, **values: Any) -> str:
        """The text `key` with its {values}. Errors: KeyError for a text that does not exist."""
        return self._of(TEXTS[key]).format(**values)

    def name(self, kind: str, value: str) -> str:
        """What a value of the API is called on the screen."""
        names = NAMES[kind]
        return self._of(names[value]) if value in names else value

    def count(self, number: int, noun: str) -> str:
        """`5 компаний`, `1 company`."""
        russian, english = NOUNS[noun]
        word = russian[_russian_form(number)] if self.lang == "ru" else english[number != 1]
        return f"{self.number(number)} {word}"

    def number(self, number: int) -> str:
        """Thousands apart: with a no-break space in Russian, a comma in English."""
        text = f"{number:,}"
        return text.replace(",", "\N{NO-BREAK SPACE}") if self.lang == "ru" else text

    def share(self, value: float) -> str:
        """A number of 0..1 with two decimals: `0,82`, `0.82`."""
        text = f"{value:.2f}"
        return text.replace(".", ",") if self.lang == "ru" else text

    def sum(self, value: float) -> str:
        """Roubles and kopecks: `1 234,50`, `1,234.50`. What is less than a kopeck is no nothing."""
        if 0 < value < 0.01:
            return f"<\N{NO-BREAK SPACE}{self.share(0.01)}"
        whole, _, part = f"{value:.2f}".partition(".")
        return f"{self.number(int(whole))}{',' if self.lang == 'ru' else '.'}{part}"

    def roubles(self, value: float) -> str:
        """`1 234,50 ₽`, `RUB 1,234.50`."""
        text = self.sum(value)
        return f"{text}\N{NO-BREAK SPACE}₽" if self.lang == "ru" else f"RUB {text}"

    def day(self, iso: str) -> str:
        """An API day: `20.11.2026`, `2026-11-20`."""
        return date.fromisoformat(iso).strftime("%d.%m.%Y" if self.lang == "ru" else "%Y-%m-%d")

    def time(self, iso: str | None) -> str:
        """An API time, to the minute, in the reader's zone; a dash for none."""
        if iso is None:
            return "—"
        at = datetime.fromisoformat(iso).astimezone(self.zone)
        return at.strftime("%d.%m.%Y %H:%M" if self.lang == "ru" else "%Y-%m-%d %H:%M")

    def _of(self, pair: tuple[str, str]) -> str:
        return pair[0] if self.lang == "ru" else pair[1]


def _russian_form(number: int) -> int:
    """0, 1 or 2: the form after 1, after 2-4, after the rest (CLDR plural rules of Russian)."""
    tens, units = number % 100, number % 10
    if units == 1 and tens != 11:
        return 0
    return 1 if units in (2, 3, 4) and tens not in (12, 13, 14) else 2
