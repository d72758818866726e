/** Recovery shares at the console, against servers that lie about them. SPEC 5.9, 9.9 */
import { Directory, UntrustedDirectory, verifyTrust, type Expert } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId, asInstanceId } from '@lyhty/crypto/ids.ts'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys.ts'
import { decodeRequest, encodeRequest, encodeSplit, giveShare, openShare, positionOf, recoverSeed, requestHash, signRequest, splitHash, splitSeed, WAIT_S } from '@lyhty/crypto/recovery.ts'
import { verifyRoots } from '@lyhty/crypto/roots.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { Recovery, SplitOfEpoch } from '../../src/console/api-types.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { Recovering } from '../../src/console/recovery.ts'
import { knownOf, uncovered, type RecoveryView } from '../../src/console/recovery-view.ts'

const PSYCHOLOGIST = 2
const who = (byte: number) => ({ id: asExpertId(new Uint8Array(16).fill(byte)), sign: new SigningKey(seed(byte + 100)), kem: new KemKeyPair(seed(byte + 150)) })
type Who = ReturnType<typeof who>
const coordinators = [who(11), who(12), who(13)] as const
const [asker, giver, third] = coordinators
const member: Who = { id: asExpertId(psychologist.id), sign: psychologist.sign, kem: psychologist.kem }

const person = ({ id, sign, kem }: Who, name: string, queue: number, coordinator: boolean): Expert =>
    ({ id, name, sign: sign.publicKey, kem: kem.publicKey, queues: [queue], coordinator, languages: [] })
const listing = (holders: readonly Who[]): Directory => {
    const { claims, signers } = verifyTrust(bundle(), instance, NOW).directory
    return new Directory({ ...claims, experts: [person(member, 'the psychologist', PSYCHOLOGIST, false), ...holders.map((one, at) => person(one, `coordinator ${at + 1}`, 1, true))] }, signers)
}
const directory = listing(coordinators)

const keyringOf = async (self: Who): Promise<Keyring> => {
    const sealed = self === member
        ? [wrapKey(instance, self.sign.publicKey, { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: PSYCHOLOGIST, epoch: 1, generation: 0 }, self.kem.publicKey, queueKeys[2].seed())]
        : [wrapKey(instance, self.sign.publicKey, { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 }, self.kem.publicKey, seed(2))]
    return Keyring.open(directory, self.id, self.sign, self.kem, await Promise.all(sealed))
}

/** What a browser keeps for pages, in so far as it is used here. */
const storage = (): Storage => {
    const kept = new Map<string, string>()
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage
}

/** What is true of the psychologists' queue, each share with its holder; a server tells of it what it likes. */
async function truth(of = queueKeys[2].seed(), by: Who = member, listed = directory) {
    const { split, shares } = await splitSeed(of, PSYCHOLOGIST, 1, listed, by.sign, NOW)
    const told = (to: Who, changes: Partial<SplitOfEpoch> = {}): SplitOfEpoch => {
        const share = shares[positionOf(split, to.id) - 1]
        return { queue: PSYCHOLOGIST, epoch: 1, split: b64encode(encodeSplit(split)), share: share === undefined ? null : b64encode(share), used: false, givers: [], given: [], ...changes }
    }
    const shareOf = (to: Who): Uint8Array => shares[positionOf(split, to.id) - 1] as Uint8Array
    return { split, told, shareOf }
}

const requestBy = (by: Who, at = NOW, sign = by.sign) => signRequest({ instance, queue: PSYCHOLOGIST, asker: by.id, at }, sign)
const asked = (request: ReturnType<typeof requestBy>, endedBy: Who | null = null) => (
    { queue: PSYCHOLOGIST, request: b64encode(encodeRequest(request)), ended_by: endedBy === null ? null : b64encode(endedBy.id) }
)
const hashOf = (request: ReturnType<typeof requestBy>): string => b64encode(requestHash(request))

interface At { readonly says: (answer: Recovery) => Promise<RecoveryView>; readonly recovering: Recovering; readonly done: string[]; readonly acts: string[]; readonly goes: (seconds: number) => void }

