/** The work that signing in costs after failures with the same name. SPEC 9.4 */
import { ProtocolError, RefusedError } from '@lyhty/crypto/errors'
import type { InstanceId } from '@lyhty/crypto/ids'
import { MAX_SIGN_IN_EFFORT, PARTS, signInPurpose, signInTerms } from '@lyhty/crypto/work'
import type { Toiler } from '../net/workers'
import { DeskError } from './desk'

/** A price that somebody else drives up meanwhile is at its top after fewer. */
const MOST_TRIES = 12
/** Quicker than anybody would wonder about. */
const UNNOTICED_EFFORT = 16_384

export interface Priced { readonly challenge: Uint8Array; readonly effort: number }

/** `percent`: how much of the work is done. */
export type OnWork = (percent: number) => void

/**
 * Asks `start` for a challenge, does the work it costs, and hands both to `finish`; anew while the price rises meanwhile.
 */
export async function workedFor<Asked extends Priced, Answer>(
    toiler: Pick<Toiler, 'search'>,
    who: { readonly instance: InstanceId; readonly name: string },
    start: () => Promise<Asked>,
    finish: (asked: Asked, work: Uint8Array | null) => Promise<Answer>,
    onWork: OnWork,
): Promise<Answer> {
    for (let turn = 0; turn < MOST_TRIES; turn++) {
        const asked = await start()
        if (asked.effort > MAX_SIGN_IN_EFFORT) throw new RefusedError('more work than anybody may ask for', 'sign-in-failed')
        // SPEC 9.4: refused once, four times as much, for the price may climb on.
        const effort = Math.min(asked.effort * (turn === 0 ? 1 : 4), MAX_SIGN_IN_EFFORT)
        try {
            return await finish(asked, effort === 0 ? null : await search(toiler, who, asked.challenge, effort, onWork))
        } catch (error) {
            if (!isTooLittle(error)) throw error
        }
    }
    throw new DeskError('busy')
}

const isTooLittle = (error: unknown): boolean =>
    (error instanceof DeskError || error instanceof ProtocolError) && error.code === 'work-insufficient'

function search(
    toiler: Pick<Toiler, 'search'>,
    { instance, name }: { readonly instance: InstanceId; readonly name: string },
    challenge: Uint8Array,
    effort: number,
    onWork: OnWork,
): Promise<Uint8Array> {
    const isNoticed = effort > UNNOTICED_EFFORT
    if (isNoticed) onWork(0)
    return new Promise((resolve) => {
        toiler.search(signInPurpose(instance, challenge, name), signInTerms(challenge, effort), {
            onFound: (found) => isNoticed && onWork(Math.floor((100 * found) / PARTS)),
            onWork: ({ solution }) => resolve(solution),
        })
    })
}
