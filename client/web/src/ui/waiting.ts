/** What the state line of a case says, and when an answer is late: pure. */
import type { TextKey } from '../i18n/text'
import type { CaseView } from '../session/types'

const PROMISED_WORKING_DAYS = 2
const DAY_S = 86_400

/** Working days that have ended between two moments, by the calendar of the device. Holidays are not known here. */
export function workingDaysBetween(fromS: number, toS: number): number {
    let days = 0
    for (let at = fromS + DAY_S; at <= toS; at += DAY_S) {
        const weekday = new Date(at * 1_000).getDay()
        if (weekday !== 0 && weekday !== 6) days += 1
    }
    return days
}

const lastIsAnswer = (view: CaseView): boolean => view.messages.at(-1)?.author === 'expert'

/** Whether nobody has answered within the promised time. */
export function isLate(view: CaseView, nowS: number): boolean {
    const first = view.messages[0]
    const unanswered = view.state !== 'closed' && view.messages.every((message) => message.author === 'reporter')
    return first !== undefined && unanswered && workingDaysBetween(first.at, nowS) > PROMISED_WORKING_DAYS
}

export function stateLine(view: CaseView): TextKey {
    if (view.state === 'closed') return 'case.state.closed'
    if (lastIsAnswer(view)) return 'case.state.answered'
    const held = view.places.find((place) => place.state === 'held')
    if (held) return held.profession === 'lawyer' ? 'case.state.heldLawyer' : 'case.state.heldPsychologist'
    const waiting = view.places.filter((place) => place.state === 'waiting')
    const [only] = waiting
    if (only === undefined || waiting.length > 1) return 'case.state.waiting'
    return only.profession === 'lawyer' ? 'case.state.waitingLawyer' : 'case.state.waitingPsychologist'
}