/** One person's console, and a server that says what the test wants and notes what it is sent. */
async function consoleOf(self: Who, kept: Storage | null = storage()): Promise<At> {
    const keyring = await keyringOf(self)
    let [nowS, answer, view] = [NOW, { splits: [], requests: [] } as Recovery, null as RecoveryView | null]
    const [done, acts]: [string[], string[]] = [[], []]
    const recovering = new Recovering({
        desk: {
            recovery: async () => answer,
            putSplit: async () => void done.push('split'),
            askForShares: async (_queue, request) => void done.push(`ask ${decodeRequest(b64decode(request)).queue}`),
            stopRequest: async () => void done.push('stop'),
            giveShares: async (_queue, { shares }) => void done.push(`give ${shares.length}`),
        },
        storage: kept, keyring: () => keyring, nowS: () => nowS,
        tell: (event) => { if (event.type === 'recovery') view = event.recovery },
        certify: async (act) => void acts.push((await act(keyring)).act.directory),
        opened: () => void done.push('opened'),
    })
    return {
        recovering, done, acts,
        goes: (seconds) => { nowS += seconds },
        says: async (said) => {
            answer = said
            await recovering.read()
            return view as unknown as RecoveryView
        },
    }
}

describe('a member of the queue', () => {
    test('splits what the coordinators do not hold yet, and nothing twice', async () => {
        const at = await consoleOf(member)
        await at.says({ splits: [], requests: [] })
        expect(at.done).toEqual(['split'])
        await at.says({ splits: [(await truth()).told(member)], requests: [] })
        expect(at.done).toEqual(['split'])
    })

    test('splits it anew when a coordinator has come or left, and when a share was given', async () => {
        const known = async (listed: Directory, used = false) => uncovered(knownOf({ splits: [(await truth(undefined, member, listed)).told(member, { used })], requests: [] }, directory), directory, PSYCHOLOGIST)
        expect(await known(directory)).toEqual([])
        expect(await known(listing([asker, giver]))).toEqual([1])
        expect(await known(listing([asker, giver, third, who(14)]))).toEqual([1])
        expect(await known(directory, true)).toEqual([1])
    })

    test('replaces nothing while somebody asks', async () => {
        const answer = { splits: [(await truth()).told(member, { used: true })], requests: [asked(requestBy(asker))] }
        expect(uncovered(knownOf(answer, directory), directory, PSYCHOLOGIST)).toEqual([])
    })

    test('splits nothing for one coordinator alone', () => {
        const alone = listing([asker])
        expect(uncovered({ splits: [], requests: [], forged: [] }, alone, PSYCHOLOGIST)).toEqual([])
    })
})

