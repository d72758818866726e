/** When a case that is put aside may come back: by the calendar of this device, at hours when people work. */
export type SnoozeName = 'afternoon' | 'tomorrow' | 'monday'

export interface SnoozeChoice { readonly name: SnoozeName; readonly until: number }

const AFTERNOON_HOUR = 15
const MORNING_HOUR = 8
/** Putting something aside for less is not worth it. */
const AT_LEAST_S = 3_600
/** The server's own bound. SPEC 9 */
const LONGEST_S = 31 * 24 * 3_600

export function snoozeChoices(nowS: number): readonly SnoozeChoice[] {
    const today = new Date(nowS * 1_000)
    const at = (days: number, hour: number): number =>
        new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour).getTime() / 1_000
    const daysToMonday = (8 - today.getDay()) % 7 || 7
    const choices: readonly SnoozeChoice[] = [
        { name: 'afternoon', until: at(0, AFTERNOON_HOUR) },
        { name: 'tomorrow', until: at(1, MORNING_HOUR) },
        { name: 'monday', until: at(daysToMonday, MORNING_HOUR) },
    ]
    // On a Sunday tomorrow is Monday.
    return choices.filter(({ name, until }) => until - nowS >= AT_LEAST_S && (name !== 'monday' || daysToMonday > 1))
}

export function isSnooze(until: number, nowS: number): boolean {
    return until > nowS && until <= nowS + LONGEST_S
}

/** What a `datetime-local` field takes and gives: the time of this device, to the minute. */
export function asFieldTime(atS: number): string {
    const at = new Date(atS * 1_000)
    const two = (number: number): string => String(number).padStart(2, '0')
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** Null for what is no time. */
export function fromFieldTime(text: string): number | null {
    const atMs = new Date(text).getTime()
    return Number.isNaN(atMs) ? null : Math.floor(atMs / 1_000)
}
