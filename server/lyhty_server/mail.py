"""Notices as letters, and a mail server that takes them.

One subject for all. To experts they say that there is work, and nothing of what it is, in three languages, with no
link: whoever looks over a shoulder, runs the mail server or reads its
logs learns that somebody works for this service, and at what hour something came.
"""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import formatdate
from enum import Enum, auto
from typing import Final

from lyhty_server.domain.notices import Kind

ANSWER_WITHIN_S: Final = 20.0
SUBJECT: Final = "Lyhty"
_SAID: Final[dict[Kind, tuple[str, str, str]]] = {
    Kind.NEW_CASE: (
        "Jonossasi on uusi tapaus.",
        "Det finns ett nytt ärende i din kö.",
        "There is a new case in your queue.",
    ),
    Kind.WROTE: (
        "Sinulla olevaan tapaukseen on tullut uutta.",
        "Det har kommit något nytt till ett ärende som du har.",
        "Something new has come to a case that you hold.",
    ),
    Kind.MISSED: (
        "Luvattu vastausaika on ylittynyt, ja sinä päivystät.",
        "En utlovad svarstid har passerat, och du har jour.",
        "A promised answer is late, and you are on call.",
    ),
}
_TAIL: Final = (
    "Avaa työpöytä niin kuin aina. Tässä viestissä ei ole linkkiä eikä mitään itse asiasta.",
    "Öppna arbetsbordet som vanligt. I det här meddelandet finns ingen länk och ingenting om själva saken.",
    "Open your desk as always. There is no link in this message, and nothing of the matter itself.",
)


def of_work(kind: Kind) -> str:
    """What an expert is told."""
    return "\n\n".join(f"{what} {tail}" for what, tail in zip(_SAID[kind], _TAIL, strict=True)) + "\n"


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    tls: str
    """`starttls`, `tls` from the first byte, or `none` on this very computer."""
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    address: str
    text: str


class Fate(Enum):
    SENT = auto()
    REFUSED = auto()
    """For good: no such address, say."""
    LATER = auto()


class Postman:
    def __init__(
        self, server: MailServer, draw: Callable[[int], bytes], tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._draw = draw
        self._tls_context = tls_context

    async def send(self, letters: Sequence[Letter], now_s: int) -> list[Fate]:
        """Over one connection, one letter for each address. Whatever goes wrong, it is a fate and no exception."""
        import aiosmtplib  # only servers that send notices load it

        fates: list[Fate] = []
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=_domain(server.sender),  # not this machine's name, nor a question about it
            timeout=ANSWER_WITHIN_S,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._tls_context,
        )
        try:
            async with client:
                for letter in letters:
                    try:
                        await client.sendmail(server.sender, [letter.address], self._written(letter, now_s))
                        fates.append(Fate.SENT)
                    except aiosmtplib.SMTPRecipientsRefused as refusal:
                        fates.append(_fate([each.code for each in refusal.recipients]))
                        await client.rset()
                    except aiosmtplib.SMTPResponseException as refusal:
                        fates.append(_fate([refusal.code]))
                        await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            pass  # what has no fate yet goes later
        return [*fates, *[Fate.LATER] * (len(letters) - len(fates))]

    def _written(self, letter: Letter, now_s: int) -> bytes:
        message = EmailMessage(policy=LINES)
        message["From"] = self._server.sender
        message["To"] = letter.address
        message["Subject"] = SUBJECT
        message["Date"] = formatdate(now_s)
        message["Message-ID"] = f"<{self._draw(16).hex()}@{_domain(self._server.sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message.as_bytes()


def _fate(codes: Sequence[int]) -> Fate:
    return Fate.REFUSED if all(code >= 500 for code in codes) else Fate.LATER


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