describe('a holder', () => {
    test('gives after forty-eight hours on this very device, and not a second before', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker, NOW - 30 * WAIT_S)]
        const answer = { splits: [(await truth()).told(giver)], requests: [asked(request)] }
        expect((await at.says(answer)).requests[0]?.from).toBe(NOW + WAIT_S)
        at.goes(WAIT_S - 1)
        await at.recovering.give(hashOf(request))
        expect(at.done).toEqual([])
        at.goes(1)
        await at.recovering.give(hashOf(request))
        expect(at.done).toEqual(['give 1'])
    })

    test('waits from the time of a request that says it is to come', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker, NOW + 100)]
        expect((await at.says({ splits: [(await truth()).told(giver)], requests: [asked(request)] })).requests[0]?.from).toBe(NOW + 100 + WAIT_S)
    })

    test('never gives from a device that remembers nothing', async () => {
        const [at, request] = [await consoleOf(giver, null), requestBy(asker)]
        expect((await at.says({ splits: [(await truth()).told(giver)], requests: [asked(request)] })).requests[0]?.from).toBeNull()
        at.goes(10 * WAIT_S)
        await at.recovering.give(hashOf(request))
        expect(at.done).toEqual([])
    })

    test('cannot give to a request that the server hides until the last moment', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker)]
        await at.says({ splits: [(await truth()).told(giver)], requests: [] })
        at.goes(WAIT_S)
        await at.says({ splits: [(await truth()).told(giver)], requests: [asked(request)] })
        await at.recovering.give(hashOf(request))
        expect(at.done).toEqual([])
    })

    test('cannot give to a request that was seen ended, whoever opens it again', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker)]
        const { told } = await truth()
        await at.says({ splits: [told(giver)], requests: [asked(request)] })
        await at.says({ splits: [told(giver)], requests: [asked(request, member)] })
        at.goes(WAIT_S)
        const view = await at.says({ splits: [told(giver)], requests: [asked(request)] })
        expect(view.requests).toEqual([])
        expect(view.queues.find(({ queue }) => queue === PSYCHOLOGIST)?.isForged).toBe(true)
        await expect(at.recovering.give(hashOf(request))).rejects.toThrow('recovery-unknown')
    })

    test.each([
        ['in another name', requestBy(asker, NOW, giver.sign)],
        ['by somebody who may not ask', requestBy(member)],
        ['by a stranger', requestBy(who(99))],
    ])('is shown no request that was forged: %s', async (_name, request) => {
        const at = await consoleOf(giver)
        const view = await at.says({ splits: [(await truth()).told(giver)], requests: [asked(request)] })
        expect(view.requests).toEqual([])
        expect(view.queues.find(({ queue }) => queue === PSYCHOLOGIST)?.isForged).toBe(true)
        at.goes(10 * WAIT_S)
        await expect(at.recovering.give(hashOf(request))).rejects.toThrow('recovery-unknown')
    })

    test('takes no split for its own that a stranger signed, or that another seed was sealed with', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker)]
        const view = await at.says({ splits: [(await truth(undefined, who(98))).told(giver)], requests: [asked(request)] })
        expect(view.queues.find(({ queue }) => queue === PSYCHOLOGIST)).toMatchObject({ isForged: true, covered: 0 })
        const swapped = (await truth()).told(giver, { share: b64encode((await truth()).shareOf(giver)) })
        await at.says({ splits: [swapped], requests: [asked(request)] })
        at.goes(WAIT_S)
        await expect(at.recovering.give(hashOf(request))).rejects.toThrow('tampered')
        expect(at.done).toEqual([])
    })
})

describe('whoever asks', () => {
    const opening = async (given: (request: ReturnType<typeof requestBy>, real: Awaited<ReturnType<typeof truth>>) => Promise<SplitOfEpoch['given']>, real?: Awaited<ReturnType<typeof truth>>) => {
        const [at, request, told] = [await consoleOf(asker), requestBy(asker), real ?? await truth()]
        const view = await at.says({ splits: [told.told(asker, { given: await given(request, told) })], requests: [asked(request)] })
        return { at, request, view }
    }
    const to = person(asker, 'coordinator 1', 1, true)
    const from = async (holder: Who, request: ReturnType<typeof requestBy>, { split, shareOf }: Awaited<ReturnType<typeof truth>>, as = holder) => (
        { expert: b64encode(as.id), wrap: b64encode(await giveShare(split, holder.id, shareOf(holder), holder.kem, request, to)) }
    )

    test('opens with the own share and one of the others, and is of the queue then', async () => {
        const { at, request, view } = await opening(async (for_, real) => [await from(giver, for_, real)])
        expect(view.requests[0]).toMatchObject({ isMine: true, isEnough: true, needed: 2 })
        await at.recovering.open(hashOf(request))
        const { claims } = new UntrustedDirectory(b64decode(at.acts[0] as string)).verify(verifyRoots(bundle().roots, instance), NOW, 2)
        expect(claims.experts.find(({ name }) => name === 'coordinator 1')?.queues).toEqual([1, PSYCHOLOGIST])
        expect(claims.queues[1]?.epochs).toEqual(directory.claims.queues[1]?.epochs)
        expect(at.done).toEqual(['stop', 'opened'])
    })

    test('alone has too little, with the whole server too', async () => {
        const { at, request, view } = await opening(async () => [])
        expect(view.requests[0]?.isEnough).toBe(false)
        await expect(at.recovering.open(hashOf(request))).rejects.toMatchObject({ code: 'recovery-unusable' })
        expect(at.acts).toEqual([])
    })

    test('does not believe a share that the server gives for another, and says so', async () => {
        const { at, request } = await opening(async (for_, real) => [await from(asker, for_, real, giver)])
        await expect(at.recovering.open(hashOf(request))).rejects.toMatchObject({ code: 'recovery-unusable' })
        expect(at.acts).toEqual([])
    })

    test('passes a wrong share over when enough others are right', async () => {
        const { at, request } = await opening(async (for_, real) => [await from(asker, for_, real, giver), await from(third, for_, real)])
        await at.recovering.open(hashOf(request))
        expect(at.acts).toHaveLength(1)
    })

    test('cannot use what was given for an earlier request', async () => {
        const { at, request } = await opening(async (_, real) => [await from(giver, requestBy(asker, NOW - 1), real)])
        await expect(at.recovering.open(hashOf(request))).rejects.toMatchObject({ code: 'recovery-unusable' })
    })

    test('opens nothing with shares of another seed than the queue has', async () => {
        const junk = await truth(seed(77))
        const { at, request } = await opening(async (for_, real) => [await from(giver, for_, real)], junk)
        await expect(at.recovering.open(hashOf(request))).rejects.toMatchObject({ code: 'recovery-unusable' })
        expect(at.acts).toEqual([])
    })

    test('asks only for a queue whose keys they lack, and for one at a time', async () => {
        const at = await consoleOf(asker)
        const { told } = await truth()
        const can = async (answer: Recovery) => (await at.says(answer)).queues.map(({ canAsk }) => canAsk)
        expect(await can({ splits: [], requests: [] })).toEqual([false, false])
        expect(await can({ splits: [told(asker)], requests: [] })).toEqual([false, true])
        expect(await can({ splits: [told(asker)], requests: [asked(requestBy(giver))] })).toEqual([false, false])
        await at.recovering.ask(PSYCHOLOGIST)
        expect(at.done).toEqual(['ask 2'])
    })
})

