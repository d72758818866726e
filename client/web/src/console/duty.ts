/** Who is on call, and where one wants to be told of work: asked of the desk, as the dialog shows it. SPEC 9.6 */
import type { Notices, NoticeWish, OnCall, Shift } from './api-types'
import type { Desk } from './desk'

const DAY_MIN = 1_440

/** "08:30" as minutes of the day; "24:00" is its end. Null: not a time. */
export function minutesOf(typed: string): number | null {
    const found = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(typed.trim())
    const minutes = found === null ? DAY_MIN + 1 : Number(found[1]) * 60 + Number(found[2] ?? 0)
    return Number(found?.[2] ?? 0) > 59 || minutes > DAY_MIN ? null : minutes
}

export const timeOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** As far as somebody who mistypes is concerned; the server is stricter. */
export const isAddress = (typed: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(typed)

/** By weekday and time; a shift that begins as another of the same expert replaces it. */
export function withShift(shifts: readonly Shift[], shift: Shift): readonly Shift[] {
    const others = shifts.filter((other) => !isSame(other, shift))
    return [...others, shift].sort((a, b) => a.weekday - b.weekday || a.from_min - b.from_min || (a.expert < b.expert ? -1 : 1))
}

export const withoutShift = (shifts: readonly Shift[], shift: Shift): readonly Shift[] => shifts.filter((other) => !isSame(other, shift))

const isSame = (one: Shift, other: Shift): boolean => one.expert === other.expert && one.weekday === other.weekday && one.from_min === other.from_min

export interface DutyView {
    readonly onCall: OnCall
    readonly notices: Notices
}

export class Duty {
    readonly #desk: Desk

    constructor(desk: Desk) {
        this.#desk = desk
    }

    async read(): Promise<DutyView> {
        const [onCall, notices] = await Promise.all([this.#desk.onCall(), this.#desk.notices()])
        return { onCall, notices }
    }

    putOnCall(shifts: readonly Shift[]): Promise<OnCall> {
        return this.#desk.putOnCall([...shifts])
    }

    putNotices(wish: NoticeWish): Promise<Notices> {
        return this.#desk.putNotices(wish)
    }
}
