"""Who may ask for what of whose case: the whole of it as one table, which the tests hold against the router.

Its people:

- lawyer: holds the case's place in queue 1 wherever somebody does
- colleague: another lawyer, who does not
- coordinator: of both queues, and has no place in either
- psychologist: not of queue 1; has the same case's place in queue 2 where that is held
- viewer: of figures, invited by the coordinator; no expert. A block that does not name them refuses them as nobody
  (`not-signed-in`); one that names them alone is refused to all experts in the same way

What may have become of the case (each question names its place in queue 1):

- waiting: nobody has it
- held: the lawyer has it
- shared: the lawyer has it, and the psychologist the same case's other place
- elsewhere: it waits in queue 1, and the psychologist has its other place
- closed: the lawyer had it, and closed it
- erased: the lawyer had it when its reporter erased it
- unknown: it never arrived

Who is not signed in (nobody, a token given back, an expert who left) is refused everything that is not "everybody"'s.

Of recovery shares the table says who may ask while nobody does; tests/server/test_api_recovery.py says the rest.

Of the rooms beside a case everybody is told those that they may read, which may be none; who may do what in a room that
is there, tests/store_contract/test_rooms.py says.

A new route needs its lines here, or a test fails: routes that are answered alike share a block. Without a `{case}` in
its path a route has the single line `any`. If it has a body, or a `{...}` that is neither case nor queue, say in
`asking.py` how a legal one is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EXPERTS: Final = ("lawyer", "colleague", "coordinator", "psychologist")
VIEWER: Final = "viewer"
PEOPLE: Final = (*EXPERTS, VIEWER)
NOBODY: Final = "not-signed-in"
OF_A_CASE: Final = ("waiting", "held", "shared", "elsewhere", "closed", "erased", "unknown")
ANY: Final = "any"
YES: Final = "yes"
EVERYBODY: Final = "everybody"
FOUNDERS: Final = "founders"
"""Whoever has the founding link, and only while the directory lists nobody."""
PROVIDED: Final = "provided"
"""Whoever a provider of municipal accounts vouches for, where there is one (tests/server/test_api_viewers.py)."""

WHO_MAY: Final = """
GET  /anchor.json
GET  /api/trust
GET  /api/hours
POST /api/sign-in/start
POST /api/sign-in/finish
GET  /api/invitations/{invitation}
POST /api/invitations/{invitation}/application
POST /api/sign-in/passkey/start
POST /api/sign-in/passkey/finish
POST /api/viewer/invitation
POST /api/viewer/join
POST /api/viewer/sign-in/start
POST /api/viewer/sign-in/finish
GET  /api/viewer/doors
            everybody

POST /api/viewer/provider/start
POST /api/viewer/provider/finish
            provided

GET  /api/kits/{school}
GET  /api/kits/{school}/{paper}
GET  /api/figures/methods
GET  /api/figures/{organisation}
GET  /api/figures/{organisation}/files/{name}
GET  /api/figures/{organisation}/report
            lawyer                colleague             coordinator           psychologist          viewer
any         not-coordinator       not-coordinator       yes                   not-coordinator       yes

GET  /api/viewer/me
POST /api/viewer/sign-out
GET  /api/viewer/notices
PUT  /api/viewer/notices
GET  /api/viewer/sessions
POST /api/viewer/sessions/{session}/end
POST /api/viewer/sessions/end-others
            viewer
any         yes

GET  /api/founding
POST /api/founding
            founders

POST /api/sign-out
GET  /api/sessions
POST /api/sessions/{session}/end
POST /api/sessions/end-others
GET  /api/own-wraps
GET  /api/audit/own
PUT  /api/contributions
GET  /api/statistics-key
GET  /api/on-call
GET  /api/notices
PUT  /api/notices
GET  /api/passkeys
POST /api/passkeys/start
POST /api/passkeys
POST /api/passkeys/{credential}/remove
POST /api/unlock/start
POST /api/unlock
            lawyer                colleague             coordinator           psychologist
any         yes                   yes                   yes                   yes

