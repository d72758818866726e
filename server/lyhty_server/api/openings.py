"""From the bytes of an OPEN to a case the store can keep (SPEC 6.4): proofs and shapes first, before anything waits."""

from lyhty_server.api.context import Server
from lyhty_server.clock import hour_of
from lyhty_server.domain.admission import check_card, check_queues, check_report
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import NewCase, NewEnvelope, NewPlace
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import HASH_BYTES, digest, mailbox_id
from lyhty_wire.proofs import to_prove_open, verify
from lyhty_wire.records import Open
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap


def check_opening(server: Server, nonce: bytes, opening: Open, roster: UntrustedRoster) -> NewCase:
    """`roster`: the opening's, decoded.

    Raises:
        WireError, DomainError: named as in SPEC 7.
    """
    proved = to_prove_open(server.instance, nonce, opening.after_proof())
    verify(opening.auth_pk, opening.proof, proved)
    # SPEC 6.4: not its signature. The proof covers it, and readers believe no roster that is not signed.
    roster.check_opening(server.instance)
    wraps = [Wrap.decode(wrap) for wrap in opening.case_wraps]
    card_wraps = [Wrap.decode(wrap) for wrap in opening.card_wraps]
    roster.check_case_wraps(wraps)
    roster.check_card_wraps(card_wraps)
    roster.check_self_wrap(opening.self_wrap)
    card, report = decode_header(opening.card), decode_header(opening.report)
    check_card(card, roster.signer)
    check_report(report, roster.signer)
    row_key = server.pepper.row_key(mailbox_id(opening.auth_pk))
    return NewCase(
        case_id=roster.case,
        sign_pk=roster.signer,
        mailbox_row_key=row_key,
        mailbox_sealed=server.pepper.seal_row(row_key, roster.case, opening.case_salt, server.draw),
        urgent=card.urgent,
        opened_hour=hour_of(server.recorded_s()),
        roster=opening.roster,
        self_wrap=opening.self_wrap,
        places=tuple(
            NewPlace(wrap.queue, encoded, card_encoded, wrap.epoch)
            for wrap, encoded, card_encoded in zip(wraps, opening.case_wraps, opening.card_wraps, strict=True)
        ),
        card=opening.card,
        report=NewEnvelope(report.object_id, report.author, report.generation, report.counter, opening.report),
        # Of all that was proved but the nonce, and of the mailbox's key: under another one it is not a retry.
        digest=digest(opening.auth_pk + proved[-HASH_BYTES:])[:16],
    )


def check_readers(server: Server, new: NewCase) -> None:
    """Asked of a case that is not stored yet: SPEC 6.4, nobody could open one wrapped only to keys that have passed."""
    check_queues([place.queue for place in new.places], server.trust.queues)
    if not {(place.queue, place.epoch) for place in new.places} <= server.trust.current_epochs:
        raise DomainError(Code.EPOCH_STALE)
