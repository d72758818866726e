/** What comes into cases that were closed: read once, handed on to the figures, and words are not lost. SPEC 4.8, 6.4 */
import { prepareCase } from '@lyhty/crypto/cases.ts'
import { Chains } from '@lyhty/crypto/chains.ts'
import type { MessageContent } from '@lyhty/crypto/contents.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { reporterKeys } from '@lyhty/crypto/passphrase.ts'
import { UntrustedRoster } from '@lyhty/crypto/rosters.ts'
import { openEnvelope, sealMessage } from '@lyhty/crypto/sealing.ts'
import { prepareTurn } from '@lyhty/crypto/turning.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { AfterClosing, LONGEST_H } from '../../src/console/after-closing.ts'
import type { ForFigures } from '../../src/console/contributing.ts'
import { DeskError } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import type { Place, PlaceKey } from '../../src/console/places.ts'
import { place } from './places.ts'
import { storage } from './storage.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const reporter = reporterKeys(seed(77), seed(79))
const HOUR = Math.floor(NOW / 3_600)
const TAP: MessageContent = { type: 'helped', at: NOW, asked: 'impact', answer: 'somewhat' }
const CHAT: MessageContent = { type: 'chat', at: NOW, text: 'Vielä yksi asia.' }

async function keys(): Promise<Keyring> {
    const subject = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 1, epoch: 1, generation: 0 } as const
    const wrap = await wrapKey(instance, lawyer.sign.publicKey, subject, lawyer.kem.publicKey, queueKeys[1].seed())
    return Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [wrap])
}

/** A case that we closed after its report; its reporter can add to it. */
async function closedCase() {
    const situation = { age: '10-12', at: NOW, language: 'fi', role: 'pupil', services: ['wilma'], topic: 'bullying' }
    const prepared = await prepareCase(reporter, directory, {
        queues: [1], card: { ...situation, firstWords: 'Minua kiusataan', urgent: false },
        report: { ...situation, device: 'own', help: null, school: null, text: 'Minua kiusataan.' },
    })
    const { caseId, caseKey, open } = prepared
    const chains = new Chains()
    chains.accept(await openEnvelope(instance, caseId, caseKey, open.report))
    const stored = [open.report]
    const adds = async (content: MessageContent): Promise<void> => {
        const within = { instance, caseId, key: key.caseKey, author: reporter.sign, directoryVersion: 1 }
        const { envelope } = await sealMessage(within, key.roster.generation, chains.next(reporter.sign.publicKey), content)
        chains.accept(await openEnvelope(instance, caseId, key.caseKey, envelope))
        stored.push(envelope)
    }
    const opened = {
        rosters: [b64encode(open.roster)], wraps: [b64encode(open.caseKeyWraps[0] as Uint8Array)], links: [null] as (string | null)[],
        signPk: b64encode(reporter.sign.publicKey),
    }
    let key = { roster: new UntrustedRoster(open.roster).verifyOpening(instance, caseId), caseKey }
    /** The case's next key, by its reporter. */
    const turns = async (): Promise<void> => {
        const position = chains.next(reporter.sign.publicKey)
        const known = { ...key, reporter: reporter.kem.publicKey, position, cardKey: null }
        const turn = await prepareTurn(reporter.sign, known, directory, { type: 'turn', at: NOW, reason: 'schedule' })
        chains.accept(await openEnvelope(instance, caseId, turn.caseKey, turn.message.envelope))
        stored.push(turn.message.envelope)
        opened.rosters.push(b64encode(turn.rosterBytes))
        opened.wraps = [b64encode(turn.wraps[0] as Uint8Array)]
        opened.links.push(b64encode(turn.link))
        key = { roster: turn.roster, caseKey: turn.caseKey }
    }
    return { caseId, adds, turns, stored, opened }
}

async function world() {
    const it = await closedCase()
    const device = storage()
    const server = { keyring: null as Keyring | null, fails: false, opened: 0, pages: 0, changes: {} as Partial<Place>, others: [] as readonly Place[], more: false, endsMeanwhile: false, read: 0 }
    const listed = (): Place => place(1, {
        case: b64encode(it.caseId), state: 'closed', closer: b64encode(asExpertId(lawyer.id)), closedHour: HOUR, closedNth: 9, closedSeq: 1, lastSeq: it.stored.length, ...server.changes,
    })
    const said: (ForFigures | null)[] = []
    const marked: PlaceKey[][] = []
    const signIn = async (): Promise<AfterClosing> => {
        const keyring = await keys()
        server.keyring = keyring
        const looking = new AfterClosing({
            storage: device, nowS: () => NOW, keyring: () => server.keyring, renewTo: async () => undefined,
            weigh: (_place, one) => void said.push(one),
            tell: (places) => void marked.push([...places]),
            desk: {
                closed: async () => {
                    server.pages += 1
                    return { places: [listed(), ...server.others], more: server.more }
                },
                opened: async () => {
                    if (server.fails) throw new DeskError('connection-lost')
                    server.opened += 1
                    if (server.endsMeanwhile) server.keyring = null
                    return { place: listed(), ...it.opened }
                },
                envelopesBefore: async (_case, before) => {
                    server.read += 1
                    const newest = it.stored.map((envelope, at) => ({ seq: at + 1, envelope: b64encode(envelope) })).toReversed()
                    const left = newest.filter(({ seq }) => before === 0 || seq < before)
                    return { envelopes: left.slice(0, 1), more: left.length > 1 }
                },
            },
        })
        await looking.begin(keyring, seed(9))
        return looking
    }
    return { ...it, key: listed().key, marked, said, server, signIn }
}

