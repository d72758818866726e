/** Duties as the holders of a case have answered them, and whether two have seen a notice to an authority. Pure. SPEC 3.7 */
import { b64encode } from '@lyhty/crypto/encoding'
import type { RoomMark, RoomView } from '../room'
import type { Duty, DutyAnswer } from './duties'

/** One answer to a step, and who gave it when. */
export interface SharedAnswer {
    readonly answer: DutyAnswer | null
    readonly name: string
    readonly isOwn: boolean
    readonly at: number
}

export interface NoticeAnswer {
    readonly name: string
    readonly at: number
    /** Why not; null: agreed. */
    readonly reason: string | null
}

export interface SecondPair {
    readonly eyes: 'not-asked' | 'asked' | 'agreed' | 'refused'
    /** The newest request. */
    readonly request: { readonly name: string; readonly isOwn: boolean; readonly at: number; readonly reason: string } | null
    /** By others, to just that request; each one's newest. */
    readonly answers: readonly NoticeAnswer[]
}

export const needsTwo = ({ steps }: Duty): boolean => steps.includes('notified')

/** By `duty.step` what was said last. */
export function sharedAnswers(rooms: readonly RoomView[]): ReadonlyMap<string, SharedAnswer> {
    const said = rooms.filter(({ kind }) => kind === 'notes').flatMap(({ marks }) => marks)
    const shared = new Map<string, SharedAnswer>()
    for (const { at, name, isOwn, content } of said.toSorted((one, other) => one.at - other.at)) {
        if (content.type === 'duty') shared.set(`${content.duty}.${content.step}`, { answer: content.answer, name, isOwn, at })
    }
    return shared
}

/** Of somebody who has left only if somebody who is here signed, by an older directory, to have read it. SPEC 3.7 */
export function counts({ author, counter, version, leftIn }: RoomMark, within: readonly RoomMark[]): boolean {
    if (leftIn === null) return true
    const hasRead = (mark: RoomMark): boolean => mark.leftIn === null && mark.version < leftIn && (mark.seen.get(author) ?? 0) >= counter
    return version < leftIn && within.some(hasRead)
}

export function secondPair(duty: string, rooms: readonly RoomView[]): SecondPair {
    // Where something is amiss nothing is taken for an agreement.
    const sound = rooms.filter(({ kind, alarms }) => kind === 'consultation' && alarms.length === 0)
    const asked = sound.flatMap(({ marks }) => marks.flatMap((mark) => (mark.content.type === 'notice' && mark.content.duty === duty ? [{ mark, reason: mark.content.reason, marks }] : [])))
    const newest = asked.toSorted((one, other) => one.mark.at - other.mark.at).at(-1)
    if (newest === undefined) return { eyes: 'not-asked', request: null, answers: [] }
    const { mark, reason, marks } = newest
    const answers = [...answersTo(mark, marks).values()]
    const eyes = answers.some((one) => one.reason === null) ? 'agreed' : answers.length > 0 ? 'refused' : 'asked'
    return { eyes, request: { name: mark.name, isOwn: mark.isOwn, at: mark.at, reason }, answers }
}

/** By their authors: others than who asked, to exactly this request. */
export function answersTo(request: RoomMark, marks: readonly RoomMark[]): ReadonlyMap<string, NoticeAnswer> {
    const answers = new Map<string, NoticeAnswer>()
    for (const mark of marks) {
        const { content, author, name, at } = mark
        if (content.type !== 'seen' || b64encode(content.notice) !== request.head || author === request.author || !counts(mark, marks)) continue
        answers.set(author, { name, at, reason: content.reason })
    }
    return answers
}

/** Whether the answers to a request of ours have come that no later writing of ours names. */
export function owesWitness({ marks, isOpen }: RoomView): boolean {
    if (!isOpen || !marks.some(({ content, isOwn }) => isOwn && content.type === 'notice')) return false
    const isNamed = ({ author, counter }: RoomMark): boolean => marks.some(({ isOwn, seen }) => isOwn && (seen.get(author) ?? 0) >= counter)
    return marks.some((mark) => mark.content.type === 'seen' && !mark.isOwn && !isNamed(mark))
}

/** Made, and nobody else has seen it yet. */
export const owesSecond = (duty: Duty, made: DutyAnswer | null | undefined, { eyes }: SecondPair): boolean =>
    needsTwo(duty) && (made === 'yes' || made === 'at-once') && eyes !== 'agreed'
