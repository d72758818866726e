/**
 * Gives every open case that a key which has passed still opens its next key, urgent ones first. It may be cut short
 * at any moment: any coordinator of the queue goes on where it stopped. SPEC 9.7
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { QueueId } from '@lyhty/crypto/ids'
import type { UnturnedPage } from './api-types'
import { codeOf } from './code-of'
import type { Desk } from './desk'

/** `failed`: cases that do not hold together; they keep their old key. `stopped`: why it does not go on by itself. */
export interface Turning {
    readonly done: number
    readonly total: number
    readonly failed: number
    readonly stopped: ErrorCode | null
}

export interface AroundTurning {
    readonly desk: Pick<Desk, 'unturned'>
    readonly queues: () => readonly QueueId[]
    /** Whether the coordinator is still signed in. */
    readonly isIn: () => boolean
    readonly turn: (caseId: string, queue: number) => Promise<void>
    readonly tell: (turning: Turning | null) => void
}

/** Somebody else has turned, closed or erased it meanwhile: it waits for nothing any more. */
const DONE: ReadonlySet<ErrorCode> = new Set(['case-not-held', 'case-closed', 'case-erased', 'case-unknown', 'queue-unknown'])
/** Of a list; what is longer is read on when these are turned. */
const MAX_PAGES = 100
/** Nothing of the case: the same would happen to the next one. */
const STOPS: ReadonlySet<ErrorCode> = new Set(['connection-lost', 'not-signed-in', 'not-coordinator', 'busy'])

export async function turnAll(around: AroundTurning): Promise<void> {
    const { isIn, tell, turn } = around
    // Each case once, and until nothing is left to turn: a server that goes on naming cases is not obeyed for ever.
    const tried = new Set<string>()
    const failed = new Set<string>()
    let done = 0
    const said = (total: number, stopped: ErrorCode | null): void => { if (isIn()) tell({ done, total, failed: failed.size, stopped }) }
    let total = 0
    try {
        for (let isIdle = false; !isIdle && isIn();) {
            isIdle = true
            const waiting = [...(await unturned(around))].filter(([caseId]) => !tried.has(caseId))
            if (waiting.length === 0) break
            total = done + failed.size + waiting.length
            for (const [caseId, queue] of waiting) {
                said(total, null)
                if (!isIn()) return
                tried.add(caseId)
                const code = await turn(caseId, queue).then(() => null, codeOf)
                if (code !== null && STOPS.has(code)) return said(total, code)
                if (code === null) isIdle = false
                if (code === null || DONE.has(code)) done += 1
                else failed.add(caseId)
            }
        }
    } catch (error) {
        return said(total, codeOf(error))
    }
    if (isIn()) tell(total === 0 ? null : { done, total: done + failed.size, failed: failed.size, stopped: null })
}

/** Each case once, by the first of its queues that is ours. */
async function unturned({ desk, queues }: AroundTurning): Promise<ReadonlyMap<string, QueueId>> {
    const found = new Map<string, QueueId>()
    for (const queue of queues()) {
        let [after, pages]: [string | null, number] = [null, 0]
        do {
            const page: UnturnedPage = await desk.unturned(queue, after)
            for (const caseId of page.cases) if (!found.has(caseId)) found.set(caseId, queue)
            after = page.next
            pages += 1
        } while (after !== null && pages < MAX_PAGES)
    }
    return found
}
