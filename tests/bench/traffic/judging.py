"""From recorded visits to the figures of bench.json."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tests.bench.traffic.campaign import SOON_S, Trace
from tests.bench.traffic.classify import (
    Floats,
    Labels,
    Scores,
    Told,
    convolutions,
    forest,
    judged,
    named_table,
    sequence_table,
    telling,
)
from tests.bench.traffic.features import UP_FRAME, Seen
from tests.bench.traffic.plans import ACTIVITIES, CLIENTS
from tests.bench.traffic.recorder import Way

SEED = 7
PAIR_REPEATS = 2
CHANCES = 2
BUSY_SLOTS = (8, 11)
BUSY_MS = 200


@dataclass(frozen=True)
class Tables:
    """What each family of classifiers is shown of the same visits."""

    activities: tuple[str, ...]
    named: Floats
    names: list[str]
    raw: Floats

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> "Tables":
        seen = [Seen(tuple(trace.records)) for trace in traces]
        named, names = named_table(seen)
        return cls(tuple(trace.plan.activity for trace in traces), named, names, sequence_table(seen))

    def rows(self, chosen: Labels) -> "Tables":
        kept = tuple(each for each, keep in zip(self.activities, chosen, strict=True) if keep)
        return replace(self, activities=kept, named=self.named[chosen], raw=self.raw[chosen])

    def labels(self, wanted: Callable[[str], bool]) -> Labels:
        return np.array([wanted(each) for each in self.activities])

    def families(self) -> Iterator[tuple[str, Floats, Scores]]:
        yield "forest", self.named, forest
        yield "convolutions", self.raw, convolutions

    def judge(self, labels: Labels, repeats: int) -> dict[str, Told]:
        return {
            family: judged(table, labels, scores, seed=SEED, repeats=repeats)
            for family, table, scores in self.families()
        }

    def pairs(self) -> dict[str, float]:
        """The better family's AUC for each two activities."""
        found = {}
        for one, other in combinations(ACTIVITIES, 2):
            both = self.rows(self.labels(lambda each, pair=(one, other): each in pair))  # type: ignore[misc]
            told = both.judge(both.labels(lambda each, other=other: each == other), PAIR_REPEATS)  # type: ignore[misc]
            found[f"{one}_{other}"] = max(each.auc for each in told.values())
        return found


def is_client(activity: str) -> bool:
    return activity in CLIENTS


def figures_of(traces: Sequence[Trace]) -> dict[str, float]:
    """Who has asked for help, told from who has not; and each activity from each other."""
    tables = Tables.of(traces)
    told = tables.judge(tables.labels(is_client), 5)
    worst = max(told.values(), key=lambda each: each.auc)
    finds = max(told.values(), key=lambda each: each.tpr)
    pairs = tables.pairs()
    by_chance = [max(_shuffled(tables, seed).pairs().values()) for seed in range(CHANCES)]
    return {
        "n": len(traces),
        "auc": worst.auc,
        "auc_low": worst.auc_low,
        "auc_high": worst.auc_high,
        "tpr_at_fpr1": finds.tpr,
        "tpr_at_fpr1_low": finds.tpr_low,
        "tpr_at_fpr1_high": finds.tpr_high,
        **{f"auc_{family}": each.auc for family, each in told.items()},
        **{f"tpr_at_fpr1_{family}": each.tpr for family, each in told.items()},
        **{f"auc_{pair}": auc for pair, auc in pairs.items()},
        "auc_worst_pair": max(pairs.values()),
        "auc_worst_pair_by_chance": float(np.median(by_chance)),
        "auc_endings": _auc(traces, lambda trace: trace.plan.ending == "exits"),
        "auc_natural_lengths": _auc([ended_when_done(trace) for trace in traces]),
        "control_auc_busy": _auc([answered_late(trace) for trace in traces]),
    }


def control_figures(traces: Sequence[Trace]) -> dict[str, float]:
    """The same on a server without slots: a classifier that finds nothing there proves nothing elsewhere."""
    return {"control_n": len(traces), "control_auc_without_slots": _auc(traces)}


def what_tells(traces: Sequence[Trace]) -> list[tuple[str, float]]:
    tables = Tables.of(traces)
    return telling(tables.named, tables.labels(is_client), tables.names, seed=SEED)


def _auc(
    traces: Sequence[Trace], wanted: Callable[[Trace], bool] = lambda trace: is_client(trace.plan.activity)
) -> float:
    labels = np.array([wanted(trace) for trace in traces])
    return max(each.auc for each in Tables.of(traces).judge(labels, PAIR_REPEATS).values())


def _shuffled(tables: Tables, seed: int) -> Tables:
    order = np.random.default_rng(seed).permutation(len(tables.activities))
    return replace(tables, activities=tuple(tables.activities[at] for at in order))


def ended_when_done(trace: Trace) -> Trace:
    """As if everybody left when they had done what they came for."""
    saved_s = trace.left_s - trace.done_s
    before = [each for each in trace.records if each.at_s <= trace.done_s]
    after = [each._replace(at_s=each.at_s - saved_s) for each in trace.records if each.at_s > trace.left_s]
    return replace(trace, records=before + after, left_s=trace.done_s)


def answered_late(trace: Trace) -> Trace:
    """As if a client's browser were busy for a few slots, once: what a classifier that works must find."""
    if not is_client(trace.plan.activity):
        return trace
    ups = [each.at_s for each in trace.records if (each.way, each.length) == (Way.UP, UP_FRAME)]
    late = set(ups[slice(*BUSY_SLOTS)])
    records = [
        each._replace(at_s=each.at_s + BUSY_MS / 1000)
        if each.at_s in late and (each.way, each.length) == (Way.UP, UP_FRAME)
        else each
        for each in trace.records
    ]
    return replace(trace, records=sorted(records))


def worth_judging(traces: Sequence[Trace]) -> list[Trace]:
    """Without visits that became longer than was drawn for them."""
    return [trace for trace in traces if not trace.overran and trace.left_s > SOON_S]
