"""Coverage-guided fuzzing of everything that reads bytes: `python -m tests.fuzz.coverage_guided DIR [libFuzzer's ...]`.

DIR is filled with the vectors' byte strings first. The first byte of an input chooses the decoder. A frame's check is
written by the harness: a fuzzer cannot find four bytes of SHA-256, and behind them is what it should look at.
"""

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lyhty_wire"]):
    from tests.fuzz.decoders import DECODERS, decode
    from tests.fuzz.seeds import seeds

NAMES = list(DECODERS)
HEADER = 64
CHECK = 4


def one_input(data: bytes) -> None:
    if not data:
        return
    name = NAMES[data[0] % len(NAMES)]
    decode(name, data[1:])
    if "frame" in name and len(data) > 1 + HEADER + CHECK:
        head, rest = data[1 : 1 + HEADER], data[1 + HEADER + CHECK :]
        checked = head + hashlib.sha256(head).digest()[:CHECK] + rest
        decode(name, checked.ljust(2048 if head[1] == 0x55 else 4096, b"\0"))


def write_seeds(folder: Path) -> None:
    for name, inputs in seeds().items():
        for data in inputs[:40]:
            content = bytes((NAMES.index(name),)) + data
            (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]))
    atheris.Setup([sys.argv[0], *sys.argv[2:], sys.argv[1]], one_input)
    atheris.Fuzz()
