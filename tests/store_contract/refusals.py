"""Saying which code a store refuses with."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code


@contextmanager
def refused(code: Code) -> Iterator[None]:
    with pytest.raises(DomainError) as caught:
        yield
    assert caught.value.code is code
