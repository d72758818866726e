"""Whatever a stranger sends: it is refused by name, or it has exactly one encoding. No other error, ever."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.decoders import DECODERS, classes_that_decode, decode
from tests.fuzz.seeds import seeds
from tests.wire.values import mutated

ROOT = Path(__file__).parents[2]
RUNS = 30_000  # of the coverage-guided fuzzer here; `make fuzz` goes on for as long as it is told
SEEDS = seeds()


@pytest.mark.parametrize("name", DECODERS)
def test_the_vectors_feed_every_decoder(name: str) -> None:
    assert SEEDS[name], f"no vector is {name}"


def test_the_table_has_every_class_that_decodes() -> None:
    assert {"records.Open", "wraps.Wrap", "documents.UntrustedDocument"} <= set(classes_that_decode()) <= set(DECODERS)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_are_refused_or_have_one_encoding(name: str, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(SEEDS[name]) | st.binary(max_size=300))
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(mutated(start))
    decode(name, start)


@pytest.mark.timeout(300)
def test_a_fuzzer_that_sees_the_code_finds_nothing_either(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.fuzz.coverage_guided", corpus,
            f"-runs={RUNS}", "-seed=1", "-max_len=8192", "-timeout=20", f"-artifact_prefix={tmp_path}/",
        ],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert runs is not None
    assert int(runs[1]) >= RUNS  # it may try the corpus once more
