/** What the state line of a case says, and by when an answer is promised: pure. */
import { promisedUntil } from '@lyhty/crypto/hours'
import type { Hours } from '@lyhty/crypto/hours'
import type { TextKey } from '../i18n/text'
import type { CaseView, Profession } from '../session/types'

const lastIsAnswer = (view: CaseView): boolean => view.messages.at(-1)?.author === 'expert'

export interface Promised {
    readonly untilS: number
    readonly isLate: boolean
    /** Who alone still owes it; null: nobody has written yet. */
    readonly by: Profession | null
}

/** The promise that is still open, or null: kept, given by nobody, or not known while older messages are on their way. */
export function promiseOf(view: CaseView, hours: Hours | null, nowS: number): Promised | null {
    if (hours === null || view.opened === null || view.older !== null) return null
    const wrote = new Set(view.messages.map(({ profession }) => profession))
    const open = view.places.filter(({ state }) => state !== 'closed')
    const owing = open.filter(({ profession }) => !wrote.has(profession))
    const untilS = promisedUntil(hours, view.opened.hour, view.opened.urgent)
    const [one] = owing
    if (untilS === null || one === undefined) return null
    const isAnswered = view.messages.some(({ author }) => author === 'expert')
    return { untilS, isLate: untilS <= nowS, by: isAnswered ? one.profession : null }
}

/** Whether somebody had the case and could not go on, and nobody else has it yet. */
export const hasComeBack = (view: CaseView): boolean => view.places.some(({ state }) => state === 'waiting-again')

export function stateLine(view: CaseView): TextKey {
    if (view.state === 'closed') return 'case.state.closed'
    if (lastIsAnswer(view)) return 'case.state.answered'
    const held = view.places.find((place) => place.state === 'held')
    if (held) return held.profession === 'lawyer' ? 'case.state.heldLawyer' : 'case.state.heldPsychologist'
    const waiting = view.places.filter(({ state }) => state === 'waiting' || state === 'waiting-again')
    const [only] = waiting
    if (only === undefined || waiting.length > 1) return 'case.state.waiting'
    return only.profession === 'lawyer' ? 'case.state.waitingLawyer' : 'case.state.waitingPsychologist'
}
