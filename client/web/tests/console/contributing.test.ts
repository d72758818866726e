/** What an expert's cases add to the figures: once each, sealed, shuffled, and never to a key that nobody vouches for. */
import { openContribution, decodeStatisticsKey, encodeStatisticsKey, signStatisticsKey, statisticsSeed, type Counted } from '@lyhty/crypto/contributions.ts'
import type { HelpedContent, ReportContent } from '@lyhty/crypto/contents.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId, hash } from '@lyhty/crypto/ids.ts'
import { KemKeyPair } from '@lyhty/crypto/keys.ts'
import { describe, expect, test } from 'vitest'
import { bundle, directoryKey, instance, lawyer, NOW, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { Contributed } from '../../src/console/api-types.ts'
import { Contributing, countedIn, ENOUGH, monthOf } from '../../src/console/contributing.ts'
import { DeskError } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { place } from './places.ts'
import { storage } from './storage.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const statistics = new KemKeyPair(statisticsSeed(seed(2)))
const REPORT: ReportContent = {
    type: 'report', at: NOW, age: '10-12', device: 'own', help: null, kem: lawyer.kem.publicKey, language: 'fi', role: 'pupil', school: '03095',
    services: ['snapchat', 'tiktok'], text: 'Minua kiusataan.', topic: 'bullying',
}
const tap = (asked: HelpedContent['asked'], answer: HelpedContent['answer']): HelpedContent => ({ type: 'helped', at: NOW, asked, answer })
const ANSWERED = place(1, { state: 'held', answered: true })
const said = (nth: number, helped: readonly HelpedContent[] = [], report = REPORT) => ({ report, helped, firstKey: seed(100 + nth) })

async function world({ device = storage(), key = encodeStatisticsKey(signStatisticsKey(seed(2), instance)) as Uint8Array | null } = {}) {
    const keyring = await Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [])
    const batches: Contributed[] = []
    const server = { key, fails: false, asked: 0, nowS: NOW }
    const contributing = new Contributing({
        storage: device,
        nowS: () => server.nowS,
        keyring: () => keyring,
        desk: {
            statisticsKeys: async () => {
                server.asked += 1
                return server.key === null ? [] : [server.key]
            },
            contribute: async (batch) => {
                if (server.fails) throw new DeskError('connection-lost')
                batches.push(batch)
            },
        },
    })
    await contributing.begin(keyring, seed(9))
    const opened = async (): Promise<Counted[]> => Promise.all(
        batches.flatMap(({ contributions }) => contributions).map(({ token, sealed }) => openContribution(b64decode(sealed), b64decode(token), statistics, instance, directory)),
    )
    return { contributing, batches, server, opened, device }
}

describe('what a case adds', () => {
    test('is its school, month, topic, first service, role and whether the promise was kept', () => {
        expect(countedIn({ report: REPORT, helped: [] }, place(1, { openedHour: 490_000 }))).toEqual([
            { kind: 'case', school: '03095', month: '2025-11', topic: 'bullying', service: 'snapchat', role: 'pupil', promise: 'kept' },
        ])
    })

    test('is told plainly where the report says nothing', () => {
        const report = { ...REPORT, school: null, topic: null, services: [], role: null }
        expect(countedIn({ report, helped: [] }, place(1, { missed: true }))).toMatchObject([
            { school: null, topic: 'other', service: 'none', role: 'other', promise: 'missed' },
        ])
    })

    test('is whether it helped too, by the first word on each question', () => {
        const helped = [tap('impact', 'no'), tap('later', 'somewhat'), tap('impact', 'helped')]
        const [, ...replies] = countedIn({ report: REPORT, helped }, place(1))
        expect(replies).toHaveLength(2)
        expect(replies).toEqual(expect.arrayContaining([
            expect.objectContaining({ kind: 'reply', asked: 'impact', answer: 'no' }),
            expect.objectContaining({ kind: 'reply', asked: 'later', answer: 'somewhat' }),
        ]))
    })

    // 2026-11-01 00:00 in Helsinki is 22:00 UTC the day before; in July 21:00.
    test.each([
        [Date.UTC(2026, 9, 31, 21), '2026-10'], [Date.UTC(2026, 9, 31, 22), '2026-11'], [Date.UTC(2026, 6, 31, 20), '2026-07'],
        [Date.UTC(2026, 6, 31, 21), '2026-08'], [Date.UTC(2026, 11, 31, 22), '2027-01'],
    ])('counts in its month by Helsinki\'s clock: %i', (ms, month) => expect(monthOf(ms / 3_600_000)).toBe(month))
})

