"""A reporter, a provider with two queues, and an opened case, made once for all tests of sealing."""

from functools import cache

from lyhty_crypto.cases import PreparedCase, open_case
from lyhty_crypto.documents import sign_directory, sign_root
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.passphrase import ReporterKeys, reporter_keys
from lyhty_wire.contents import Report
from lyhty_wire.directories import Directory, DirectoryBody, Expert, Queue, QueueEpoch, TrustBundle
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, digest, instance_id
from lyhty_wire.roots import RootBody

NOW = 1_790_000_000
ROOT_KEY, DIRECTORY_KEY, EXPERT = SigningKey(b"r" * 32), SigningKey(b"d" * 32), SigningKey(b"e" * 32)
LAWYERS, PSYCHOLOGISTS, LATER_LAWYERS = KemKeyPair(b"l" * 32), KemKeyPair(b"p" * 32), KemKeyPair(b"L" * 32)
REPORTER: ReporterKeys = reporter_keys(b"phrase, stretched" * 2, b"s" * 32)
ROOT = sign_root(RootBody(1, NOW, NOW * 2, (ROOT_KEY.public,), 1, (DIRECTORY_KEY.public,), None), [ROOT_KEY])
INSTANCE = instance_id(ROOT)
DAY = 86_400


def directory(version: int = 1, *, newer: bool = False) -> Directory:
    """`newer`: the lawyers have a second epoch."""
    epochs = [QueueEpoch(Epoch(1), LAWYERS.public)]
    if newer:
        epochs.append(QueueEpoch(Epoch(2), LATER_LAWYERS.public))
    body = DirectoryBody(
        version=version, issued=NOW, expires=NOW + 14 * DAY, instance=INSTANCE, root=digest(ROOT),
        queues=(
            Queue(LAWYER, "lawyer", tuple(epochs)),
            Queue(PSYCHOLOGIST, "psychologist", (QueueEpoch(Epoch(1), PSYCHOLOGISTS.public),)),
        ),
        experts=(Expert(ExpertId(bytes(16)), "E", EXPERT.public, LAWYERS.public, (LAWYER,), False),),
        former=(),
    )  # fmt: skip
    return TrustBundle((ROOT,), sign_directory(body, DIRECTORY_KEY)).verify(INSTANCE, NOW)


def report(text: str = "Hei, tarvitsen apua.") -> Report:
    return Report(at=NOW, kem=REPORTER.kem.public, language="fi", services=("wilma",), text=text, topic="threats")


@cache
def opened_case() -> PreparedCase:
    return open_case(REPORTER, directory(), [LAWYER, PSYCHOLOGIST], report(), urgent=True)
