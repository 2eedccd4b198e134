"""Events by the words of a sentence, and the sentences that only look like one."""

from __future__ import annotations

from datetime import date

import pytest

from agents.scout.extraction import Event, extract
from agents.scout.lexicon import gazetteer

NAMES = gazetteer(())
PUBLISHED = date(2023, 5, 5)


def events(text: str, title: str = "") -> tuple[Event, ...]:
    return extract(text, NAMES, title=title, published=PUBLISHED).events


@pytest.mark.parametrize(
    ("type", "subject", "object", "text"),
    [
        ("acquisition", "МТС", "Сказбука", "МТС приобрела «Сказбуку», платформу игр для детей."),
        ("acquisition", "Яндекс", "Сказбука", "«Сказбуку», платформу игр, купил «Яндекс»."),
        ("acquisition", "МТС", "РИКТ", "За РИКТ, оператора связи, МТС отдала 360 млн рублей."),
        ("acquisition", "Сбер", "Rambler", "Rambler Group перешла под контроль Сбербанка."),
        ("acquisition", "Уфанет", "Кристалл-Телеком", "Сеть «Кристалл-Телеком» продана группе «Уфанет»."),
        ("acquisition", "ВТБ", "Мультикарта", "ВТБ стал единственным акционером «Мультикарты»."),
        ("acquisition", "Ростелеком", "Вортон", "Агентство «Вортон» досталось «Ростелекому»."),
        ("acquisition", "Билайн", "Корбина", "«Вымпелком» поглощает «Корбину»."),
        ("funding", "Группа Астра", None, "В ходе размещения Astra привлекла 3,5 млрд рублей."),
        ("funding", "YouDo", "Flint Capital", "YouDo получил от фонда Flint Capital 100 млн рублей."),
        ("funding", "Учи.ру", "Baring Vostok", "Baring Vostok инвестировал в «Учи.ру» 100 млн рублей."),
        ("funding", "М.Видео", None, "«М.Видео» разместила облигации на 7 млрд рублей."),
        ("funding", "Ростелеком", "Газпромбанк", "Газпромбанк открыл «Ростелекому» кредитную линию."),
        ("funding", "ФРИИ", "Ростелеком", "«Ростелеком» готов вложить 1 млрд рублей в капитал ФРИИ."),
        ("launch", "Яндекс", None, "«Яндекс» запустил в тестовом режиме сервис для арендодателей."),
        ("launch", "МТС", "AppBazar", "МТС запустила AppBazar, магазин программ."),
        ("launch", "Ozon", None, "У Ozon заработал собственный банк для предпринимателей."),
        ("integration", "amoCRM", "ЮKassa", "Система amoCRM добавила поддержку ЮKassa."),
        ("integration", "ELMA365", "Диадок", "В ELMA365 есть модуль «Диадок» для обмена документами."),
        ("integration", "Рубитех", "Диасофт", "Компании «Рубитех» и «Диасофт» подтвердили совместимость."),
        ("partnership", "МТС", "VK", "МТС и VK объявили о стратегическом партнёрстве."),
        ("partnership", "Merlion", "Yadro", "Дистрибьютор Merlion подписал контракт с Yadro."),
        ("partnership", "ВТБ", "Arenadata", "ВТБ выбрал Arenadata поставщиком СУБД."),
        ("partnership", "ЛАНИТ", "КамАЗ", "Подписано соглашение между ЛАНИТ и «КамАЗом»."),
        ("hiring", "Софтлайн", None, "Softline увеличит штат разработчиков на 30%."),
        ("hiring", "Ozon", None, "В Ozon открыто 400 вакансий для разработчиков."),
        ("leadership", "МегаФон", "Геворк Вермишян", "Геворк Вермишян возглавил «МегаФон»."),
        ("leadership", "Ozon", "Игорь Герасимов", "Ozon назначил финансовым директором Игоря Герасимова."),
        (
            "leadership",
            "ВКонтакте",
            "Павел Дуров",
            "Павел Дуров больше не руководит «ВКонтакте» как директор.",
        ),
        ("acquisition", "Крок", "Норбит", "Интегратор «Норбит» куплен холдингом «Крок»."),
        ("acquisition", "Сбер", "Rambler", "Доля Сбера в «Рамблере» выросла до 100%."),
        ("acquisition", "VK", "Delivery Club", "Сервис Delivery Club теперь принадлежит VK."),
        ("acquisition", "МТС", "Мультирегион", "Оператор «Мультирегион» вошёл в состав МТС."),
        (
            "acquisition",
            "Google",
            "Looker",
            "Google заплатит за разработчика аналитики Looker 2 млрд долларов.",
        ),
        ("acquisition", "Билайн", "МегаФон", "Слияние «МегаФона» и «Билайна» завершено."),
        ("funding", "Rooms", "Восход", "Инвестором сервиса Rooms стал фонд «Восход»."),
        ("funding", "Группа Астра", "ВЭБ.РФ", "ВЭБ.РФ выдал «Астре» кредит на 3 млрд рублей."),
        ("funding", "RuBackup", "Т1", "Т1 вошёл в капитал разработчика RuBackup."),
        ("funding", "Бланк", None, "Борис Дьяконов привлёк в банк «Бланк» 1,5 млрд рублей."),
        ("funding", "Optogan", "Сколково", "Стартап Optogan получил грант «Сколково» на 30 млн рублей."),
        ("partnership", "Ростелеком", None, "Контракт Минздрава достался «Ростелекому»."),
        ("leadership", "Яндекс", "Елена Бунина", "Елена Бунина ушла из «Яндекса»."),
        ("integration", "Contoso", "Ozon", "Теперь сервис Contoso синхронизируется с Ozon."),
        ("expansion", "Miro", "Берлин", "Miro открыла офис в Берлине."),
        ("expansion", "Whoosh", "Казахстан", "Whoosh начал работать в Казахстане."),
        ("expansion", "Делимобиль", "Индия", "«Делимобиль» вышел на рынок Индии."),
    ],
)
def test_an_event(type: str, subject: str, object: str | None, text: str) -> None:
    found = events(text)
    assert [(event.type, event.subject) for event in found] == [(type, subject)]
    assert object is None or found[0].object == object


