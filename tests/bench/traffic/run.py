"""`make bench-traffic`: can anybody tell from the line what a visitor does? Writes the traffic_ figures of bench.json.

Real visits in real Chromium over TLS, at life's own slots; about a quarter of an hour. What was recorded stays in
.make/traffic/, and `--again` judges it without new visits.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))  # so that `tests.` is found however this file is started

from tests.bench.figures import write_figures  # noqa: E402
from tests.bench.traffic.certificate import make_certificate  # noqa: E402
from tests.bench.traffic.plans import draw_plans  # noqa: E402

RECORDED = ROOT / ".make" / "traffic"
FEWEST = 25  # five of each activity, for five folds
KEPT_SHARE = 0.9  # a busy machine loses the visits that do most, which a classifier would find out
GOALS = {"traffic_auc": 0.55, "traffic_tpr_at_fpr1": 0.03}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench-traffic")
    parser.add_argument("--visits", type=int, default=240)
    parser.add_argument("--control", type=int, default=40, help="visits to a server without slots")
    parser.add_argument("--at-once", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="judge what was recorded last")
    asked = parser.parse_args()
    if min(asked.visits, asked.control) < FEWEST:
        parser.error(f"fewer than {FEWEST} visits cannot be judged")
    began = time.monotonic()
    if not asked.again:
        _record(asked)
    from tests.bench.traffic import campaign, judging

    visits, control = (campaign.read_traces(RECORDED / name) for name in ("visits.json", "control.json"))
    kept = judging.worth_judging(visits)
    if len(kept) < KEPT_SHARE * asked.visits:
        sys.exit(
            f"Only {len(kept)} of {asked.visits} visits went as drawn; what is left is a selection and proves nothing."
        )
    figures = judging.figures_of(kept) | judging.control_figures(control)
    named = {f"traffic_{name}": round(value, 3) for name, value in figures.items()}
    for name, value in named.items():
        print(f"{name:44} {value:>8g}   {_judged(name, value)}")
    print("\nWhat a forest leans on:", ", ".join(f"{name} {weight:.3f}" for name, weight in judging.what_tells(kept)))
    print(f"{len(visits) - len(kept)} visits took too long and were left out. {time.monotonic() - began:.0f} s.")
    write_figures(named, replacing=lambda name: name.startswith("traffic_"))


def _record(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="lyhty-traffic-") as scratch:
        certificate = make_certificate(Path(scratch))
        # The expert's client believes what OpenSSL believes, and its libraries look once, when they are imported.
        os.environ["SSL_CERT_FILE"] = str(certificate.cert)
        from tests.bench.traffic.campaign import Campaign, write_traces
        from tests.provider import make_provider

        series = Campaign(Path(scratch), make_provider(int(time.time())), certificate, asked.at_once)
        write_traces(series.record(draw_plans(asked.control, asked.seed), slot_ms=0), RECORDED / "control.json")
        write_traces(series.record(draw_plans(asked.visits, asked.seed + 1)), RECORDED / "visits.json")


def _judged(name: str, value: float) -> str:
    if name not in GOALS:
        return ""
    return f"goal <= {GOALS[name]:g}" + ("" if value <= GOALS[name] else "  NOT MET")


if __name__ == "__main__":
    main()
