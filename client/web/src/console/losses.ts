/** What nobody could open any more when somebody leaves: said before, because nothing brings it back. SPEC 5.9, 9.9 */
import { equal } from '@lyhty/crypto/bytes'
import type { Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import type { QueueId } from '@lyhty/crypto/ids'
import type { QueueRecovery, RecoveryView } from './recovery-view'

/**
 * `waits`: nobody reads it until the coordinators open it together; `closed`: what is there is never opened again;
 * `blind`: what comes is never read.
 */
export interface Loss { readonly queue: QueueId; readonly what: 'waits' | 'closed' | 'blind' }

type Person = Pick<Expert, 'id' | 'queues' | 'coordinator'>

/** What is not known yet of the shares counts as lost. */
export function lossesOf(leaver: Person, experts: readonly Person[], recovery: RecoveryView | null): Loss[] {
    const others = experts.filter(({ id }) => !equal(id, leaver.id))
    const canSplit = others.filter(({ coordinator }) => coordinator).length >= 2
    const shares = (queue: QueueId): QueueRecovery | undefined => recovery?.queues.find((one) => one.queue === queue)
    const isVital = (queue: QueueId): boolean => shares(queue)?.vital.includes(b64encode(leaver.id)) ?? false
    const queues = new Set([...leaver.queues, ...(recovery?.queues.map(({ queue }) => queue) ?? [])])
    return [...queues].filter((queue) => !others.some((one) => one.queues.includes(queue))).flatMap((queue): Loss[] => {
        if (!leaver.queues.includes(queue)) return isVital(queue) ? [{ queue, what: 'closed' }] : []
        const { covered, total } = shares(queue) ?? { covered: 0, total: 1 }
        const opens = covered === total && !isVital(queue)
        return [{ queue, what: opens ? 'waits' : 'closed' }, ...(canSplit ? [] : [{ queue, what: 'blind' } as const])]
    })
}
