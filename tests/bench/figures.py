"""bench.json: figures of several benches side by side."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "bench.json"


def write_figures(figures: dict[str, float], *, replacing: Callable[[str], bool]) -> None:
    """What another bench measured stays; `replacing` says which names are one's own."""
    others: dict[str, float] = json.loads(FILE.read_text()) if FILE.exists() else {}
    kept = {name: value for name, value in others.items() if not replacing(name)}
    FILE.write_text(json.dumps(kept | figures, indent=1, sort_keys=True) + "\n")


def take(
    measures: Mapping[str, Callable[[Path], dict[str, float]]], goals: Mapping[str, tuple[str, float]],
    asked: Sequence[str],
) -> dict[str, float]:  # fmt: skip
    """Measures what is asked, and prints it beside its goals."""
    figures = {"load_before": 0.0}
    with tempfile.TemporaryDirectory(prefix="lyhty-bench-") as scratch:
        for name in asked:
            began = time.monotonic()
            figures["load_before"] = max(figures["load_before"], round(os.getloadavg()[0], 2))
            measured = measures[name](Path(scratch))
            figures |= measured
            print(f"{name} ({time.monotonic() - began:.0f} s)")
            for figure, value in measured.items():
                print(f"  {figure:36} {value:>12,.10g}   {_judged(goals.get(figure), value)}", flush=True)
    if figures["load_before"] > 1:
        print(f"The machine had other work (load {figures['load_before']}): measure again when it is quiet.")
    return figures


def _judged(goal: tuple[str, float] | None, value: float) -> str:
    if goal is None:
        return ""
    sign, bound = goal
    met = value >= bound if sign == ">=" else value <= bound
    return f"goal {sign} {bound:,g}" + ("" if met else "  NOT MET")
