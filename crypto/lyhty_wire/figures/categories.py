"""What cases are told apart by, as the reporter's page offers it (SPEC 12.3). Frozen for a school year by its first
release; a new one is counted from the next school year on, and until then as `other`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lyhty_wire.figures.register import OTHER

NO_SERVICE: Final = "none"

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "impact": ("helped", "somewhat", "no"),
        "later": ("helped", "somewhat", "no"),
        "promise": ("kept", "missed"),
        "role": ("pupil", "staff", OTHER),
        "service": (
            "tiktok", "snapchat", "whatsapp", "instagram", "discord", "roblox", "youtube", "telegram", "fortnite",
            "minecraft", "steam", "jodel", "wilma", OTHER, NO_SERVICE,
        ),
        "topic": (
            "bullying", "threats", "picture-shared", "blackmail", "adult-contact", "fake-profile", "account-taken",
            "scam", "disturbing", "left-out", OTHER,
        ),
    }
)  # fmt: skip
