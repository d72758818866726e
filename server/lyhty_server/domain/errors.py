"""What the rules refuse, by the stable codes of SPEC 7."""

from lyhty_wire.codes import Code


class LyhtyServerError(Exception):
    """Everything this package raises on purpose."""


class DomainError(LyhtyServerError):
    """A rule says no. The caller gets `code` and nothing else."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.text)
        self.code = code


class DatabaseUnavailableError(LyhtyServerError):
    """There is no working with this database; the sentence says why, and never with which password."""
