"""What a classifier is shown of a visit: only what a wire shows, and nothing of how it was driven."""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.traffic.recorder import Record, Way, What

Floats = NDArray[np.float64]

TLS_OVERHEAD_BYTES: Final = 17  # of a TLS 1.3 record: the type inside, and the tag
UP_FRAME: Final = 2_048 + 8 + TLS_OVERHEAD_BYTES  # a masked WebSocket header
DOWN_FRAME: Final = 4_096 + 4 + TLS_OVERHEAD_BYTES

FIRST_RECORDS: Final = 40
SLOTS: Final = 34
"""Of the sequences: shorter than the shortest visit, so that the length of a visit cannot tell."""
LATE_S: Final = (0.005, 0.020, 0.100)
RESTS_S: Final = 0.25
OVERDUE_S: Final = (0.01, 0.03, 0.1, 0.25)
"""Beyond the longest rest that an answer is given (SPEC 6.2): whoever knows the rule looks there."""
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.9, 1.0)
LOAD_S: Final = 6.0
AROUND_LEAVING_S: Final = 0.5


@dataclass(frozen=True)
class Seen:
    """One visit, told apart into the first load, the channel and the end. `left_s`: when the channel closed."""

    records: tuple[Record, ...]

    @cached_property
    def channel(self) -> int:
        """The connection that carries the frames."""
        counts: dict[int, int] = {}
        for record in self.records:
            if record.length in (UP_FRAME, DOWN_FRAME):
                counts[record.line] = counts.get(record.line, 0) + 1
        return max(counts, key=counts.__getitem__, default=-1)

    def times(self, way: Way) -> Floats:
        """Of the channel's frames that way."""
        size = UP_FRAME if way is Way.UP else DOWN_FRAME
        return np.array(
            [each.at_s for each in self.records if each.line == self.channel and (each.way, each.length) == (way, size)]
        )

    @cached_property
    def delays(self) -> Floats:
        """From each frame down to the next frame up, in seconds."""
        downs, ups = self.times(Way.DOWN), self.times(Way.UP)
        after = np.searchsorted(ups, downs)
        answered = after < len(ups)
        return ups[after[answered]] - downs[answered]

    @property
    def gaps(self) -> Floats:
        """Between frames down; the first comes with the opening, whenever that is."""
        return np.diff(self.times(Way.DOWN)[1:])

    @property
    def up_gaps(self) -> Floats:
        return np.diff(self.times(Way.UP)[1:])

    @property
    def loading(self) -> list[Record]:
        """Everything outside the channel."""
        return [each for each in self.records if each.line != self.channel]

    @property
    def left_s(self) -> float:
        ends = [each.at_s for each in self.records if each.line == self.channel and each.what == What.ENDED]
        return min(ends, default=self.records[-1].at_s)


def name_and_measure(seen: Seen) -> dict[str, float]:
    """The features, by name."""
    return {
        **_counts(seen),
        **_first_records(seen),
        **_times("delay", seen.delays),
        **{f"delay_overdue_{round(1000 * late)}ms": float(np.sum(seen.delays > RESTS_S + late)) for late in OVERDUE_S},
        **_times("gap", seen.gaps),
        **_times("up_gap", seen.up_gaps),
        **_leaving(seen),
    }


def sequences(seen: Seen) -> Floats:
    """Delays and gaps slot by slot, (3, SLOTS); shorter ones are filled with their median."""
    rows = [np.log(seen.delays + 1e-4), seen.gaps, seen.up_gaps]
    return np.stack([_filled(row) for row in rows])


def _filled(row: Floats) -> Floats:
    fill = float(np.median(row)) if len(row) else 0.0
    return np.concatenate([row[:SLOTS], np.full(max(0, SLOTS - len(row)), fill)])


def _counts(seen: Seen) -> dict[str, float]:
    found: dict[str, float] = {"lines": len({each.line for each in seen.records})}
    for way in Way:
        data = [each.length for each in seen.loading if each.way == way and each.what == What.DATA]
        frames = len(seen.times(way))
        found |= {
            f"records_{way.name}": len(data),
            f"bytes_{way.name}": sum(data),
            f"frames_{way.name}": frames,
            f"sizes_{way.name}": len(set(data)),
        }
    duration = max(seen.left_s, 1e-3)
    found["frames_up_per_s"] = found["frames_UP"] / duration
    found["frames_per_frame"] = found["frames_UP"] / max(1.0, found["frames_DOWN"])
    return found


def _first_records(seen: Seen) -> dict[str, float]:
    """Order, sizes and times of how a visit begins."""
    data = [each for each in seen.records if each.what == What.DATA][:FIRST_RECORDS]
    found = {f"first_{at}_bytes": float(each.way * each.length) for at, each in enumerate(data)}
    return found | {f"first_{at}_at": each.at_s for at, each in enumerate(data)}


def _times(name: str, values: Floats) -> dict[str, float]:
    if len(values) < 3:
        return {}
    centered = values - np.median(values)
    spread = float(np.sum(centered**2)) or 1.0
    found = {
        f"{name}_q{round(100 * q)}": float(v) for q, v in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
    }
    found |= {f"{name}_late_{round(1000 * late)}ms": float(np.sum(centered > late)) for late in LATE_S}
    found |= {f"{name}_third_{at}": float(np.median(part)) for at, part in enumerate(np.array_split(values, 3))}
    found |= {f"{name}_third_{at}_max": float(np.max(part)) for at, part in enumerate(np.array_split(values, 3))}
    return found | {
        f"{name}_mean": float(np.mean(values)),
        f"{name}_std": float(np.std(values)),
        f"{name}_echo": float(np.sum(centered[1:] * centered[:-1])) / spread,
        f"{name}_slowest_at": int(np.argmax(values)) / len(values),
        f"{name}_longest_run": max(len(list(run)) for _, run in itertools.groupby(centered > 0)),
    }


def _leaving(seen: Seen) -> dict[str, float]:
    """What passes beside the channel between the first load and the end, and how the end looks."""
    left_s = seen.left_s
    between = [each for each in seen.loading if seen.times(Way.DOWN)[:1].sum() + LOAD_S < each.at_s < left_s - 1]
    leaving = [each for each in seen.loading if each.at_s >= left_s - 1 and each.what == What.DATA]
    last = [each for each in seen.records if each.line == seen.channel][-6:]
    return {
        "between_records": len(between),
        "leaving_records": len(leaving),
        "leaving_bytes": sum(each.length for each in leaving),
        "ends_around_leaving": sum(
            each.what == What.ENDED and abs(each.at_s - left_s) < AROUND_LEAVING_S for each in seen.loading
        ),
        **{f"last_{at}": float(each.way * (each.length + 1)) for at, each in enumerate(reversed(last))},
    }
