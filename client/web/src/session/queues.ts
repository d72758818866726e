/** Which professions a report goes to: as the person asked, or by its topic. */
import { LAWYER, PSYCHOLOGIST } from '@lyhty/crypto/ids'
import type { QueueId } from '@lyhty/crypto/ids'
import type { Draft, Help, Topic } from './types.ts'

const BOTH = [LAWYER, PSYCHOLOGIST] as const

const QUEUES_OF_TOPIC: { readonly [topic in Topic]: readonly QueueId[] } = {
    'bullying': BOTH,
    'threats': BOTH,
    'picture-shared': BOTH,
    'blackmail': BOTH,
    'adult-contact': BOTH,
    'fake-profile': [LAWYER],
    'account-taken': [LAWYER],
    'scam': [LAWYER],
    'disturbing': [PSYCHOLOGIST],
    'left-out': [PSYCHOLOGIST],
    'other': [PSYCHOLOGIST],
}

/** Somebody may be in danger: the case goes before others, and is promised an answer sooner. */
export const isUrgent = ({ inDanger }: Draft): boolean => inDanger === 'yes' || inDanger === 'not-sure'

/** `available` are the directory's queues. Who asked for one profession is never sent to another. */
export function queuesFor(help: Help | null, topic: Topic | null, available: readonly QueueId[]): readonly QueueId[] {
    switch (help) {
        case 'lawyer':
            return [LAWYER]
        case 'psychologist':
            return [PSYCHOLOGIST]
        case 'both':
            return BOTH
        case 'unknown':
        case null: {
            const wanted = topic === null ? BOTH : QUEUES_OF_TOPIC[topic]
            const open = wanted.filter((queue) => available.includes(queue))
            return open.length > 0 ? open : available
        }
    }
}
