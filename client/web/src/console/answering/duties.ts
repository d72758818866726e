/**
 * The duties of an expert in a case: which apply, which steps they have, and what is still open. Pure.
 *
 * Which apply is data with a source. Where somebody left out who they are or what it is about, a duty is shown rather than not.
 */
import type { Profession } from '../../session/types'
import type { DeskLanguage } from '../languages'

export const STEPS = ['concern', 'consulted', 'identity', 'told', 'notified'] as const
export type Step = (typeof STEPS)[number]
export type DutyAnswer = 'yes' | 'no'
/** The answers given in one case, by `duty.step`. */
export type DutyAnswers = Readonly<Record<string, DutyAnswer>>

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
    const concern = answers[answerId(duty, 'concern')]
    if (concern === undefined) return ['concern']
    return concern === 'no' ? [] : duty.steps.filter((step) => answers[answerId(duty, step)] === undefined)
}

export function openDuties(data: DutyData, situation: Situation, answers: DutyAnswers): readonly Duty[] {
    return dutiesIn(data, situation).filter((duty) => openSteps(duty, answers).length > 0)
}

/** An answer is taken back by giving it again. */
export function answered(answers: DutyAnswers, id: string, answer: DutyAnswer): DutyAnswers {
    const { [id]: before, ...others } = answers
    return before === answer ? others : { ...others, [id]: answer }
}