PUT  /api/on-call
POST /api/directory
GET  /api/renewals
GET  /api/audit
POST /api/audit
GET  /api/contributions
POST /api/contributions/remove
PUT  /api/statistics-key
GET  /api/releases
GET  /api/releases/{period}
PUT  /api/releases/{period}
POST /api/invitations
GET  /api/invitations
POST /api/invitations/{invitation}/withdraw
POST /api/experts/{expert}/sessions/end
GET  /api/organisations
POST /api/organisations/import
POST /api/viewers/invitations
GET  /api/viewers/invitations
POST /api/viewers/invitations/{invitation}/withdraw
GET  /api/viewers
POST /api/viewers/{viewer}/remove
            lawyer                colleague             coordinator           psychologist
any         not-coordinator       not-coordinator       yes                   not-coordinator

GET  /api/queues/{queue}
GET  /api/queues/{queue}/counts
GET  /api/queues/{queue}/closed
            lawyer                colleague             coordinator           psychologist
any         yes                   yes                   yes                   queue-unknown

POST /api/cases/{case}/places/{queue}/claim
            lawyer                colleague             coordinator           psychologist
waiting     yes                   yes                   yes                   queue-unknown
held        yes                   case-already-claimed  case-already-claimed  queue-unknown
shared      yes                   case-already-claimed  case-already-claimed  queue-unknown
elsewhere   yes                   yes                   yes                   queue-unknown
closed      case-closed           case-closed           case-closed           queue-unknown
erased      case-erased           case-erased           case-erased           queue-unknown
unknown     case-unknown          case-unknown          case-unknown          queue-unknown

GET  /api/cases/{case}/places/{queue}
POST /api/cases/{case}/places/{queue}/reopen
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         case-not-held         queue-unknown
held        yes                   case-not-held         case-not-held         queue-unknown
shared      yes                   case-not-held         case-not-held         queue-unknown
elsewhere   case-not-held         case-not-held         case-not-held         queue-unknown
closed      yes                   case-closed           case-closed           queue-unknown
erased      case-erased           case-erased           case-erased           queue-unknown
unknown     case-unknown          case-unknown          case-unknown          queue-unknown

POST /api/cases/{case}/places/{queue}/release
POST /api/cases/{case}/places/{queue}/close
POST /api/cases/{case}/places/{queue}/snooze
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         case-not-held         queue-unknown
held        yes                   case-not-held         case-not-held         queue-unknown
shared      yes                   case-not-held         case-not-held         queue-unknown
elsewhere   case-not-held         case-not-held         case-not-held         queue-unknown
closed      case-closed           case-closed           case-closed           queue-unknown
erased      case-erased           case-erased           case-erased           queue-unknown
unknown     case-unknown          case-unknown          case-unknown          queue-unknown

GET  /api/cases/{case}/envelopes
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         case-not-held         case-not-held
held        yes                   case-not-held         case-not-held         case-not-held
shared      yes                   case-not-held         case-not-held         yes
elsewhere   case-not-held         case-not-held         case-not-held         yes
closed      yes                   case-not-held         case-not-held         case-not-held
erased      case-erased           case-erased           case-erased           case-erased
unknown     case-unknown          case-unknown          case-unknown          case-unknown

PUT  /api/cases/{case}/envelopes
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         case-not-held         case-not-held
held        yes                   case-not-held         case-not-held         case-not-held
shared      yes                   case-not-held         case-not-held         yes
elsewhere   case-not-held         case-not-held         case-not-held         yes
closed      case-closed           case-closed           case-closed           case-closed
erased      case-erased           case-erased           case-erased           case-erased
unknown     case-unknown          case-unknown          case-unknown          case-unknown

POST /api/cases/{case}/rooms
            lawyer                colleague             psychologist          coordinator
waiting     case-not-held         case-not-held         case-not-held         case-not-held
held        yes                   case-not-held         case-not-held         case-not-held
shared      yes                   case-not-held         case-not-held         case-not-held
elsewhere   case-not-held         case-not-held         case-not-held         case-not-held
closed      case-not-held         case-not-held         case-not-held         case-not-held
erased      case-erased           case-erased           case-erased           case-erased
unknown     case-unknown          case-unknown          case-unknown          case-unknown

GET  /api/cases/{case}/rooms
            lawyer                colleague             psychologist          coordinator
waiting     yes                   yes                   yes                   yes
held        yes                   yes                   yes                   yes
shared      yes                   yes                   yes                   yes
elsewhere   yes                   yes                   yes                   yes
closed      yes                   yes                   yes                   yes
erased      case-erased           case-erased           case-erased           case-erased
unknown     case-unknown          case-unknown          case-unknown          case-unknown

