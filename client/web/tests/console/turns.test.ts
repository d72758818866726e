/** Every open case gets its next key; where it was cut short, it goes on, and a server's lies about it end. SPEC 9.7 */
import { prepareCase } from '@lyhty/crypto/cases.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId, type QueueId } from '@lyhty/crypto/ids.ts'
import { reporterKeys } from '@lyhty/crypto/passphrase.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { UnturnedPage } from '../../src/console/api-types.ts'
import { DeskError, type Desk } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { turnCase } from '../../src/console/turning.ts'
import { turnAll, type Turning } from '../../src/console/turns.ts'

interface Told { readonly turned: string[]; readonly said: (Turning | null)[] }

/** A server with these cases, two a page, that are unturned until somebody turns them. */
async function turning(cases: readonly string[], fate: (caseId: string) => 'turned' | DeskError = () => 'turned', leavesAfter = Infinity): Promise<Told> {
    const waiting = new Set(cases)
    const told: Told = { turned: [], said: [] }
    await turnAll({
        queues: () => [1 as QueueId],
        desk: {
            unturned: async (_queue, after) => {
                const left = [...waiting].filter((one) => after === null || one > after)
                return { cases: left.slice(0, 2), next: left.length > 2 ? left[1] as string : null }
            },
        },
        isIn: () => told.turned.length < leavesAfter,
        turn: async (caseId) => {
            const end = fate(caseId)
            if (end !== 'turned') {
                if (end.code === 'case-erased') waiting.delete(caseId)
                throw end
            }
            waiting.delete(caseId)
            told.turned.push(caseId)
        },
        tell: (said) => void told.said.push(said),
    })
    return told
}

test('all are turned, page by page, and the last word says how many', async () => {
    const { turned, said } = await turning(['a', 'b', 'c', 'd', 'e'])
    expect(turned).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(said[0]).toEqual({ done: 0, total: 5, failed: 0, stopped: null })
    expect(said.at(-1)).toEqual({ done: 5, total: 5, failed: 0, stopped: null })
})

test('where nothing waits nothing is said', async () => {
    expect((await turning([])).said).toEqual([null])
})

test('one that does not hold together is counted, and the others go on', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], (one) => (one === 'b' ? new DeskError('wrap-tampered') : 'turned'))
    expect(turned).toEqual(['a', 'c'])
    expect(said.at(-1)).toEqual({ done: 2, total: 3, failed: 1, stopped: null })
})

test('one that is erased meanwhile is as good as turned', async () => {
    const { said } = await turning(['a', 'b'], (one) => (one === 'a' ? new DeskError('case-erased') : 'turned'))
    expect(said.at(-1)).toEqual({ done: 2, total: 2, failed: 0, stopped: null })
})

test('one that a server lists again after it was turned is turned once', async () => {
    const { turned, said } = await turning(['a', 'b'], (one) => (one === 'a' ? new DeskError('case-not-held') : 'turned'))
    expect(turned).toEqual(['b'])
    expect(said.at(-1)).toEqual({ done: 2, total: 2, failed: 0, stopped: null })
})

test('without a line it stops and says so', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], (one) => (one === 'b' ? new DeskError('connection-lost') : 'turned'))
    expect(turned).toEqual(['a'])
    expect(said.at(-1)).toEqual({ done: 1, total: 3, failed: 0, stopped: 'connection-lost' })
})

test('nothing is turned or said once the coordinator has gone', async () => {
    const { turned, said } = await turning(['a', 'b', 'c'], () => 'turned', 1)
    expect(turned).toEqual(['a'])
    expect(said.at(-1)).toEqual({ done: 0, total: 3, failed: 0, stopped: null })
})

describe('a server that goes on naming cases that nobody can turn', () => {
    const named = async (page: (asked: number) => UnturnedPage): Promise<{ readonly asked: number; readonly tried: number }> => {
        let [asked, tried] = [0, 0]
        await turnAll({
            queues: () => [1 as QueueId], isIn: () => true, tell: () => undefined,
            desk: { unturned: async () => page(asked++) },
            turn: async () => { tried += 1; throw new DeskError('case-unknown') },
        })
        return { asked, tried }
    }

    test('in a list without an end is followed so far and no further', async () => {
        expect(await named(() => ({ cases: ['a'], next: '0-1' }))).toEqual({ asked: 100, tried: 1 })
    })

    test('ever new ones is followed for one round', async () => {
        expect(await named((asked) => ({ cases: [`case-${asked}`], next: null }))).toEqual({ asked: 1, tried: 1 })
    })
})

describe('a turn', () => {
    const { directory } = verifyTrust(bundle(), instance, NOW)
    const situation = { age: null, at: NOW, language: 'fi', role: 'pupil', services: [], topic: null }
    const report = { ...situation, device: null, help: null, school: null, text: 'Minua kiusataan.' }

    /** By the lawyer, over a case with a report and nothing else; the server says that it is stored as `seq`. */
    async function turnedAs(seq: number): Promise<void> {
        const reporter = reporterKeys(seed(77), seed(79))
        const { caseId, open } = await prepareCase(reporter, directory, { queues: [1], card: { ...situation, firstWords: 'Minua', urgent: false }, report })
        const target = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 1, epoch: 1, generation: 0 } as const
        const wrap = await wrapKey(instance, lawyer.sign.publicKey, target, lawyer.kem.publicKey, queueKeys[1].seed())
        const desk: Pick<Desk, 'forTurn' | 'envelopesForTurn' | 'turn'> = {
            forTurn: async () => ({
                sign_pk: b64encode(reporter.sign.publicKey), last_seq: 1, rosters: [b64encode(open.roster)], links: [null],
                wraps: open.caseKeyWraps.map((one) => b64encode(one)), card_wrap: b64encode(open.cardKeyWraps[0] as Uint8Array),
            }),
            envelopesForTurn: async () => ({ envelopes: [{ seq: 1, envelope: b64encode(open.report) }], more: false }),
            turn: async () => seq,
        }
        const keyring = await Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [wrap])
        await turnCase({ desk: desk as Desk, keyring, nowS: () => NOW, renew: async () => undefined }, b64encode(caseId), 1, 'schedule')
    }

    test('that is stored right after what was read is done', async () => {
        await expect(turnedAs(2)).resolves.toBeUndefined()
    })

    test.each([0, 1, 7])('that is said to be stored as number %i was not', async (seq) => {
        await expect(turnedAs(seq)).rejects.toMatchObject({ code: 'history-gap' })
    })
})
