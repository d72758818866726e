"""The list of Finnish public holidays against the library it is made from."""

import importlib.util
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from holidays.countries.finland import Finland

from lyhty_server.domain import finnish_holidays
from lyhty_server.domain.finnish_holidays import is_finnish_holiday

MAKER = Path(__file__).parents[2] / "deploy" / "finnish_holidays.py"


def test_every_day_of_thirty_years_is_a_holiday_exactly_if_the_library_says_so() -> None:
    first, last = date(2025, 1, 1), date(2055, 12, 31)
    known = Finland(years=range(first.year, last.year + 1))
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    assert [day for day in days if is_finnish_holiday(day)] == [day for day in days if day in known]


def test_the_list_is_what_its_maker_writes() -> None:
    spec = importlib.util.spec_from_file_location("maker", MAKER)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    assert Path(finnish_holidays.__file__).read_text("utf-8") == maker.module()


def test_starting_loads_neither_the_library_of_holidays_nor_that_of_mail() -> None:
    """They take half a second, and a tenth."""
    program = "import sys, lyhty_server.operator.serve; print({'holidays', 'aiosmtplib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
