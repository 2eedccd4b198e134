"""The chance that a partnership comes about, learned from those that ended, or an honest "unknown".

L2-regularised logistic regression on standardised features. With enough of both outcomes it is
calibrated by Platt scaling on folds that it has not seen (J. Platt, "Probabilistic outputs for support
vector machines", 1999). It is judged by the Brier score and log loss of out-of-fold predictions; where
it does no better than always saying the base rate, the base rate is what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# scikit-learn takes a second to import and is needed only from MIN_CLOSED outcomes on.

MIN_CLOSED = 10
FOLDS = 5
# Of the smaller class. Below it Platt scaling adds more noise than it removes.
CALIBRATE_FROM = 20
# Chosen on simulated outcomes (12 to 320 rows of 30 features, 5 or none informative): 1.0 is worse
# than the base rate below 80 rows, 0.03 never by more than 0.01 of Brier score.
INVERSE_PENALTY = 0.03

Row = Mapping[str, float | str]


@dataclass(frozen=True)
class Forecast:
    """probability: 0..1, or None for unknown; n: closed outcomes learned from; base_rate: the share of
    them that was won, None while it is unknown too; brier (0..1) and log_loss (nats): out of fold, less
    is better, None when not measured; reason: one line for a person, in Russian.
    """

    probability: float | None
    n: int
    base_rate: float | None
    brier: float | None
    log_loss: float | None
    reason: str


@dataclass(frozen=True)
class Model:
    """What n outcomes taught. `pipeline` is None where nothing better than the base rate was learned."""

    n: int
    base_rate: float
    brier: float | None
    log_loss: float | None
    pipeline: Any

    def forecast(self, row: Row) -> Forecast:
        learned = self.pipeline is not None
        probability = float(self.pipeline.predict_proba([row])[0, 1]) if learned else self.base_rate
        reason = (
            f"по {self.n} закрытым партнёрствам, ошибка Брайера {self.brier:.3f}"
            if learned
            else f"средняя доля успеха по {self.n} закрытым партнёрствам: точнее пока не предсказать"
        )
        return Forecast(probability, self.n, self.base_rate, self.brier, self.log_loss, reason)


def fit(rows: Sequence[Row], won: Sequence[bool]) -> Model | None:
    """The model of these closed outcomes; None below MIN_CLOSED of them or when all ended alike.

    rows: n mappings {feature: number, or text for a category}; won: n outcomes. Deterministic.
    """
    rarer = min(sum(won), len(won) - sum(won))
    if len(won) < MIN_CLOSED or rarer == 0:
        return None
    n, base_rate = len(won), sum(won) / len(won)
    if rarer == 1:
        # One example cannot both teach and test.
        return Model(n, base_rate, None, None, None)
    brier, log_loss = scores(won, out_of_fold(rows, won))
    better = brier < base_rate * (1 - base_rate)
    return Model(n, base_rate, brier, log_loss, estimator(rarer).fit(rows, won) if better else None)


def forecast(model: Model | None, row: Row, *, closed: int) -> Forecast:
    """What `model` says of `row`, or unknown where `closed` outcomes taught no model."""
    if model is not None:
        return model.forecast(row)
    if closed < MIN_CLOSED:
        reason = f"закрыто партнёрств: {closed}, для прогноза нужно {MIN_CLOSED}"
    else:
        reason = f"все {closed} закрытых партнёрств закончились одинаково"
    return Forecast(None, closed, None, None, None, reason)


def out_of_fold(rows: Sequence[Row], won: Sequence[bool]) -> list[float]:
    """The probability of each row by a model that has not seen it; each class needs two rows."""
    from sklearn.model_selection import cross_val_predict

    rarer = min(sum(won), len(won) - sum(won))
    folds = _folds(min(FOLDS, rarer))
    predicted = cross_val_predict(estimator(rarer), rows, won, cv=folds, method="predict_proba")
    return [float(probability) for probability in predicted[:, 1]]


def scores(won: Sequence[bool], probabilities: Sequence[float]) -> tuple[float, float]:
    """Brier score (G. Brier, 1950) and log loss in nats."""
    from sklearn.metrics import brier_score_loss, log_loss

    return float(brier_score_loss(won, probabilities)), float(log_loss(won, probabilities))


def estimator(rarer: int) -> Any:
    """An unfitted scikit-learn classifier of rows for a training set whose smaller class has `rarer`."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000)
    plain = make_pipeline(DictVectorizer(sparse=False), StandardScaler(), regression)
    if rarer < CALIBRATE_FROM:
        return plain
    return CalibratedClassifierCV(plain, method="sigmoid", cv=_folds(FOLDS))


def _folds(number: int) -> Any:
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(number, shuffle=True, random_state=0)