GET  /api/queues/{queue}/consultations
            lawyer                colleague             psychologist          coordinator
any         yes                   yes                   queue-unknown         yes

GET  /api/queues/{queue}/shelf
POST /api/queues/{queue}/shelf
GET  /api/queues/{queue}/shelf/envelopes
PUT  /api/queues/{queue}/shelf/envelopes
            lawyer                colleague             coordinator           psychologist
any         yes                   yes                   yes                   queue-unknown

GET  /api/rooms/{room}/envelopes
PUT  /api/rooms/{room}/envelopes
POST /api/rooms/{room}/end
            lawyer                colleague             psychologist          coordinator
any         room-unknown          room-unknown          room-unknown          room-unknown

GET  /api/epochs
            lawyer                colleague             coordinator           psychologist
any         not-coordinator       not-coordinator       yes                   not-coordinator

GET  /api/queues/{queue}/unturned
            lawyer                colleague             coordinator           psychologist
any         not-coordinator       not-coordinator       yes                   queue-unknown

GET  /api/cases/{case}/turn/{queue}
GET  /api/cases/{case}/turn/{queue}/envelopes
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         case-not-held         queue-unknown
held        yes                   case-not-held         case-not-held         queue-unknown
shared      yes                   case-not-held         case-not-held         queue-unknown
elsewhere   case-not-held         case-not-held         case-not-held         queue-unknown
closed      case-closed           case-closed           case-closed           queue-unknown
erased      case-erased           case-erased           case-erased           queue-unknown
unknown     case-unknown          case-unknown          case-unknown          queue-unknown

GET  /api/recovery
            lawyer                colleague             coordinator           psychologist
any         yes                   yes                   yes                   yes

PUT  /api/recovery/{queue}/split
            lawyer                colleague             coordinator           psychologist
any         yes                   yes                   yes                   queue-unknown

POST /api/recovery/{queue}/ask
            lawyer                colleague             coordinator           psychologist
any         not-coordinator       not-coordinator       yes                   not-coordinator

POST /api/recovery/{queue}/stop
            lawyer                colleague             coordinator           psychologist
any         recovery-unknown      recovery-unknown      recovery-unknown      recovery-unknown

POST /api/recovery/{queue}/give
            lawyer                colleague             coordinator           psychologist
any         not-coordinator       not-coordinator       recovery-unknown      not-coordinator

POST /api/cases/{case}/turn/{queue}
            lawyer                colleague             coordinator           psychologist
waiting     case-not-held         case-not-held         yes                   queue-unknown
held        yes                   case-not-held         yes                   queue-unknown
shared      yes                   case-not-held         yes                   queue-unknown
elsewhere   case-not-held         case-not-held         yes                   queue-unknown
closed      case-closed           case-closed           case-closed           queue-unknown
erased      case-erased           case-erased           case-erased           queue-unknown
unknown     case-unknown          case-unknown          case-unknown          queue-unknown
"""


@dataclass(frozen=True)
class Rule:
    """One line for one route: what each of the people is answered, `yes` or the code of a refusal."""

    method: str
    path: str
    standing: str
    answers: Mapping[str, str]
    is_for_founders: bool = False
    is_for_provided: bool = False

    @property
    def is_for_everybody(self) -> bool:
        return not self.answers and not self.is_for_founders and not self.is_for_provided

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.standing}"


def rules(table: str = WHO_MAY) -> list[Rule]:
    read: list[Rule] = []
    for block in table.strip().split("\n\n"):
        lines = [line.split() for line in block.splitlines()]
        routes = [(words[0], words[1]) for words in lines if len(words) == 2 and words[1].startswith("/")]
        people, *standings = lines[len(routes) :]
        answers: dict[str, dict[str, str]] = {ANY: {}} if people in ([EVERYBODY], [FOUNDERS], [PROVIDED]) else {}
        unnamed = EXPERTS if people == [VIEWER] else (VIEWER,)
        for standing, *codes in standings:
            answers[standing] = dict.fromkeys(unnamed, NOBODY) | dict(zip(people, codes, strict=True))
        special = people == [FOUNDERS], people == [PROVIDED]
        read += [Rule(*route, standing, each, *special) for route in routes for standing, each in answers.items()]
    return read
