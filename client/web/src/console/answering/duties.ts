/**
 * The duties of an expert in a case: which apply, which steps they have, and what is still open. Pure.
 *
 * Which apply is data with a source. Where somebody left out who they are or what it is about, a duty is shown rather than not.
 */
import type { Profession } from '../../session/types'
import type { DeskLanguage } from '../languages'

export const STEPS = ['concern', 'consulted', 'identity', 'told', 'notified'] as const
export type Step = (typeof STEPS)[number]
/** `at-once`: the notice was made because somebody was in danger; a second pair of eyes is owed. */
export type DutyAnswer = 'yes' | 'no' | 'at-once'
/** The answers given in one case, by `duty.step`; null: taken back. */
export type DutyAnswers = Readonly<Record<string, DutyAnswer | null>>

export interface Duty {
    readonly id: string
    /** Whether this profession must, or it depends on whom they work for. */
    readonly professions: Readonly<Record<Profession, 'must' | 'depends'>>
    readonly roles: readonly string[]
    readonly topics: readonly string[] | null
    readonly name: Readonly<Record<DeskLanguage, string>>
    readonly when: Readonly<Record<DeskLanguage, string>>
    readonly who: Readonly<Record<DeskLanguage, string>>
    readonly source: string
    readonly steps: readonly Step[]
    readonly read_in: string | null
    readonly last_checked: string | null
    readonly needs_check: boolean
}

export interface DutyData { readonly version: string; readonly duties: readonly Duty[] }

/** What a card tells of a case. */
export interface Situation { readonly role: string | null; readonly topic: string | null }

export const NO_ANSWERS: DutyAnswers = {}

export function dutiesIn({ duties }: DutyData, { role, topic }: Situation): readonly Duty[] {
    return duties.filter(({ roles, topics }) => (role === null || roles.includes(role)) && (topic === null || topics === null || topics.includes(topic)))
}

export const answerId = (duty: Duty, step: Step): string => `${duty.id}.${step}`

/** The steps without an answer: whether there is reason comes first, and when there is none nothing else is asked. */
export function openSteps(duty: Duty, answers: DutyAnswers): readonly Step[] {
    const answerTo = (step: Step): DutyAnswer | null => answers[answerId(duty, step)] ?? null
    const concern = answerTo('concern')
    if (concern === null) return ['concern']
    return concern === 'no' ? [] : duty.steps.filter((step) => answerTo(step) === null)
}

/** `owes`: of one whose steps are all answered, whether something is owed all the same. */
export function openDuties(data: DutyData, situation: Situation, answers: DutyAnswers, owes: (duty: Duty) => boolean = () => false): readonly Duty[] {
    return dutiesIn(data, situation).filter((duty) => openSteps(duty, answers).length > 0 || owes(duty))
}

/** What is given again is taken back. */
export const toggled = (before: DutyAnswer | null | undefined, answer: DutyAnswer): DutyAnswer | null => (before === answer ? null : answer)

/** What was said here and is not stored yet, without what is stored by now. */
export const unsettled = (said: DutyAnswers, stored: (id: string) => DutyAnswer | null): DutyAnswers =>
    Object.fromEntries(Object.entries(said).filter(([id, answer]) => stored(id) !== answer))
