"""Two families of classifiers, and how well either tells one kind of visit from another.

Forests look at named features, in any order and combination. The other family looks at the raw sequence of slots: a
few hundred random convolutions wherever in the visit their pattern stands, and a linear model over them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import RidgeClassifierCV
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler

from tests.bench.traffic.features import Floats, Seen, name_and_measure, sequences

Labels = NDArray[np.bool_]
Scores = Callable[[Floats, Labels, Floats, int], Floats]

FOLDS: Final = 5
REPEATS: Final = 5
BOOTSTRAPS: Final = 1_000
TREES: Final = 300
KERNELS: Final = 300
KERNEL_SLOTS: Final = 7
ALLOWED_FPR: Final = 0.01


@dataclass(frozen=True)
class Told:
    """How well the second kind was told from the first, on visits that the classifier had not seen."""

    auc: float
    auc_low: float
    auc_high: float
    tpr: float
    tpr_low: float
    tpr_high: float
    visits: int


def named_table(visits: Sequence[Seen]) -> tuple[Floats, list[str]]:
    rows = [name_and_measure(each) for each in visits]
    names = sorted({name for row in rows for name in row})
    return np.array([[row.get(name, -1.0) for name in names] for row in rows]), names


def sequence_table(visits: Sequence[Seen]) -> Floats:
    return np.stack([sequences(each) for each in visits])


def forest(train: Floats, labels: Labels, test: Floats, seed: int) -> Floats:
    model = ExtraTreesClassifier(TREES, min_samples_leaf=2, class_weight="balanced", random_state=seed)
    scores: Floats = model.fit(train, labels).predict_proba(test)[:, 1]
    return scores


def convolutions(train: Floats, labels: Labels, test: Floats, seed: int) -> Floats:
    """`train` and `test`: (visits, channels, slots)."""
    rng = np.random.default_rng(seed)
    channels = train.shape[1]
    scalers = [RobustScaler().fit(train[:, channel].reshape(-1, 1)) for channel in range(channels)]

    def scaled(table: Floats) -> Floats:
        flat = [scalers[channel].transform(table[:, channel].reshape(-1, 1)) for channel in range(channels)]
        return np.clip(np.stack([each.reshape(len(table), -1) for each in flat], axis=1), -20, 20)

    kernels = rng.normal(size=(KERNELS, KERNEL_SLOTS))
    kernels -= kernels.mean(axis=1, keepdims=True) * rng.integers(0, 2, size=(KERNELS, 1))
    channel_of = rng.integers(0, channels, size=KERNELS)
    bias = rng.normal(size=KERNELS)

    def patterns(table: Floats) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(scaled(table), KERNEL_SLOTS, axis=2)
        found = np.einsum("vkwl,kl->vkw", windows[:, channel_of], kernels) + bias[None, :, None]
        return np.concatenate([found.max(axis=2), (found > 0).mean(axis=2), scaled(table).reshape(len(table), -1)], 1)

    model = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=np.logspace(0, 5, 11)))
    scores: Floats = model.fit(patterns(train), labels).decision_function(patterns(test))
    return scores


def judged(table: Floats, labels: Labels, scores: Scores, *, seed: int, repeats: int = REPEATS) -> Told:
    """Cross-validated by visit; the interval is a bootstrap over visits."""
    rng = np.random.default_rng(seed)
    totals = np.zeros(len(labels))
    for repeat in range(repeats):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat)
        for train, test in folds.split(table, labels):
            found = scores(table[train], labels[train], table[test], seed + repeat)
            totals[test] += found
    draws = np.array([_figures(labels[each], totals[each]) for each in _resampled(labels, rng)])
    (auc_low, tpr_low), (auc_high, tpr_high) = np.quantile(draws, (0.025, 0.975), axis=0)
    auc, tpr = _figures(labels, totals)
    return Told(auc, auc_low, auc_high, tpr, tpr_low, tpr_high, len(labels))


def _resampled(labels: Labels, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    sides = [np.flatnonzero(labels), np.flatnonzero(~labels)]
    return [np.concatenate([rng.choice(side, len(side)) for side in sides]) for _ in range(BOOTSTRAPS)]


def _figures(labels: Labels, scores: Floats) -> tuple[float, float]:
    """AUC, and the share that is found while at most one innocent visit in a hundred is accused."""
    fpr, tpr, _ = roc_curve(labels, scores)
    return float(roc_auc_score(labels, scores)), float(tpr[fpr <= ALLOWED_FPR].max())


def telling(
    table: Floats, labels: Labels, names: Sequence[str], *, seed: int, count: int = 12
) -> list[tuple[str, float]]:
    """The features a forest leans on most: what to mend."""
    model = ExtraTreesClassifier(TREES, min_samples_leaf=2, class_weight="balanced", random_state=seed)
    weights = model.fit(table, labels).feature_importances_
    order = np.argsort(weights)[::-1][:count]
    return [(names[at], float(weights[at])) for at in order]
