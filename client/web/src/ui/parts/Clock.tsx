/** The service's clock as its reporter needs it: by when somebody answers, whether it is open, and what to do until then. */
import { isOpen, opensAt, promisedUntil } from '@lyhty/crypto/hours'
import type { Hours } from '@lyhty/crypto/hours'
import { useEffect, useState } from 'preact/hooks'
import type { CaseView, Profession } from '../../session/types'
import { tagOf } from '../../i18n/text'
import { keptUntilS, promiseOf } from '../waiting'
import { when } from '../when'
import { Announcer } from './Announcer'
import { Linked } from './Linked'
import { useWords } from './words'

const LOOK_AGAIN_MS = 30_000

const ANSWERS = { lawyer: 'clock.lawyerBy', psychologist: 'clock.psychologistBy' } as const
const LATE = { lawyer: 'clock.lawyerLate', psychologist: 'clock.psychologistLate' } as const

/** In an open case: an answer that is due, or an apology. */
export function CaseClock({ view, hours }: { view: CaseView; hours: Hours | null }) {
    const { t, language } = useWords()
    const nowS = useNowS()
    if (view.state === 'closed') return null
    const promised = promiseOf(view, hours, nowS)
    const by = promised && hours ? when(promised.untilS, nowS, { t, language, zone: hours.zone }) : ''
    return (
        <div class="stack tight clock" data-part="clock" data-late={promised?.isLate}>
            <Announcer shown>
                {promised?.isLate === true && <p class="late"><strong>{t(sorry(promised.by), { when: by })}</strong></p>}
                {promised?.isLate === false && <p>{t(promised.by === null ? 'clock.answerBy' : ANSWERS[promised.by], { when: by })}</p>}
                {promised === null && hours === null && view.messages.every(({ author }) => author === 'reporter') && <p>{t('clock.unknown')}</p>}
            </Announcer>
            {promised?.isLate === true && <p><Linked text={t('clock.lateNow')} /></p>}
            <ClosedNow hours={hours} nowS={nowS} brief={promised?.isLate === true} />
            {promised !== null && <p class="small"><Linked text={t('clock.danger')} /></p>}
        </div>
    )
}

const sorry = (by: Profession | null) => (by === null ? 'clock.late' : LATE[by])

/** From what has been written; closing it comes later, so that it is rather kept longer. */
export function KeptUntil({ view, hours }: { view: CaseView; hours: Hours | null }) {
    const { t, language } = useWords()
    const untilS = hours && keptUntilS(view, hours)
    if (untilS === null) return null
    const date = new Intl.DateTimeFormat(tagOf(language), { day: 'numeric', month: 'long', year: 'numeric' }).format(untilS * 1_000)
    return <p class="small soft" data-part="kept">{t('case.kept', { date })}</p>
}

/** Right after sending: nobody can have answered yet. */
export function FirstClock({ urgent, hours }: { urgent: boolean; hours: Hours | null }) {
    const { t, language } = useWords()
    const nowS = useNowS()
    const untilS = hours && promisedUntil(hours, Math.floor(nowS / 3_600), urgent)
    return (
        <div class="stack tight clock" data-part="clock">
            <p>{hours === null || untilS === null ? t('clock.unknown') : t('clock.answerBy', { when: when(untilS, nowS, { t, language, zone: hours.zone }) })}</p>
            <ClosedNow hours={hours} nowS={nowS} />
        </div>
    )
}

/** `brief`: whom to talk to has been said already. */
function ClosedNow({ hours, nowS, brief = false }: { hours: Hours | null; nowS: number; brief?: boolean }) {
    const { t, language } = useWords()
    const opens = hours === null || isOpen(hours, nowS) ? null : opensAt(hours, nowS)
    if (hours === null || opens === null) return null
    const closed = t('clock.closedNow', { when: when(opens, nowS, { t, language, zone: hours.zone }) })
    return <p data-part="closed-now"><Linked text={brief ? closed : `${closed} ${t('clock.talkNow')}`} /></p>
}

function useNowS(): number {
    const [nowS, setNowS] = useState(() => Date.now() / 1_000)
    useEffect(() => {
        const timer = setInterval(() => setNowS(Date.now() / 1_000), LOOK_AGAIN_MS)
        return () => clearInterval(timer)
    }, [])
    return nowS
}
