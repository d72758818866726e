"""An answer that is no JSON: bytes that a person keeps as a file."""

from typing import Final, Self

TYPES: Final = {"pdf": "application/pdf", "png": "image/png", "txt": "text/plain; charset=utf-8"}


class File(bytes):
    """`name`: as the browser offers to keep it; letters, digits, `.` and `-`."""

    name: str

    def __new__(cls, body: bytes, name: str) -> Self:
        made = super().__new__(cls, body)
        made.name = name
        return made

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": TYPES[self.name.rpartition(".")[2]],
            "Content-Disposition": f'attachment; filename="{self.name}"',
        }
