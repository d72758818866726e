/** The promise a place is under: by when, how much working time is left, or that it has passed. */
import { promisedUntil, workingBetween } from '@lyhty/crypto/hours'
import type { Hours } from '@lyhty/crypto/hours'
import { useWords } from '../../ui/parts/words'
import { when } from '../../ui/when'
import type { Place } from '../places'

const HOUR_S = 3_600

/** Null: kept, or nobody here can know. */
export function dueOf(place: Place, hours: Hours | null): number | null {
    return hours === null || place.answered || place.state === 'closed' ? null : promisedUntil(hours, place.openedHour, place.urgent)
}

export function Due({ dueS, hours, nowS }: { dueS: number; hours: Hours; nowS: number }) {
    const { t, language } = useWords()
    const by = when(dueS, nowS, { t, language, zone: hours.zone })
    if (dueS <= nowS) return <span class="late" data-part="due" data-late>{t('console.due.late', { when: by })}</span>
    const leftS = workingBetween(hours, nowS, dueS)
    const left = leftS < HOUR_S ? t('console.due.minutesLeft', { count: Math.max(1, Math.floor(leftS / 60)) }) : t('console.due.hoursLeft', { count: Math.floor(leftS / HOUR_S) })
    return <span class="due" data-part="due">{t('console.due.by', { when: by, left })}</span>
}