describe('a server that tells of a split', () => {
    const holders = (change: (all: readonly Who[]) => readonly Who[]) => async () => encodeSplit((await truth(undefined, member, listing(change(coordinators)))).split)
    const changed = (at: number) => async () => encodeSplit((await truth()).split).map((byte, nth) => (nth === at ? byte ^ 1 : byte))
    const [INSTANCE, QUEUE, EPOCH, TIME, HOLDER, COMMITMENT] = [1, 34, 38, 50, 53, 69] as const
    const lies: readonly (readonly [string, () => Promise<Uint8Array>])[] = [
        ['by nobody', async () => encodeSplit((await truth(undefined, who(98))).split)],
        ['by somebody of another queue', async () => encodeSplit((await truth(undefined, { ...who(97), sign: lawyer.sign })).split)],
        ['of another instance', changed(INSTANCE)],
        ['of another queue', changed(QUEUE)],
        ['of another epoch', changed(EPOCH)],
        ['of another time', changed(TIME)],
        ['with another holder', changed(HOLDER)],
        ['with another commitment', changed(COMMITMENT)],
        ['cut short', async () => encodeSplit((await truth()).split).slice(0, -1)],
    ]

    test.each(lies)('%s is told, and nobody takes it for one', async (_, lie) => {
        const [at, split] = [await consoleOf(giver), await lie()]
        const view = await at.says({ splits: [(await truth()).told(giver, { split: b64encode(split) })], requests: [] })
        const queue = view.queues.find(({ queue }) => queue === PSYCHOLOGIST)
        expect([queue?.covered, queue?.holders, view.queues.some(({ isForged }) => isForged)]).toEqual([0, [], true])
    })

    test.each([
        ['fewer holders than there are coordinators', holders((all) => all.slice(0, 2))],
        ['a holder who is none of them', holders(([one, other]) => [one as Who, other as Who, who(14)])],
    ])('with %s, which a member signed once, has it made anew', async (_, lie) => {
        const [at, split] = [await consoleOf(member), await lie()]
        await at.says({ splits: [(await truth()).told(member, { split: b64encode(split) })], requests: [] })
        expect(at.done).toEqual(['split'])
    })
})

