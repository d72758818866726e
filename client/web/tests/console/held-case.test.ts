/** What an expert believes of a case the server hands out, and what makes them suspicious. SPEC 3.3, 4 */
import { prepareCase, type Opening } from '@lyhty/crypto/cases.ts'
import { Chains } from '@lyhty/crypto/chains.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys.ts'
import { reporterKeys } from '@lyhty/crypto/passphrase.ts'
import { openEnvelope, sealMessage } from '@lyhty/crypto/sealing.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { CASE_KEY, QUEUE_SEED, TO_EXPERT, TO_QUEUE } from '@lyhty/crypto/wraps.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { viewCard } from '../../src/console/cards.ts'
import { HeldCase, type Stored } from '../../src/console/conversation.ts'
import { Keyring } from '../../src/console/keyring.ts'
import type { Opened, Place } from '../../src/console/places.ts'
import { place } from './places.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const reporter = reporterKeys(seed(77), seed(79))
const stranger = new SigningKey(seed(78))
const situation = { age: '10-12', at: NOW, language: 'fi', role: 'pupil', services: ['wilma'], topic: 'bullying' }
const opening: Opening = {
    queues: [1, 2],
    card: { ...situation, firstWords: 'Minua kiusataan', urgent: true },
    report: { ...situation, device: 'own', help: null, school: null, text: 'Minua kiusataan.' },
}
const noRenewal = async (): Promise<void> => undefined

let prepared: Awaited<ReturnType<typeof prepareCase>>
let keyring: Keyring
let held: Place
let opened: Opened

const queueWrap = (seedBytes: Uint8Array): Promise<Uint8Array> => wrapKey(
    instance, lawyer.sign.publicKey, { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 1, epoch: 1, generation: 0 }, lawyer.kem.publicKey, seedBytes,
)
const keysOf = async (seedBytes: Uint8Array): Promise<Keyring> =>
    Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [await queueWrap(seedBytes)])

beforeAll(async () => {
    prepared = await prepareCase(reporter, directory, opening)
    keyring = await keysOf(queueKeys[1].seed())
    const { open, caseId } = prepared
    held = place(1, {
        case: b64encode(caseId), state: 'held', urgent: true, card: b64encode(open.card), cardWrap: b64encode(open.cardKeyWraps[0] as Uint8Array),
    })
    opened = {
        place: held, rosters: [b64encode(open.roster)], wraps: [b64encode(open.caseKeyWraps[0] as Uint8Array)], links: [null], signPk: b64encode(reporter.sign.publicKey),
    }
})

/** Writes on for an author as the history so far stands. */
async function chatBy(author: SigningKey, chains: Chains, text: string): Promise<Uint8Array> {
    const within = { instance, caseId: prepared.caseId, key: prepared.caseKey, author, directoryVersion: 1 }
    const { envelope } = await sealMessage(within, 1, chains.next(author.publicKey), { type: 'chat', at: NOW, text })
    chains.accept(await openEnvelope(instance, prepared.caseId, prepared.caseKey, envelope))
    return envelope
}

async function afterReport(): Promise<Chains> {
    const chains = new Chains()
    chains.accept(await openEnvelope(instance, prepared.caseId, prepared.caseKey, prepared.open.report))
    return chains
}

async function reading(...envelopes: readonly Uint8Array[]): Promise<HeldCase> {
    const reader = await HeldCase.open(opened, keyring, noRenewal)
    await reader.takeOlder(numbered(envelopes).toReversed(), false)
    return reader
}

const numbered = (envelopes: readonly Uint8Array[]): Stored[] => envelopes.map((envelope, at) => ({ seq: at + 1, envelope }))

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const textsOf = (reader: HeldCase): (string | null)[] => reader.view.messages.map(({ content }) => ('text' in content ? content.text : null))

async function helpedBy(author: SigningKey, chains: Chains): Promise<Uint8Array> {
    const within = { instance, caseId: prepared.caseId, key: prepared.caseKey, author, directoryVersion: 1 }
    const { envelope } = await sealMessage(within, 1, chains.next(author.publicKey), { type: 'helped', at: NOW, asked: 'impact', answer: 'somewhat' })
    return envelope
}

