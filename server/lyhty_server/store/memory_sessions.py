"""Sessions, spent challenges, failed tries and jobs, in the store without a disk."""

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.guessing import Failures
from lyhty_server.store.memory_people import MemoryPeople
from lyhty_server.store.session_rows import Door, Ending, JobRow, SessionRow, Spent, Try
from lyhty_wire.codes import Code


class MemorySessions(MemoryPeople):
    is_shared = False

    def __init__(self) -> None:
        super().__init__()
        self._sessions: dict[bytes, SessionRow] = {}
        self._spent: dict[bytes, int] = {}
        self._failures: dict[int, Failures] = {}
        self._jobs: dict[str, JobRow] = {}

    async def begin_session(self, row: SessionRow, now_s: int) -> None:
        self._check_running()
        self._sessions = {digest: each for digest, each in self._sessions.items() if each.until_s > now_s}
        self._sessions[row.token_digest] = row

    async def session(self, token_digest: bytes) -> SessionRow | None:
        self._check_running()
        return self._sessions.get(token_digest)

    async def sessions_of(self, door: Door, person: bytes) -> tuple[SessionRow, ...]:
        self._check_running()
        theirs = (row for row in self._sessions.values() if (row.door, row.person) == (door, person))
        return tuple(sorted(theirs, key=lambda row: (row.until_s, row.session_id)))

    async def end_sessions(self, ending: Ending) -> int:
        self._check_running()
        before = len(self._sessions)
        self._sessions = {digest: row for digest, row in self._sessions.items() if not ending.ends(row)}
        return before - len(self._sessions)

    async def spend(self, spent: Spent, now_s: int) -> bool:
        self._check_running()
        self._spent = {challenge: until_s for challenge, until_s in self._spent.items() if until_s >= now_s}
        is_new = spent.challenge not in self._spent
        self._spent.setdefault(spent.challenge, spent.until_s)
        return is_new

    async def failures(self, bucket: int) -> Failures:
        self._check_running()
        return self._failures.get(bucket, Failures())

    async def begin_try(self, new: Try, now_s: int) -> None:
        before = await self.failures(new.bucket)
        if before.effort(now_s) > new.effort:
            raise DomainError(Code.WORK_INSUFFICIENT)
        if not await self.spend(new.spent, now_s):
            raise DomainError(Code.SIGN_IN_FAILED)
        self._failures[new.bucket] = before.one_more(now_s)

    async def take_back_try(self, bucket: int, now_s: int) -> None:
        self._failures[bucket] = (await self.failures(bucket)).one_less(now_s)

    async def beat(self, job: str, holder: bytes, seen: int) -> bool:
        is_next = (await self.job(job)).beat == seen
        if is_next:
            self._jobs[job] = JobRow(holder, seen + 1)
        return is_next

    async def job(self, name: str) -> JobRow:
        self._check_running()
        return self._jobs.get(name, JobRow())
