/** What each queue believes of a case that its reporter let another one into. SPEC 4.7 */
import { prepareCase, type Opening } from '@lyhty/crypto/cases.ts'
import { Chains } from '@lyhty/crypto/chains.ts'
import type { ConsentContent, MessageContent } from '@lyhty/crypto/contents.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId, asHead, type Head } from '@lyhty/crypto/ids.ts'
import type { SigningKey } from '@lyhty/crypto/keys.ts'
import { reporterKeys } from '@lyhty/crypto/passphrase.ts'
import { openEnvelope, sealMessage } from '@lyhty/crypto/sealing.ts'
import { prepareHandover, type PreparedHandover } from '@lyhty/crypto/turning.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { NO_LINK, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { bundle, instance, lawyer, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { viewCard } from '../../src/console/cards.ts'
import { HeldCase, type Stored } from '../../src/console/conversation.ts'
import { Keyring } from '../../src/console/keyring.ts'
import type { Opened } from '../../src/console/places.ts'
import { place } from './places.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const reporter = reporterKeys(seed(77), seed(79))
const situation = { age: '10-12', at: NOW, language: 'fi', role: 'pupil', services: ['wilma'], topic: 'bullying' }
const opening: Opening = {
    queues: [1],
    card: { ...situation, firstWords: 'Minua kiusataan', urgent: false },
    report: { ...situation, device: 'own', help: null, school: null, text: 'Minua kiusataan.' },
}
const noRenewal = async (): Promise<void> => undefined

async function keyringOf(who: typeof lawyer, queue: 1 | 2): Promise<Keyring> {
    const target = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue, epoch: 1, generation: 0 } as const
    const wrap = await wrapKey(instance, who.sign.publicKey, target, who.kem.publicKey, queueKeys[queue].seed())
    return Keyring.open(directory, asExpertId(who.id), who.sign, who.kem, [wrap])
}

/** A report, a question and a yes, as they are stored; and what the server hands out to each queue. */
class Told {
    readonly envelopes: Uint8Array[]
    readonly #chains = new Chains()
    #generation = 1
    #handed: PreparedHandover | null = null

    readonly prepared: Awaited<ReturnType<typeof prepareCase>>

    constructor(prepared: Awaited<ReturnType<typeof prepareCase>>) {
        this.prepared = prepared
        this.envelopes = [prepared.open.report]
    }

    static async begun(): Promise<Told> {
        const told = new Told(await prepareCase(reporter, directory, opening))
        await told.#take(told.prepared.open.report)
        return told
    }