describe('for the figures', () => {
    test('a case says its report, and whether it helped, which is no line of the conversation', async () => {
        const reader = await reading(prepared.open.report, await helpedBy(reporter.sign, await afterReport()))
        expect(reader.forFigures).toMatchObject({ report: { school: null, topic: 'bullying' }, helped: [{ asked: 'impact', answer: 'somewhat' }], firstKey: prepared.caseKey })
        expect(textsOf(reader)).toEqual(['Minua kiusataan.'])
    })

    test('nobody says for the reporter that it helped', async () => {
        const reader = await reading(prepared.open.report, await helpedBy(psychologist.sign, await afterReport()))
        expect(reader.forFigures?.helped).toEqual([])
        expect(reader.view.alarms).toEqual(['envelope-tampered'])
    })

    test('nothing is said before all of it has been read, and after it was let go of', async () => {
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(numbered([prepared.open.report]), true)
        expect(reader.forFigures).toBe(null)
        await reader.takeOlder([], false)
        expect(reader.forFigures).not.toBe(null)
        reader.wipe()
        expect(reader.forFigures).toBe(null)
    })
})

describe('a held case', () => {
    test('shows the report and what its reporter writes on', async () => {
        const chat = await chatBy(reporter.sign, await afterReport(), 'Oletko siellä?')
        const reader = await reading(prepared.open.report, chat)
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.', 'Oletko siellä?'], []])
    })

    test('names a colleague of the other profession', async () => {
        const chat = await chatBy(psychologist.sign, await afterReport(), 'Hei')
        expect((await reading(prepared.open.report, chat)).view.messages[1]).toMatchObject({
            author: 'expert', expertName: psychologist.name, profession: 'psychologist', state: 'received',
        })
    })

    test('raises an alarm for a changed envelope and still shows the others', async () => {
        const chains = await afterReport()
        const [first, second] = [await chatBy(reporter.sign, chains, 'yksi'), await chatBy(reporter.sign, chains, 'kaksi')]
        const reader = await reading(prepared.open.report, flipped(first, 200), second)
        expect(textsOf(reader)).toEqual(['Minua kiusataan.', 'kaksi'])
        expect(reader.view.alarms).toContain('envelope-tampered')
    })

    test('raises an alarm when a message is left out', async () => {
        const chains = await afterReport()
        await chatBy(reporter.sign, chains, 'yksi')
        const second = await chatBy(reporter.sign, chains, 'kaksi')
        expect((await reading(prepared.open.report, second)).view.alarms).toEqual(['history-gap'])
    })

    test('raises an alarm when nothing at all is handed out', async () => {
        expect((await reading()).view.alarms).toEqual(['history-gap'])
    })

    test('does not show a report that would send new keys to somebody else', async () => {
        const { envelope } = await sealMessage(
            { instance, caseId: prepared.caseId, key: prepared.caseKey, author: reporter.sign, directoryVersion: 1 }, 1, new Chains().next(reporter.sign.publicKey),
            { ...opening.report, type: 'report', kem: lawyer.kem.publicKey },
        )
        const reader = await reading(envelope)
        expect([textsOf(reader), reader.view.alarms]).toEqual([[], ['envelope-tampered', 'history-gap']])
    })

    test('raises an alarm when the report is left out', async () => {
        const chat = await chatBy(reporter.sign, await afterReport(), 'yksi')
        expect((await reading(chat)).view.alarms).toContain('history-gap')
    })

    test('does not show what a stranger with the case key wrote', async () => {
        const chat = await chatBy(stranger, await afterReport(), 'Kerro osoitteesi')
        const reader = await reading(prepared.open.report, chat)
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.'], ['envelope-tampered']])
    })

    test('shows an envelope once, however often the server lists it', async () => {
        const reader = await reading(prepared.open.report)
        await reader.take([{ seq: 1, envelope: prepared.open.report }])
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.'], []])
    })

    test('shows an envelope once that the server lists under two numbers, with an alarm', async () => {
        const reader = await reading(prepared.open.report, prepared.open.report)
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.'], ['history-gap']])
    })

    test('raises an alarm for a second message under the number of one that was read', async () => {
        const chains = await afterReport()
        const [first, second] = [await chatBy(reporter.sign, chains, 'yksi'), await chatBy(reporter.sign, chains, 'kaksi')]
        const reader = await reading(prepared.open.report, first)
        await reader.adopt(3, second)
        await expect(reader.adopt(2, second)).rejects.toMatchObject({ code: 'history-gap' })
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.', 'yksi', 'kaksi'], ['history-gap']])
    })

    test('asks for a newer directory before it doubts an author', async () => {
        const asked: number[] = []
        const reader = await HeldCase.open(opened, keyring, async (version) => { asked.push(version) })
        await reader.take([{ seq: 1, envelope: prepared.open.report }])
        expect(asked).toEqual([1, 1])
    })
})