describe('a server that tells of a request', () => {
    const BACKDATED = NOW - 30 * WAIT_S
    const lies: readonly (readonly [string, () => ReturnType<typeof asked>])[] = [
        ['by nobody', () => asked(requestBy(who(99)))],
        ['by somebody who is no coordinator', () => asked(requestBy(member))],
        ['in a coordinator\'s name', () => asked(requestBy(asker, NOW, giver.sign))],
        ['dated back by the server', () => asked({ ...requestBy(asker), at: BACKDATED })],
        ['for another queue than was asked for', () => asked({ ...requestBy(asker), queue: 1 })],
        ['of another instance', () => asked(signRequest({ instance: asInstanceId(seed(5)), queue: PSYCHOLOGIST, asker: asker.id, at: NOW }, asker.sign))],
        ['as another\'s', () => asked({ ...requestBy(asker), asker: third.id })],
    ]

    test.each(lies)('%s shows nobody a request, tells them so, and gets no share', async (_, lie) => {
        const [at, request] = [await consoleOf(giver), lie()]
        const view = await at.says({ splits: [(await truth()).told(giver)], requests: [request] })
        expect([view.requests, view.queues.some(({ isForged }) => isForged)]).toEqual([[], true])
        at.goes(10 * WAIT_S)
        await expect(at.recovering.give(b64encode(requestHash(decodeRequest(b64decode(request.request)))))).rejects.toThrow('recovery-unknown')
        expect(at.done).toEqual([])
    })

    test('to one console alone makes that one wait as long, and no other can stop it: THREAT_MODEL says so', async () => {
        const [told, other, request, { told: split }] = [await consoleOf(giver), await consoleOf(third), requestBy(asker), await truth()]
        expect((await told.says({ splits: [split(giver)], requests: [asked(request)] })).requests[0]?.from).toBe(NOW + WAIT_S)
        expect((await other.says({ splits: [split(third)], requests: [] })).requests).toEqual([])
        told.goes(WAIT_S - 1)
        await told.recovering.give(hashOf(request))
        expect(told.done).toEqual([])
    })

    test('that was ended as open, to who did not see its end, makes them wait as long: THREAT_MODEL says so', async () => {
        const [at, request] = [await consoleOf(giver), requestBy(asker, BACKDATED)]
        expect((await at.says({ splits: [(await truth()).told(giver)], requests: [asked(request)] })).requests[0]?.from).toBe(NOW + WAIT_S)
    })
})

test('a split that says fewer shares are enough is no split', async () => {
    const encoded = encodeSplit((await truth()).split)
    const threshold = 1 + 32 + 2 + 4 + 4 + 8
    expect(encoded[threshold]).toBe(2)
    encoded[threshold] = 1
    const { splits, forged } = knownOf({ splits: [{ ...(await truth()).told(giver), split: b64encode(encoded) }], requests: [] }, directory)
    expect([splits, forged]).toEqual([[], [{ queue: PSYCHOLOGIST, code: 'operation-malformed' }]])
})

test('a split of a directory that is still on its way is neither believed nor called false', async () => {
    const later = new Directory({ ...directory.claims, version: 2 }, directory.signers)
    const { splits, forged } = knownOf({ splits: [(await truth(undefined, member, later)).told(giver)], requests: [] }, directory)
    expect([splits, forged]).toEqual([[], []])
})

test('a split that too few hold by now covers nothing, and says who still holds a share', async () => {
    const four = await truth(undefined, member, listing([asker, who(14), who(15), who(16)]))
    const three = await truth(undefined, member, listing([asker, giver, who(16)]))
    const of = async (real: typeof four) => (await (await consoleOf(asker)).says({ splits: [real.told(asker)], requests: [] })).queues[1]
    expect(await of(four)).toMatchObject({ covered: 0, holders: [], canAsk: false })
    expect(await of(three)).toMatchObject({ covered: 1, holders: [b64encode(asker.id), b64encode(giver.id)], vital: [b64encode(asker.id), b64encode(giver.id)] })
})

test('shares of an older split that a server shows again do not fit those of the newer one', async () => {
    const [one, other] = [await truth(), await truth()]
    const part = async ({ split, shareOf }: typeof one, holder: Who) => openShare(split, holder.id, shareOf(holder), splitHash(split), holder.kem)
    const mixed = new Map([[positionOf(one.split, asker.id), await part(one, asker)], [positionOf(one.split, giver.id), await part(other, giver)]])
    expect(() => recoverSeed(one.split, mixed, queueKeys[2].publicKey)).toThrow('another key')
})

