/** Gives a case its next key: reads all of it, shows nothing of it. SPEC 3.4 */
import type { TurnContent } from '@lyhty/crypto/contents'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { asCaseId } from '@lyhty/crypto/ids'
import { cardKeyOf } from './cards'
import { HeldCase } from './conversation'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'

/** Somebody writes, or turns it, or a queue has another key, between reading and writing. */
const READ_AGAIN: ReadonlySet<ErrorCode> = new Set(['case-changed', 'counter-conflict', 'generation-stale', 'epoch-stale'])
const MAX_TRIES = 5

export interface AroundTurns {
    readonly desk: Desk
    readonly keyring: Keyring
    readonly nowS: () => number
    /** The newest directory and the seeds that came with it. */
    readonly renew: () => Promise<void>
}

/** Throws a `DeskError` with `case-not-held` also when somebody else has done it. */
export async function turnCase(around: AroundTurns, caseId: string, queue: number, reason: TurnContent['reason']): Promise<void> {
    for (let tries = 1; ; tries++) {
        try {
            return await turnOnce(around, caseId, queue, reason)
        } catch (error) {
            if (!(error instanceof DeskError) || !READ_AGAIN.has(error.code) || tries === MAX_TRIES) throw error
            await around.renew()
        }
    }
}

async function turnOnce({ desk, keyring, nowS, renew }: AroundTurns, caseId: string, queue: number, reason: TurnContent['reason']): Promise<void> {
    const { card_wrap, links, rosters, sign_pk, wraps } = await desk.forTurn(caseId, queue)
    const renewTo = async (version: number): Promise<void> => {
        if (version > keyring.directory.version) await renew()
    }
    const read = await HeldCase.open({ place: { case: caseId, queue }, rosters, wraps, links, signPk: sign_pk }, keyring, renewTo)
    try {
        for (let more = true; more;) {
            const before = read.newest
            const page = await desk.envelopesForTurn(caseId, queue, before)
            await read.take(page.envelopes.map(({ seq, envelope }) => ({ seq, envelope: b64decode(envelope) })))
            more = page.more && read.newest > before
        }
        read.reachedBeginning()
        const cardKey = await cardKeyOf(asCaseId(b64decode(caseId)), queue, b64decode(card_wrap), keyring)
        const turn = await read.prepareTurn({ type: 'turn', at: nowS(), reason }, cardKey)
        const seq = await desk.turn(caseId, queue, {
            last_seq: read.newest,
            roster: b64encode(turn.rosterBytes),
            own_wrap: b64encode(turn.ownWrap),
            link: b64encode(turn.link),
            wraps: turn.wraps.map(b64encode),
            card_wraps: turn.cardWraps.map(b64encode),
            envelope: b64encode(turn.message.envelope),
        })
        cardKey.fill(0)
        turn.caseKey.fill(0)
        // SPEC 3.4: stored after all that was read, or not at all.
        if (seq !== read.newest + 1) throw new DeskError('history-gap')
    } finally {
        read.wipe()
    }
}
