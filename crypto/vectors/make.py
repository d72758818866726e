"""Writes the vector files beside it. HPKE draws its own randomness, so a run changes the wraps: run it on purpose only.

python crypto/vectors/make.py [file.json ...]
"""

import json
import sys
from pathlib import Path

import aside_cases
import audit_cases
import contribution_cases
import export_cases
import invitation_cases
import outer_cases
import plain_cases
import recovery_cases
import room_cases
import sealed_cases
import shelf_cases
import unlock_cases

FILES = {
    "ids.json": plain_cases.ids,
    "canonical_json.json": plain_cases.canonical,
    "phrase.json": plain_cases.phrase,
    "expert_unlock.json": plain_cases.expert_unlock,
    "contents.json": plain_cases.contents,
    "codes.json": plain_cases.codes,
    "hours.json": plain_cases.hours,
    "wraps.json": sealed_cases.wraps,
    "self_wraps.json": sealed_cases.self_wraps,
    "links.json": sealed_cases.links,
    "rosters.json": sealed_cases.rosters,
    "envelopes.json": sealed_cases.envelopes,
    "chains.json": sealed_cases.chains,
    "ends.json": sealed_cases.ends,
    "handovers.json": sealed_cases.handovers,
    "receipts.json": sealed_cases.receipts,
    "rooms.json": room_cases.rooms,
    "shelves.json": shelf_cases.shelves,
    "asides.json": aside_cases.asides,
    "exports.json": export_cases.exports,
    "documents.json": outer_cases.documents,
    "frames.json": outer_cases.frames,
    "records.json": outer_cases.records,
    "work.json": outer_cases.work,
    "invitations.json": invitation_cases.invitations,
    "shamir.json": recovery_cases.shamir,
    "recovery.json": recovery_cases.recovery,
    "audit.json": audit_cases.audit,
    "new_unlocks.json": unlock_cases.new_unlocks,
    "renewals.json": unlock_cases.renewals,
    "contributions.json": contribution_cases.contributions,
    "releases.json": contribution_cases.releases,
}

HOW = (
    " Bytes are hex, texts are texts. `expect` holds the results, or {failure, code}."
    " A `tamper` case stands for many: each byte of `field` from `from` to `to` by `step`, XOR `xor`, one at a time;"
    " `ranges` says which failure each index gives."
)


def main(names: list[str]) -> None:
    folder = Path(__file__).parent
    for name in names or list(FILES):
        make = FILES[name]
        vectors = {"about": (make.__doc__ or "").strip() + HOW, "cases": make()}
        (folder / name).write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
        print(f"{name}: {len(vectors['cases'])} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