@pytest.mark.parametrize(
    "text",
    [
        "«Яндекс» опроверг покупку «Авито».",
        "«Яндекс» может купить «Авито».",
        "Сделки «Яндекса» и «Тинькоффа» не будет, переговоры сорвались.",
        "Ранее МТС купила «Гольфстрим».",
        "Сбер, который купил Rambler в 2020 году, отчитался за квартал.",
        "После покупки Rambler выручка Сбера выросла.",
        "Если VK купит «Авито», рынок изменится.",
        "Аналитики ждут, что VK купит «Авито».",
        "Купит ли VK «Авито»?",
        "«Мегаплан» закрывает старый сервис.",
        "Ozon сократит 100 сотрудников.",
        "InfoWatch выпустила отчёт об утечках.",
        "Эксперт Битрикс24 рассказал, как выбрать CRM.",
        "МТС не планирует выходить на рынок Ирана.",
        "Roistat проиграл суд Calltouch и заплатит 5 млн рублей.",
        "Подключить Roistat к amoCRM можно за пять минут.",
        "«Софтлайн» выкупит собственные акции.",
        "«Ростелеком» предлагает себя поставщиком, контракта нет.",
        "Яндекс напомнил, что в 2017 году объединил такси с Uber.",
    ],
)
def test_no_event(text: str) -> None:
    assert events(text) == ()


def test_a_text_that_says_it_has_no_news_has_none() -> None:
    told = "Контур запустил сервис Толк."
    assert events(told)
    assert events(told + " Это ретроспектива: ни сделки, ни свежего релиза в колонке нет.") == ()


def test_the_amount_may_stand_in_the_next_sentence() -> None:
    found = events("Группа ЛАНИТ купила «Норбит». Сумма сделки составила 1,2 млрд рублей.")
    assert [event.amount_rub for event in found] == [1_200_000_000]


def test_a_sentence_may_go_on_about_whoever_the_title_names() -> None:
    found = events("Сотовый оператор закрыл сделку по покупке компании «Рободиалог».", "Подарок МегаФона")
    assert found == ()
    found = events("Сотовый оператор закрыл сделку по покупке компании «Рободиалог».", "МегаФон растёт")
    assert [(event.subject, event.object) for event in found] == [("МегаФон", "Рободиалог")]


def test_both_sides_may_stand_in_the_sentence_before() -> None:
    found = events(
        "РЖД выбирали между лицензиями «Базальт СПО». Стороны заключили договор на 310 млн рублей."
    )
    assert [(event.subject, event.object, event.amount_rub) for event in found] == [
        ("РЖД", "Базальт СПО", 310_000_000)
    ]


def test_the_newcomer_hides_the_one_who_left() -> None:
    text = (
        "Максим Акимов оставил пост гендиректора «Почты России». "
        "Исполнять обязанности поручено Михаилу Волкову."
    )
    assert [(event.subject, event.object) for event in events(text)] == [("Почта России", "Михаил Волков")]


def test_the_quote_is_the_sentence_and_the_day_is_its_day() -> None:
    text = "Новости рынка. 3 апреля «Ростелеком» купил «Вортон». Всё."
    event = events(text)[0]
    assert event.quote == "3 апреля «Ростелеком» купил «Вортон»."
    assert event.day == date(2023, 4, 3)
