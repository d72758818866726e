"""What the SPEC says of the budget is what is spent."""

import re
from fractions import Fraction
from pathlib import Path

from lyhty_wire.figures.tables import EPSILON, Table

SPEC = (Path(__file__).resolve().parents[3] / "crypto" / "SPEC.md").read_text()
ROW = re.compile(r"^\| ([A-Z_]+) \| (\w+) \| (\w+) \| ([\w-]+) \| (0\.\d+) \|$", re.MULTILINE)


def test_the_budget_in_the_spec_is_the_one_that_is_spent() -> None:
    (budget,) = re.findall(r"^### 12\.7 .*?(?=^#)", SPEC, re.MULTILINE | re.DOTALL)
    assert [(name, span, level, by, Fraction(epsilon)) for name, span, level, by, epsilon in ROW.findall(budget)] == [
        (table.name, table.value.span.value, table.value.level.value, table.value.by or "-", table.epsilon)
        for table in Table
    ]
    assert f"| together | | | | {EPSILON} |" in budget
