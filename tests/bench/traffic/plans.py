"""Who visits, what for, how long and how they leave: drawn before anything is measured.

The length of a visit and the way it ends are drawn from one distribution for every activity, because that the length
shows is said openly (SPEC 6.6), and whether the exit shows is a question of its own. `exit` looks at the first page.
"""

import random
from dataclasses import dataclass
from typing import Final, Literal, get_args

Activity = Literal["lesson", "report", "return", "chat", "exit"]
Ending = Literal["exits", "closes"]

ACTIVITIES: Final[tuple[Activity, ...]] = get_args(Activity)
ENDINGS: Final[tuple[Ending, ...]] = get_args(Ending)
CLIENTS: Final[frozenset[Activity]] = frozenset({"report", "return", "chat"})
"""Whoever does one of these has asked for help."""

SHORTEST_S: Final = 40.0
LONGEST_S: Final = 50.0


@dataclass(frozen=True)
class Plan:
    activity: Activity
    ending: Ending
    length_s: float
    seed: int  # of the person's pauses


def draw_plans(count: int, seed: int) -> list[Plan]:
    """Equally many of each activity, in an order that says nothing: so the machine's moods meet all alike."""
    rng = random.Random(seed)
    plans = [
        Plan(
            activity=ACTIVITIES[number % len(ACTIVITIES)],
            ending=rng.choice(ENDINGS),
            length_s=rng.uniform(SHORTEST_S, LONGEST_S),
            seed=rng.getrandbits(32),
        )
        for number in range(count)
    ]
    rng.shuffle(plans)
    return plans