describe('a long case, the newest first', () => {
    /** The report, answered by us, then two more of the reporter. */
    async function written(): Promise<readonly Stored[]> {
        const chains = await afterReport()
        return numbered([
            prepared.open.report, await chatBy(lawyer.sign, chains, 'Hei'), await chatBy(reporter.sign, chains, 'yksi'), await chatBy(reporter.sign, chains, 'kaksi'),
        ])
    }
    const page = (all: readonly Stored[], from: number, to: number): Stored[] => all.slice(from - 1, to).toReversed()

    test('is shown from its newest messages on, and says how much of it is here', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 4), true)
        expect([textsOf(reader), reader.view.older, reader.view.alarms]).toEqual([['yksi', 'kaksi'], 50, []])
    })

    test('is whole when the older ones have come, in the order they were written', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 4), true)
        await reader.takeOlder(page(all, 1, 2), false)
        expect([textsOf(reader), reader.view.older, reader.view.alarms]).toEqual([['Minua kiusataan.', 'Hei', 'yksi', 'kaksi'], null, []])
    })

    test('goes on with what comes meanwhile', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 3), true)
        await reader.take(page(all, 4, 4))
        await reader.takeOlder(page(all, 1, 2), false)
        expect([textsOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.', 'Hei', 'yksi', 'kaksi'], []])
    })

    test('is not written into before our own last message was read', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 4), true)
        expect([reader.knowsOwnChain, reader.owes(true)]).toEqual([false, null])
        await expect(reader.seal({ type: 'chat', at: NOW, text: 'Hei' })).rejects.toThrow(RangeError)
        await reader.takeOlder(page(all, 2, 2), true)
        const { header } = await reader.seal({ type: 'chat', at: NOW, text: 'Hei' })
        expect([reader.knowsOwnChain, header.counter]).toEqual([true, 2])
    })

    test('alarms when an older message is left out, as soon as all are here', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 4), true)
        expect(reader.view.alarms).toEqual([])
        await reader.takeOlder(page(all, 1, 1), false)
        expect(reader.view.alarms).toEqual(['history-gap'])
    })

    test('of which the server hands out the same page again and again is over, with an alarm', async () => {
        const all = await written()
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        await reader.takeOlder(page(all, 3, 4), true)
        await reader.takeOlder(page(all, 3, 4), true)
        expect([reader.hasOlder, reader.view.alarms]).toEqual([false, ['history-gap']])
    })
})

describe('an answer', () => {
    test('is the next in its author\'s chain and names what was read', async () => {
        const reader = await reading(prepared.open.report)
        const { envelope, header } = await reader.seal({ type: 'chat', at: NOW, text: 'Hei' })
        const { seen, directoryVersion } = await openEnvelope(instance, prepared.caseId, prepared.caseKey, envelope)
        expect([header.counter, directoryVersion, seen.map(({ author, counter }) => [b64encode(author), counter])])
            .toEqual([1, directory.version, [[b64encode(reporter.sign.publicKey), 1]]])
    })

    test('names the newest message that was read, also after a gap', async () => {
        const chains = await afterReport()
        await chatBy(reporter.sign, chains, 'yksi')
        const reader = await reading(prepared.open.report, await chatBy(reporter.sign, chains, 'kaksi'))
        const { envelope } = await reader.seal({ type: 'chat', at: NOW, text: 'Hei' })
        expect((await openEnvelope(instance, prepared.caseId, prepared.caseKey, envelope)).seen.map(({ counter }) => counter)).toEqual([3])
    })

    test('that was stored is shown as sent, and reading it back changes nothing', async () => {
        const reader = await reading(prepared.open.report)
        const { envelope } = await reader.seal({ type: 'chat', at: NOW, text: 'Hei' })
        await reader.adopt(2, envelope)
        await reader.take([{ seq: 2, envelope }])
        expect(reader.view.messages.map(({ state }) => state)).toEqual(['received', 'sent'])
        expect(reader.view.alarms).toEqual([])
    })

    test('that follows counts on', async () => {
        const reader = await reading(prepared.open.report)
        await reader.adopt(2, (await reader.seal({ type: 'chat', at: NOW, text: 'yksi' })).envelope)
        expect((await reader.seal({ type: 'chat', at: NOW, text: 'kaksi' })).header.counter).toBe(2)
    })
})

