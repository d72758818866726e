"""How long a claim lasts (SPEC 9).

A lease past its deadline may be taken away: by the next claim, or by the job that looks for lapsed ones. Until then its
holder still holds it, so that no answer is lost for having been finished a minute late.
"""

from typing import Final

# SPEC 9. A weekend: who claims on Friday afternoon and falls ill does not leave a child waiting longer than that.
LEASE_S: Final = 72 * 3600


def lease_until(now_s: int, lease_s: int = LEASE_S) -> int:
    return now_s + lease_s


def has_lapsed(lease_until_s: int, now_s: int) -> bool:
    return lease_until_s <= now_s
