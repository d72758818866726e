/** Care for those who read all day: what is covered until they want to see it, and a break that nobody counts. Pure. */
import type { Place } from './places'
import type { ConsoleState } from './state'

/** Topics that are hard to read; each can be switched off, and every other one on. */
export const HEAVY_TOPICS: readonly string[] = ['picture-shared', 'blackmail', 'adult-contact', 'threats', 'disturbing']
export const ALL_TOPICS = [
    'picture-shared', 'blackmail', 'adult-contact', 'threats', 'disturbing', 'bullying', 'left-out', 'fake-profile', 'account-taken', 'scam', 'other',
] as const

/** Whether the words of a case are covered: its topic is one to be warned of, and nobody has asked to see them yet. */
export function isCovered({ cards, warned, uncovered }: Pick<ConsoleState, 'cards' | 'warned' | 'uncovered'>, { key }: Pick<Place, 'key'>): boolean {
    const topic = cards.get(key)?.facts?.topic ?? null
    return topic !== null && warned.has(topic) && !uncovered.has(key)
}

export const isOnBreak = ({ dialog }: Pick<ConsoleState, 'dialog'>): boolean => dialog === 'break'