test('whether it helped is handed on to the figures once, and shown to nobody', async () => {
    const { adds, marked, said, server, signIn } = await world()
    await adds(TAP)
    await (await signIn()).look()
    await (await signIn()).look()
    expect(said).toMatchObject([{ report: { topic: 'bullying' }, helped: [{ asked: 'impact', answer: 'somewhat' }] }])
    expect([marked, server.opened]).toEqual([[[], []], 1])
})

test('under the next key of the case it is the same, and a key is nothing to look at', async () => {
    const { adds, marked, said, signIn, turns } = await world()
    await turns()
    await adds(TAP)
    await (await signIn()).look()
    expect(said).toMatchObject([{ helped: [{ asked: 'impact' }] }])
    expect(marked).toEqual([[]])
})

test('what comes later is read too', async () => {
    const { adds, said, signIn } = await world()
    const looking = await signIn()
    await adds(TAP)
    await looking.look()
    await adds({ ...TAP, asked: 'later', answer: 'no' } as MessageContent)
    await looking.look()
    expect(said.map((one) => one?.helped.length)).toEqual([1, 2])
})

test('words are not lost: the place says that there is something new until somebody has looked, at the next sign-in too', async () => {
    const { adds, key, marked, signIn } = await world()
    await adds(CHAT)
    await (await signIn()).look()
    const looking = await signIn()
    await looking.look()
    await looking.looked(key)
    await (await signIn()).look()
    expect(marked).toEqual([[key], [key], [], []])
})

test('what does not hold counts nowhere, and somebody has to look', async () => {
    const { adds, key, marked, said, signIn, stored } = await world()
    await adds(TAP)
    stored[1] = stored[1]?.map((byte, at) => (at === 500 ? byte ^ 1 : byte)) as Uint8Array
    await (await signIn()).look()
    expect([marked, said]).toEqual([[[key]], []])
})

test('a case whose key does not open is marked, not passed over', async () => {
    const { adds, key, marked, opened, signIn } = await world()
    await adds(TAP)
    opened.wraps[0] = b64encode(new Uint8Array(1_213))
    await (await signIn()).look()
    expect(marked).toEqual([[key]])
})

test.each<[string, Partial<Place>]>([
    ['nothing has come into', { lastSeq: 1 }],
    ['is open for another profession', { closedSeq: null }],
    ['a colleague closed', { closer: 'other' }],
    ['was closed long ago', { closedHour: HOUR - LONGEST_H - 1 }],
])('a case that %s is not opened', async (_what, changes) => {
    const { adds, server, signIn } = await world()
    await adds(TAP)
    server.changes = changes
    await (await signIn()).look()
    expect(server.opened).toBe(0)
})

test('what could not be read is read the next time', async () => {
    const { adds, said, server, signIn } = await world()
    await adds(TAP)
    server.fails = true
    const looking = await signIn()
    await looking.look()
    server.fails = false
    await looking.look()
    expect(said.length).toBe(1)
})

test('whoever signs out meanwhile asks nothing more, and the next time it is read', async () => {
    const { adds, marked, said, server, signIn } = await world()
    await adds(TAP)
    server.endsMeanwhile = true
    await (await signIn()).look()
    expect([server.read, said]).toEqual([0, []])
    server.endsMeanwhile = false
    await (await signIn()).look()
    expect([said.length, marked.at(-1)]).toEqual([1, []])
})

test('a case that was opened and closed again begins anew', async () => {
    const { adds, key, marked, server, signIn } = await world()
    const looking = await signIn()
    await adds(CHAT)
    await looking.look()
    server.changes = { closedSeq: 2 }
    await looking.look()
    await adds(TAP)
    await looking.look()
    expect(marked).toEqual([[key], [], []])
})

test('a list without an end is read no further than so far', async () => {
    const { server, signIn } = await world()
    server.more = true
    await (await signIn()).look()
    expect(server.pages).toBe(10)
})