describe('contributing', () => {
    test('a waiting case that nobody has answered adds nothing', async () => {
        const { contributing, batches } = await world()
        contributing.weigh(place(1, { state: 'held' }), said(1))
        await contributing.bring()
        expect(batches).toEqual([])
    })

    test('a case whose report is not ours to read adds nothing', async () => {
        const { contributing, batches } = await world()
        contributing.weigh(ANSWERED, null)
        await contributing.bring()
        expect(batches).toEqual([])
    })

    test('a closed case counts without an answer', async () => {
        const { contributing, opened } = await world()
        contributing.weigh(place(1, { state: 'closed' }), said(1))
        await contributing.bring()
        expect(await opened()).toMatchObject([{ kind: 'case', school: '03095' }])
    })

    test('nothing leaves before enough has gathered, and then all of it at once', async () => {
        const { batches, contributing, opened } = await world()
        for (let nth = 1; nth < ENOUGH; nth++) contributing.weigh(ANSWERED, said(nth))
        await new Promise((resolve) => setTimeout(resolve))
        expect(batches).toEqual([])
        contributing.weigh(ANSWERED, said(ENOUGH))
        await contributing.bring()
        expect(batches.map(({ contributions }) => contributions.length)).toEqual([ENOUGH])
        expect(await opened()).toHaveLength(ENOUGH)
    })

    test('a case is said once, whoever reads it how often, and what comes later is said by itself', async () => {
        const { contributing, opened, server } = await world()
        contributing.weigh(ANSWERED, said(1))
        contributing.weigh(ANSWERED, said(1))
        await contributing.bring()
        contributing.weigh(ANSWERED, said(1, [tap('impact', 'helped')]))
        server.nowS += 3_600
        await contributing.bring()
        expect((await opened()).map(({ kind }) => kind)).toEqual(['case', 'reply'])
    })

    test('is kept on the device without a word to be read, and brought at the next sign-in', async () => {
        const before = await world()
        before.server.fails = true
        before.contributing.weigh(ANSWERED, said(1))
        await before.contributing.bring()
        expect(before.batches).toEqual([])
        const onDevice = JSON.stringify(before.device)
        expect(onDevice).toContain('lyhty-figures-')
        expect(onDevice).not.toMatch(/03095|bullying|snapchat/)
        const after = await world({ device: before.device })
        await after.contributing.bring()
        expect(await after.opened()).toMatchObject([{ kind: 'case', topic: 'bullying' }])
        const third = await world({ device: before.device })
        third.contributing.weigh(ANSWERED, said(1))
        await third.contributing.bring()
        expect(third.batches).toEqual([])
    })

    test('names the key that the batch is sealed to', async () => {
        const { batches, contributing } = await world()
        contributing.weigh(ANSWERED, said(1))
        await contributing.bring()
        expect(batches[0]?.key).toBe(b64encode(hash(statistics.publicKey)))
    })

    test.each([
        ['of a directory key that nobody has named', encodeStatisticsKey(signStatisticsKey(seed(66), instance))],
        ['that was changed on its way', encodeStatisticsKey({ ...signStatisticsKey(seed(2), instance), kem: lawyer.kem.publicKey })],
        ['of another length', encodeStatisticsKey(signStatisticsKey(seed(2), instance)).slice(1)],
        ['that is not there yet', null],
    ])('nothing is sealed to a key %s, and it waits for a true one', async (_which, key) => {
        const { batches, contributing, opened, server } = await world({ key })
        contributing.weigh(ANSWERED, said(1))
        await contributing.bring()
        expect(batches).toEqual([])
        server.key = encodeStatisticsKey(signStatisticsKey(seed(2), instance))
        await contributing.bring()
        expect([batches.length, server.asked]).toEqual([0, 1])
        server.nowS += 3_600
        await contributing.bring()
        expect(await opened()).toHaveLength(1)
    })

    test('the order of a batch is not the order of reading', async () => {
        const { batches, contributing, opened } = await world()
        const topics = Array.from({ length: 30 }, (_, nth) => `topic-${nth}`)
        for (const [nth, topic] of topics.entries()) contributing.weigh(ANSWERED, said(nth, [], { ...REPORT, topic }))
        await contributing.bring()
        const told = (await opened()).map((counted) => ('topic' in counted ? counted.topic : ''))
        expect(batches.flatMap(({ contributions }) => contributions)).toHaveLength(30)
        expect(told.toSorted()).toEqual(topics.toSorted())
        expect(told.slice(-25)).not.toEqual(topics.slice(-25))
    })

    test('after signing out nothing is brought', async () => {
        const { batches, contributing } = await world()
        contributing.weigh(ANSWERED, said(1))
        contributing.end()
        await contributing.bring()
        expect(batches).toEqual([])
    })

    test('the key that is stated is the directory key\'s own', () => {
        expect(decodeStatisticsKey(encodeStatisticsKey(signStatisticsKey(seed(2), instance))).signer).toEqual(directoryKey.publicKey)
    })
})