describe('a claim that does not hold together', () => {
    const claiming = (changes: Partial<Opened>): Promise<HeldCase> => HeldCase.open({ ...opened, ...changes }, keyring, noRenewal)

    test('is refused when the roster was changed', async () => {
        const roster = b64encode(flipped(prepared.open.roster, 180))
        await expect(claiming({ rosters: [roster] })).rejects.toMatchObject({ failure: 'forged', code: 'wrap-tampered' })
    })

    test('is refused when the roster is of another case', async () => {
        const other = await prepareCase(reporter, directory, opening)
        await expect(claiming({ rosters: [b64encode(other.open.roster)] })).rejects.toMatchObject({ failure: 'forged', code: 'wrap-tampered' })
    })

    test('is refused when the wrap is not the one the roster names', async () => {
        const other = await prepareCase(reporter, directory, opening)
        await expect(claiming({ wraps: [b64encode(other.open.caseKeyWraps[0] as Uint8Array)] })).rejects.toMatchObject({ code: 'wrap-tampered' })
    })

    test('is refused when the right key comes in a wrap the roster does not name', async () => {
        const target = { kind: CASE_KEY, recipient: TO_QUEUE, queue: 1, epoch: 1, generation: 1 } as const
        const again = await wrapKey(instance, prepared.caseId, target, queueKeys[1].publicKey, prepared.caseKey)
        await expect(claiming({ wraps: [b64encode(again)] })).rejects.toMatchObject({ code: 'wrap-tampered' })
    })

    test('is refused when it brings no key', async () => {
        await expect(claiming({ wraps: [] })).rejects.toMatchObject({ code: 'wrap-tampered' })
    })

    test('is refused when the server names another reporter', async () => {
        await expect(claiming({ signPk: b64encode(stranger.publicKey) })).rejects.toMatchObject({ code: 'wrap-tampered' })
    })
})

describe('a case that was let go of', () => {
    test('seals nothing more, for everybody could open what zeros have sealed', async () => {
        const reader = await reading(prepared.open.report)
        const { caseKey } = prepared
        reader.wipe()
        await expect(reader.seal({ type: 'chat', at: NOW, text: 'Vastaus' })).rejects.toMatchObject({ code: 'case-not-held' })
        expect(caseKey.some((byte) => byte !== 0)).toBe(true)
    })

    test('is not read any further', async () => {
        const reader = await HeldCase.open(opened, keyring, noRenewal)
        reader.wipe()
        await reader.take([{ seq: 1, envelope: prepared.open.report }])
        expect(reader.newest).toBe(0)
    })
})

describe('a card', () => {
    test('opens for the queue it is in', async () => {
        expect(await viewCard(held, keyring)).toMatchObject({ facts: { firstWords: 'Minua kiusataan', topic: 'bullying' }, alarm: null })
    })

    test('whose urgency the server changed is shown with an alarm', async () => {
        expect(await viewCard({ ...held, urgent: false }, keyring)).toMatchObject({ facts: { topic: 'bullying' }, alarm: 'urgent-mismatch' })
    })

    test('that was changed is not shown', async () => {
        expect(await viewCard({ ...held, card: b64encode(flipped(b64decode(held.card), 300)) }, keyring)).toMatchObject({ facts: null, alarm: 'envelope-tampered' })
    })

    test('of another case is not shown in this one\'s place', async () => {
        const other = await prepareCase(reporter, directory, opening)
        expect(await viewCard({ ...held, case: b64encode(other.caseId) }, keyring)).toMatchObject({ facts: null })
    })
})

describe('a keyring', () => {
    test('refuses a queue seed that is not the directory\'s', async () => {
        await expect(keysOf(seed(99))).rejects.toMatchObject({ code: 'wrap-tampered' })
    })

    test('refuses a directory that lists other keys for its owner', async () => {
        await expect(Keyring.open(directory, asExpertId(lawyer.id), stranger, lawyer.kem, [])).rejects.toMatchObject({ code: 'directory-forged' })
        await expect(Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, new KemKeyPair(seed(5)), [])).rejects.toMatchObject({ code: 'directory-forged' })
    })

    test('refuses somebody the directory does not list', async () => {
        await expect(Keyring.open(directory, asExpertId(new Uint8Array(16).fill(9)), lawyer.sign, lawyer.kem, [])).rejects.toMatchObject({ code: 'directory-forged' })
    })
})

