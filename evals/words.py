"""What an evaluation says to a person, in Russian and in English."""

from __future__ import annotations

from typing import Literal

Lang = Literal["ru", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "metric": ("показатель", "metric"),
    "score": ("результат", "score"),
    "interval": ("интервал 95 %", "95% interval"),
    "baseline": ("было", "baseline"),
    "delta": ("разница", "delta"),
    "split": ("лучше : хуже, p", "better : worse, p"),
    "gate": ("порог", "gate"),
    "goal": ("цель", "goal"),
    "cases": ("примеров", "cases"),
    "run": ("Прогон {run}: {folder}", "Run {run}: {folder}"),
    "resumed": (
        "Прогон {run} был прерван, он продолжается с того же места.",
        "Run {run} was interrupted, it goes on where it stood.",
    ),
    "worse": ("Стало хуже:", "It got worse:"),
    "fine": ("Хуже не стало.", "Nothing got worse."),
    "skipped": (
        "{name}: пропущена, эта проверка имеет смысл только с {modes}",
        "{name}: skipped, it says something only with {modes}",
    ),
    "accepted": ("{name}: новая база записана в {path}", "{name}: the new baseline is in {path}"),
    "nothing": ("Разницы нет.", "There is no difference."),
    "report": ("Отчёт: {path}", "The report: {path}"),
    "title": ("Проверки Artel", "Artel's evals"),
    "offline": ("без сети, по записям", "offline, from tapes"),
    "record": ("с записью ответов моделей", "recording what models answer"),
    "live": ("модели спрошены вживую", "models were asked live"),
    "by_eval": ("Результаты с интервалами", "Scores with their intervals"),
    "deltas": ("Разница с базой на тех же примерах", "Difference from the baseline on the same cases"),
    "models": ("Модели: стоимость и задержка", "Models: cost and latency"),
    "provider": ("провайдер", "provider"),
    "model": ("модель", "model"),
    "calls": ("вызовов", "calls"),
    "failures": ("без ответа", "no answer"),
    "tokens": ("токенов", "tokens"),
    "cost": ("стоимость, ₽", "cost, ₽"),
    "latency": ("задержка, мс", "latency, ms"),
    "nobody": ("Модели не спрашивали.", "No model was asked."),
    "worst": ("Худшие примеры", "The worst cases"),
    "none_bad": ("Ошибок нет.", "Nothing was wrong."),
    "slices": ("По срезам", "By slice"),
    "slice": ("срез", "slice"),
    "case": ("пример", "case"),
    "evidence": ("что не так", "what is wrong"),
    "way": ("путь по графу", "way through the graph"),
    "input": ("пример целиком", "the whole case"),
    "logs": ("Журналы Inspect", "Inspect's logs"),
    "code": ("код", "code"),
    "data": ("данные", "data"),
    "passed": ("не хуже", "not worse"),
    "failed": ("хуже", "worse"),
    "seconds": ("секунд", "seconds"),
    "saved": ("Пример {id} добавлен в {path}", "Case {id} is added to {path}"),
    "forked": (
        "Запуск {run} повторён с узла {node} на копии базы; было (−) и стало (+):",
        "Run {run} was repeated from node {node} on a copy of the database; before (-) and after (+):",
    ),
    "before": ("было", "before"),
    "after": ("стало", "after"),
}


class Words:
    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, /, **values: object) -> str:
        return WORDS[key][self.lang == "en"].format(**values)

    def number(self, value: float | None, digits: int = 3) -> str:
        """A figure with the decimal mark of the language; a dash for what nobody knows."""
        if value is None or value != value:
            return "—"
        return self.shown(f"{value:.{digits}f}")

    def shown(self, told: str) -> str:
        """A figure that is written already, in this language."""
        told = told.replace("-", "−")
        return told if self.lang == "en" else told.replace(".", ",")

    def cases(self, count: int) -> str:
        """«51 пример», "51 cases"."""
        if self.lang == "en":
            return f"{count} case" + ("" if count == 1 else "s")
        teen, last = 10 < count % 100 < 20, count % 10
        few = not teen and 1 < last < 5
        return f"{count} {'пример' if last == 1 and not teen else 'примера' if few else 'примеров'}"

    def signed(self, value: float) -> str:
        return ("+" if value > 0 else "") + self.number(value)
