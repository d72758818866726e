/** A whole case between a reporter and an expert: opened, read, answered, wrapped again. SPEC 2.1, 3, 4 */
import { describe, expect, test } from 'vitest'
import { authorOf, queuesOf, urgentAgrees } from '../authors.ts'
import { firstWords, prepareCase } from '../cases.ts'
import type { Opening } from '../cases.ts'
import { Chains } from '../chains.ts'
import { Directory, verifyTrust } from '../directories.ts'
import { reporterKeys } from '../passphrase.ts'
import { openEnvelope, sealMessage } from '../sealing.ts'
import { prepareTurn } from '../turning.ts'
import { openLink, selfUnwrap, unwrapKey } from '../wrapping.ts'
import { bundle, instance, lawyer, newerQueueKeys, NOW, psychologist, queueKeys, seed } from './trusted.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const keys = reporterKeys(seed(77), seed(7))
const opening: Opening = {
    queues: [2, 1],
    card: {
        age: '10-12',
        at: NOW,
        language: 'fi-simple',
        role: 'pupil',
        services: ['wilma'],
        topic: 'bullying',
        firstWords: 'Minua kiusataan',
        urgent: true,
    },
    report: {
        age: '10-12',
        at: NOW,
        language: 'fi-simple',
        role: 'pupil',
        services: ['wilma'],
        topic: 'bullying',
        device: 'own',
        help: null,
        school: null,
        text: 'Minua kiusataan.',
    },
}
const prepared = prepareCase(keys, directory, opening)