describe('how far a message has come', () => {
    /** The expert answers the report; then the reporter's client says this of it. */
    async function answered(read: boolean | null): Promise<HeldCase> {
        const reader = await reading(prepared.open.report)
        const { envelope } = await reader.seal({ type: 'chat', at: NOW, text: 'Vastaus' })
        await reader.adopt(2, envelope)
        if (read === null) return reader
        const chains = await afterReport()
        chains.accept(await openEnvelope(instance, prepared.caseId, prepared.caseKey, envelope))
        const within = { instance, caseId: prepared.caseId, key: prepared.caseKey, author: reporter.sign, directoryVersion: 1 }
        const receipt = await sealMessage(within, 1, chains.next(reporter.sign.publicKey), { type: 'receipt', at: NOW, read })
        await reader.take([{ seq: 3, envelope: receipt.envelope }])
        return reader
    }

    test.each([[null, 'sent'], [false, 'delivered'], [true, 'read']] as const)('is told by the reporter\'s signed heads alone: %s is %s', async (read, reach) => {
        expect((await answered(read)).view.messages.at(-1)).toMatchObject({ state: 'sent', reach })
    })

    test('is not shown as a message of its own', async () => expect((await answered(true)).view.messages).toHaveLength(2))

    test('leaves every other message the object it was', async () => {
        const reader = await answered(true)
        const before = reader.view.messages
        expect(reader.view.messages.every((message, nth) => message === before[nth])).toBe(true)
    })
})

describe('our own opening of a case', () => {
    const hour = Math.floor(NOW / 3_600)
    const openedBy = async (reader: HeldCase, at = NOW): Promise<Uint8Array> => (await reader.seal({ type: 'opened', at, queue: 1 })).envelope

    test('is known by its hour, and reads what had come', async () => {
        const reader = await reading(prepared.open.report)
        expect([reader.openedHour, reader.view.openedHour, reader.view.unread]).toEqual([null, null, 1])
        await reader.adopt(2, await openedBy(reader))
        expect([reader.openedHour, reader.view.openedHour, reader.view.unread, reader.owes(true)]).toEqual([hour, hour, 0, null])
        expect(reader.view.messages).toHaveLength(1)
    })

    test('is not taken for one as a member of another queue', async () => {
        const reader = await reading(prepared.open.report)
        const chains = await afterReport()
        const within = { instance, caseId: prepared.caseId, key: prepared.caseKey, author: psychologist.sign, directoryVersion: 1 }
        const { envelope } = await sealMessage(within, 1, chains.next(psychologist.sign.publicKey), { type: 'opened', at: NOW, queue: 2 })
        await reader.take([{ seq: 2, envelope }])
        expect([reader.openedHour, reader.view.alarms]).toEqual([null, []])
    })

    test('may stand in what was not read yet, unless something of ours before this hour was', async () => {
        const reader = await reading(prepared.open.report)
        const long = await HeldCase.open(opened, keyring, noRenewal)
        const early = await openedBy(reader, NOW - 3_600)
        await long.takeOlder([], true)
        expect(long.knowsOpenings(hour)).toBe(true)
        const begun = await HeldCase.open(opened, keyring, noRenewal)
        expect(begun.knowsOpenings(hour)).toBe(false)
        await begun.takeOlder([{ seq: 2, envelope: early }], true)
        expect([begun.knowsOpenings(hour), begun.knowsOpenings(hour - 1), begun.knowsOpenings(hour - 2)]).toEqual([true, true, false])
    })
})

describe('what is new to us in a case', () => {
    test('is what came after our own last word', async () => {
        const reader = await reading(prepared.open.report)
        expect(reader.view.unread).toBe(1)
        const { envelope } = await reader.seal({ type: 'chat', at: NOW, text: 'Vastaus' })
        await reader.adopt(2, envelope)
        expect(reader.view.unread).toBe(0)
    })

    test('is not read by being delivered', async () => {
        const reader = await reading(prepared.open.report)
        const { envelope } = await reader.seal({ type: 'receipt', at: NOW, read: false })
        await reader.adopt(2, envelope)
        expect([reader.view.unread, reader.owes(false), reader.owes(true)]).toEqual([1, null, 'read'])
    })

    test('is read once we have said so, on whatever device', async () => {
        const reader = await reading(prepared.open.report)
        const { envelope } = await reader.seal({ type: 'receipt', at: NOW, read: true })
        const other = await reading(prepared.open.report, envelope)
        expect([other.view.unread, other.owes(true)]).toEqual([0, null])
    })
})
