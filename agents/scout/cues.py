"""What the words around an unknown name say of its bearer. Lemmas, general to Russian business news."""

from __future__ import annotations

from functools import lru_cache

from .inflection import parses, plain

# «компания „X“»: X is a company.
COMPANY = frozenset(
    "компания фирма корпорация холдинг группа концерн конгломерат консорциум оператор разработчик вендор"
    " интегратор провайдер поставщик производитель дистрибьютор дистрибутор реселлер ритейлер банк фонд"
    " стартап студия агентство ассоциация бюро предприятие организация общество юрлицо акселератор инкубатор"
    " инвестор завод застройщик девелопер страховщик брокер хостер регистратор экосистема подрядчик аутсорсер"
    " перевозчик издатель автопроизводитель госкорпорация госкомпания единорог заказчик бигтех медиахолдинг"
    " медиагруппа инвесткомпания инвестфонд инвестбанк гильдия кооператив объединение конкурент"
    " гку гбу фгуп фгбу муп нпо нии кб нко ано".split()
)
# «сервис „X“»: X may be a company or only what one sells.
SERVICE = frozenset(
    "сервис платформа соцсеть сеть мессенджер площадка портал поисковик маркетплейс агрегатор магазин"
    " интернет-магазин кинотеатр онлайн-кинотеатр хостинг команда бренд структура подразделение классифайд"
    " каршеринг такси онлайн-школа необанк суперапп кикшеринг система облако онлайн-сервис партнер клиент"
    " актив бизнес покупатель продавец".split()
)
# «доля X», «гендиректор X»: whatever X is, it has shares and directors.
HOLDER = frozenset(
    "доля пакет капитал гендиректор директор глава президент вице-президент основатель сооснователь"
    " представитель пресс-служба пресс-секретарь акционер миноритарий выручка прибыль офис штаб-квартира"
    " представительство владелец совладелец собственник учредитель топ-менеджер сотрудник покупка приобретение"
    " поглощение облигация капитализация правление председатель акция бумага бенефициар создатель дочка".split()
)
# «приложение „X“»: X is something else.
OTHER = frozenset(
    "приложение программа проект модуль игра фильм сериал мультфильм шоу альбом книга роман песня"
    " форум конференция саммит выставка премия конкурс фестиваль хакатон закон законопроект тариф план"
    " смартфон телефон планшет ноутбук устройство модель автомобиль машина самолет ракета спутник колонка ос"
    " язык технология решение продукт функция чат-бот бот ассистент помощник нейросеть алгоритм нацпроект"
    " госпрограмма стратегия доклад отчет исследование опрос рейтинг курс дом здание бизнес-центр тц тк"
    " технопарк улица шоссе станция вокзал аэропорт стадион клуб гостиница отель партия движение суд"
    " министерство ведомство департамент комитет комиссия управление университет институт академия лицей"
    " гимназия церковь храм музей театр статья интервью рубрика раздел линейка серия версия релиз сборка"
    " дистрибутив библиотека фреймворк протокол стандарт формат операция слово термин понятие фраза лозунг"
    " слоган тема вопрос чемпионат турнир сборная гипермаркет супермаркет кафе ресторан бар пост сообщество"
    " паблик чат инициатива концепция дорога трасса мост район микрорайон парк жк поселок остров корабль судно"
    " ледокол подкаст вебинар семинар мероприятие олимпиада номинация орден медаль сертификат лицензия"
    " подписка услуга опция режим кнопка вкладка".split()
)
MEDIA = frozenset(
    "издание газета журнал телеканал канал радиостанция радио информагентство сайт блог сми редакция"
    " корреспондент журналист обозреватель колумнист главред редактор собеседник".split()
)
# «пишет „X“»: X is a newspaper.
TELLING = frozenset("писать передавать цитировать узнать напоминать отмечать выяснить".split())
LEGAL = frozenset("ооо оао зао ао пао нао гк ано нко ип гку гбу фгуп фгбу муп llc inc ltd plc gmbh".split())
# The last word of many a foreign company's name.
TAIL = frozenset(
    "group holding holdings capital ventures partners technologies technology systems solutions software labs"
    " lab studio studios games media networks electronics international corporation corp inc ltd llc plc bank"
    " telecom mobile entertainment pharma energy invest investments consulting digital industries interactive"
    " групп холдинг капитал венчурс партнерс технолоджис технологии системс солюшнс софт банк телеком лабс"
    " инвест консалтинг".split()
)
_KINDS = (("company", COMPANY), ("holder", HOLDER), ("service", SERVICE), ("media", MEDIA), ("other", OTHER))


def kind_of(lemma: str) -> str | None:
    """What a head noun says: company, holder, service, media or other."""
    return next((kind for kind, words in _KINDS if lemma in words), None)


@lru_cache(maxsize=16_384)
def noun(word: str) -> str | None:
    """The word's lemma if it may be a noun, a listed one first; «ИТ-компанией» -> компания."""
    lemmas = [plain(parse.normal_form) for parse in parses(plain(word)) if parse.tag.POS == "NOUN"]
    lemmas += [lemma.rsplit("-", 1)[-1] for lemma in lemmas if "-" in lemma]
    listed = [lemma for lemma in (*lemmas, plain(word)) if kind_of(lemma)]
    return next(iter((*listed, *lemmas)), None)


@lru_cache(maxsize=16_384)
def verb(word: str) -> str | None:
    """The word's infinitive if it is a verb."""
    parse = parses(plain(word))[0]
    return str(parse.normal_form) if parse.tag.POS in ("VERB", "INFN") else None