    get #key(): Uint8Array {
        return this.#handed?.caseKey ?? this.prepared.caseKey
    }

    async #take(envelope: Uint8Array): Promise<Head> {
        const opened = await openEnvelope(instance, this.prepared.caseId, this.#key, envelope)
        this.#chains.accept(opened)
        return opened.head
    }

    async says(author: SigningKey, content: MessageContent): Promise<Head> {
        const within = { instance, caseId: this.prepared.caseId, key: this.#key, author, directoryVersion: 1 }
        const { envelope } = await sealMessage(within, this.#generation, this.#chains.next(author.publicKey), content)
        this.envelopes.push(envelope)
        return this.#take(envelope)
    }

    async letsIn(what: 'all' | 'from-here', asked: Head): Promise<PreparedHandover> {
        const kem = what === 'from-here' ? reporter.kem.publicKey : null
        const consent: ConsentContent = { type: 'consent', at: NOW, asked, what, kem }
        const known = {
            roster: this.prepared.roster, caseKey: this.prepared.caseKey, reporter: reporter.kem.publicKey,
            position: this.#chains.next(reporter.sign.publicKey), cardKey: null,
        }
        const card = { ...opening.card, type: 'card', commitment: this.prepared.roster.commitment, services: [], firstWords: 'Miksi' } as const
        this.#handed = await prepareHandover(reporter.sign, known, directory, consent, 2, card)
        this.#generation = 2
        this.envelopes.push(this.#handed.message.envelope)
        await this.#take(this.#handed.message.envelope)
        return this.#handed
    }

    given(queue: 1 | 2, changes: Partial<Opened> = {}): Opened {
        const { open, caseId, roster } = this.prepared
        const handed = this.#handed as PreparedHandover
        const keptWrap = handed.link.some((byte) => byte !== 0) || queue === 2 ? [] : [open.caseKeyWraps[0] as Uint8Array]
        const own = handed.wraps[queue - 1] as Uint8Array
        return {
            place: place(1, { case: b64encode(caseId), queue, state: 'held', card: b64encode(handed.card.envelope), cardWrap: b64encode(handed.cardWraps[queue - 1] as Uint8Array) }),
            rosters: [roster.bytes, handed.rosterBytes].map(b64encode),
            wraps: [...keptWrap, own].map(b64encode),
            links: [null, b64encode(handed.link)],
            signPk: b64encode(reporter.sign.publicKey),
            ...changes,
        }
    }

    async readBy(who: typeof lawyer, queue: 1 | 2, changes: Partial<Opened> = {}): Promise<HeldCase> {
        const reader = await HeldCase.open(this.given(queue, changes), await keyringOf(who, queue), noRenewal)
        await reader.takeOlder(this.stored.toReversed(), false)
        return reader
    }

    get stored(): Stored[] {
        return this.envelopes.map((envelope, at) => ({ seq: at + 1, envelope }))
    }
}

const ASK = { type: 'ask', at: NOW, queue: 2, text: 'Se voi auttaa sinua nukkumaan.' } as const
const chat = (text: string): MessageContent => ({ type: 'chat', at: NOW, text })
const typesOf = (reader: HeldCase): string[] => reader.view.messages.map(({ content }) => ('text' in content ? content.text : content.type))

async function handed(what: 'all' | 'from-here'): Promise<Told> {
    const told = await Told.begun()
    await told.letsIn(what, await told.says(lawyer.sign, ASK))
    await told.says(reporter.sign, chat('Hei.'))
    await told.says(lawyer.sign, chat('Olen yhä täällä.'))
    return told
}

describe('a case that another queue was let into', () => {
    test('is read whole by both with everything', async () => {
        const told = await handed('all')
        for (const [who, queue] of [[lawyer, 1], [psychologist, 2]] as const) {
            const { alarms, asked, beginsLater, queues } = (await told.readBy(who, queue)).view
            expect({ alarms, asked, beginsLater, queues }).toEqual({ alarms: [], asked: [], beginsLater: false, queues: [1, 2] })
        }
        expect(typesOf(await told.readBy(psychologist, 2))).toEqual(['Minua kiusataan.', ASK.text, 'consent', 'Hei.', 'Olen yhä täällä.'])
    })

    test('begins with the yes for the new one, and is whole for the old one, from here on', async () => {
        const told = await handed('from-here')
        const late = await told.readBy(psychologist, 2)
        expect([typesOf(late), late.view.alarms, late.view.beginsLater]).toEqual([['consent', 'Hei.', 'Olen yhä täällä.'], [], true])
        const early = await told.readBy(lawyer, 1)
        expect([typesOf(early).length, early.view.alarms, early.view.beginsLater]).toEqual([5, [], false])
        // SPEC 12.3: who cannot read the report adds nothing to the figures.
        expect([late.forFigures, early.forFigures?.report.type]).toEqual([null, 'report'])
    })

    test('can be given its next key by who begins later', async () => {
        const told = await handed('from-here')
        const late = await told.readBy(psychologist, 2)
        const turn = await late.prepareTurn({ type: 'turn', at: NOW, reason: 'schedule' }, seed(9))
        expect([turn.roster.generation, turn.wraps.length]).toEqual([3, 2])
    })

    test('has a card that both open, without a word of the report', async () => {
        const told = await handed('from-here')
        for (const [who, queue] of [[lawyer, 1], [psychologist, 2]] as const) {
            const { alarm, facts } = await viewCard(told.given(queue).place, await keyringOf(who, queue))
            expect([alarm, facts?.firstWords, facts?.services]).toEqual([null, 'Miksi', []])
        }
    })

    test('raises an alarm when the way that the reporter gave is held back', async () => {
        const told = await handed('all')
        expect((await told.readBy(psychologist, 2, { links: [null, b64encode(NO_LINK)] })).view.alarms).toEqual(['history-gap'])
    })

    test("raises an alarm when the first queue's own wrap is held back", async () => {
        const told = await handed('from-here')
        const { wraps } = told.given(1)
        expect((await told.readBy(lawyer, 1, { wraps: wraps.slice(-1) })).view.alarms).toContain('envelope-tampered')
    })

    test('shows no yes to a question that nobody asked', async () => {
        const told = await Told.begun()
        await told.letsIn('all', asHead(new Uint8Array(32)))
        const reader = await told.readBy(lawyer, 1)
        expect([typesOf(reader), reader.view.alarms]).toEqual([['Minua kiusataan.'], ['envelope-tampered']])
    })

    test.prop([fc.integer({ min: 1, max: 6 })], { numRuns: 12 })('reads the same in pages of any size', async (size) => {
        const told = await handed('from-here')
        for (const [who, queue, length] of [[lawyer, 1, 5], [psychologist, 2, 3]] as const) {
            const reader = await HeldCase.open(told.given(queue), await keyringOf(who, queue), noRenewal)
            const newestFirst = told.stored.toReversed()
            for (let from = 0; from < newestFirst.length && reader.hasOlder; from += size) {
                await reader.takeOlder(newestFirst.slice(from, from + size), from + size < newestFirst.length)
            }
            expect([typesOf(reader).length, reader.view.alarms, reader.hasOlder]).toEqual([length, [], false])
        }
    })
})