describe('a case', () => {
    test('its key reaches both queues and comes back to the reporter', async () => {
        const { caseId, caseKey, open, roster } = await prepared
        expect(queuesOf(roster)).toEqual([1, 2])
        for (const [at, queue] of ([1, 2] as const).entries()) {
            expect(await unwrapKey(instance, caseId, open.caseKeyWraps[at] as Uint8Array, queueKeys[queue])).toEqual(
                caseKey,
            )
        }
        expect(await selfUnwrap(keys.wrap, instance, caseId, 1, roster.commitment, open.selfWrap)).toEqual(caseKey)
    })

    test('a wrap for one queue does not open with the key of the other', async () => {
        const { caseId, open } = await prepared
        await expect(
            unwrapKey(instance, caseId, open.caseKeyWraps[0] as Uint8Array, queueKeys[2]),
        ).rejects.toMatchObject({ failure: 'tampered', code: 'wrap-tampered' })
    })

    test('its card opens with the card key and names its case and urgency', async () => {
        const { caseId, open } = await prepared
        const cardKey = await unwrapKey(instance, caseId, open.cardKeyWraps[1] as Uint8Array, queueKeys[2])
        const card = await openEnvelope(instance, caseId, cardKey, open.card)
        expect(card.content).toMatchObject({ firstWords: 'Minua kiusataan', urgent: true })
        expect([urgentAgrees(card, true), urgentAgrees(card, false)]).toEqual([true, false])
    })

    test('an answer of an expert in the directory continues its chain', async () => {
        const { caseId, caseKey, open, roster } = await prepared
        const report = await openEnvelope(instance, caseId, caseKey, open.report)
        const chains = new Chains()
        chains.accept(report)
        const answer = await sealMessage(
            { instance, caseId, key: caseKey, author: lawyer.sign, directoryVersion: 1 },
            1,
            chains.next(lawyer.sign.publicKey),
            {
                type: 'answer',
                at: NOW,
                profession: 'lawyer',
                parts: [{ part: 'legal', text: 'Tämä on rikos.' }],
                plain: [],
                ticks: [],
                assessment: [],
            },
        )
        const opened = await openEnvelope(instance, caseId, caseKey, answer.envelope)
        chains.accept(opened)
        expect(authorOf(report, keys.sign.publicKey, roster, directory)).toBe('reporter')
        expect(authorOf(opened, keys.sign.publicKey, roster, directory)).toMatchObject({
            name: lawyer.name,
            profession: 'lawyer',
        })
        expect(chains.next(keys.sign.publicKey)).toMatchObject({
            counter: 2,
            seen: [{ counter: 1, head: opened.head }],
        })
    })

    test('what somebody wrote before they went to another queue still holds, in generations from before that', async () => {
        const { caseId, caseKey, roster } = await prepared
        const sealed = await sealMessage(
            { instance, caseId, key: caseKey, author: lawyer.sign, directoryVersion: 1 },
            1,
            new Chains().next(lawyer.sign.publicKey),
            { type: 'chat', at: NOW, text: 'hei' },
        )
        const opened = await openEnvelope(instance, caseId, caseKey, sealed.envelope)
        const { claims } = directory
        const now = claims.experts.map((expert) => (expert.name === lawyer.name ? { ...expert, queues: [3] } : expert))
        const { id, name, sign } = claims.experts.find((expert) => expert.name === lawyer.name) as (typeof now)[number]
        const moved = (version: number, queues = [1]): Directory =>
            new Directory({ ...claims, experts: now, former: [{ id, name, sign, queues, left: NOW, version }] }, [])
        expect(authorOf(opened, keys.sign.publicKey, roster, moved(2))).toMatchObject({ name: lawyer.name })
        expect(() => authorOf(opened, keys.sign.publicKey, roster, moved(1))).toThrow('forged')
        expect(() => authorOf(opened, keys.sign.publicKey, roster, moved(2, [3]))).toThrow('forged')
        const forgotten = new Directory({ ...claims, experts: now }, [])
        expect(() => authorOf(opened, keys.sign.publicKey, roster, forgotten)).toThrow('forged')
    })

    test('an author whom the directory does not name is refused', async () => {
        const { caseId, caseKey, roster } = await prepared
        const stranger = reporterKeys(seed(78), seed(8)).sign
        const sealed = await sealMessage(
            { instance, caseId, key: caseKey, author: stranger, directoryVersion: 1 },
            1,
            new Chains().next(stranger.publicKey),
            { type: 'chat', at: NOW, text: 'hei' },
        )
        const opened = await openEnvelope(instance, caseId, caseKey, sealed.envelope)
        expect(() => authorOf(opened, keys.sign.publicKey, roster, directory)).toThrow('forged')
    })

    test('an expert of a queue that the reporter did not choose is refused', async () => {
        const onlyLawyer = await prepareCase(keys, directory, { ...opening, queues: [1] })
        const sealed = await sealMessage(
            {
                instance,
                caseId: onlyLawyer.caseId,
                key: onlyLawyer.caseKey,
                author: psychologist.sign,
                directoryVersion: 1,
            },
            1,
            new Chains().next(psychologist.sign.publicKey),
            { type: 'chat', at: NOW, text: 'hei' },
        )
        const opened = await openEnvelope(instance, onlyLawyer.caseId, onlyLawyer.caseKey, sealed.envelope)
        expect(() => authorOf(opened, keys.sign.publicKey, onlyLawyer.roster, directory)).toThrow(
            'forged',
        )
    })

    test('its next key reaches the newer epochs and the reporter, and leads to the key before', async () => {
        const { caseId, caseKey, roster } = await prepared
        const newer = verifyTrust(bundle({ version: 2, epochs: 2 }), instance, NOW).directory
        const cardKey = new Uint8Array(32).fill(7)
        const known = { roster, caseKey, reporter: keys.kem.publicKey, position: new Chains().next(lawyer.sign.publicKey), cardKey }
        const turn = await prepareTurn(lawyer.sign, known, newer, { type: 'turn', at: NOW, reason: 'departure' })
        expect(turn.roster.entries.map(({ epoch }) => epoch)).toEqual([2, 2, 0])
        const [toPsychologists, cardToPsychologists] = [turn.wraps[1], turn.cardWraps[1]] as [Uint8Array, Uint8Array]
        expect(await unwrapKey(instance, caseId, toPsychologists, newerQueueKeys[2])).toEqual(turn.caseKey)
        expect(await unwrapKey(instance, caseId, cardToPsychologists, newerQueueKeys[2])).toEqual(cardKey)
        expect(await unwrapKey(instance, caseId, turn.ownWrap, keys.kem)).toEqual(turn.caseKey)
        expect(await openLink(turn.link, turn.caseKey, instance, caseId, 2, roster.commitment)).toEqual(caseKey)
        await expect(unwrapKey(instance, caseId, toPsychologists, queueKeys[2])).rejects.toMatchObject({ code: 'wrap-tampered' })
        await expect(openEnvelope(instance, caseId, caseKey, turn.message.envelope)).rejects.toMatchObject({ failure: 'tampered' })
    })

    test('its next key is not given to a key that is not in the roster', async () => {
        const { caseKey, roster } = await prepared
        const position = new Chains().next(lawyer.sign.publicKey)
        const known = { roster, caseKey, reporter: lawyer.kem.publicKey, position, cardKey: null }
        await expect(prepareTurn(lawyer.sign, known, directory, { type: 'turn', at: NOW, reason: 'schedule' })).rejects.toMatchObject({
            code: 'wrap-tampered',
        })
    })

    test('is refused when the directory lacks a chosen queue', async () => {
        await expect(prepareCase(keys, directory, { ...opening, queues: [3] })).rejects.toMatchObject({
            code: 'queue-unknown',
        })
    })
})

describe('the first words on a card', () => {
    test('short texts stay whole, on one line', () => expect(firstWords(' moi\n\nhei ')).toBe('moi hei'))

    test('long texts are cut between words', () => {
        const cut = firstWords('sana '.repeat(100))
        expect(cut.endsWith('sana…')).toBe(true)
    })

    test.each(['"', '😀', '\\', 'ä'])('280 bytes are enough for a text of only %s', async (character) => {
        const cut = firstWords(character.repeat(500))
        expect(new TextEncoder().encode(JSON.stringify(cut)).length).toBeLessThanOrEqual(282)
        const services = Array.from({ length: 8 }, () => 'whatsapp')
        const { open } = await prepareCase(keys, directory, {
            ...opening,
            card: { ...opening.card, firstWords: cut, services },
        })
        expect(open.card.length).toBe(1024)
    })
})
