/** The duties of an expert: which are shown, what is open, and how long the answers stay. */
import { describe, expect, test } from 'vitest'
import { DUTIES, LAW } from '../../src/console/answering/books.ts'
import { dutiesIn, NO_ANSWERS, openDuties, openSteps, STEPS, toggled, unsettled, type Duty } from '../../src/console/answering/duties.ts'
import { KeptDrafts } from '../../src/console/kept-drafts.ts'
import type { Keyring } from '../../src/console/keyring.ts'
import { next } from '../../src/console/next.ts'
import { hasUnsent } from '../../src/console/questions.ts'
import { AT_START, NO_DRAFT, type ConsoleEvent, type ConsoleState, type ReplyDraft } from '../../src/console/state.ts'
import { asExpertId, asInstanceId } from '@lyhty/crypto/ids.ts'
import { DraftKeeper, DRAFTS } from '../../src/console/draft-keeper.ts'
import { place } from './places.ts'

const DESK = ['fi', 'sv', 'en']
const idsIn = (role: string | null, topic: string | null): string[] => dutiesIn(DUTIES, { role, topic }).map(({ id }) => id)
const dutyOf = (id: string): Duty => DUTIES.duties.find((duty) => duty.id === id) as Duty
const sources = new Set(LAW.provisions.map(({ source }) => source))

describe.each(DUTIES.duties.map((duty) => [duty.id, duty] as const))('the duty %s', (_, duty) => {
    test('has just its fields, in three languages, with a source that the law data has too', () => {
        expect(Object.keys(duty).sort()).toEqual(['id', 'last_checked', 'name', 'needs_check', 'professions', 'read_in', 'roles', 'source', 'steps', 'topics', 'when', 'who'])
        for (const words of [duty.name, duty.when, duty.who]) expect(Object.keys(words)).toEqual(DESK)
        expect(sources).toContain(duty.source)
        expect(duty.last_checked === null).toBe(duty.read_in === null)
    })

    test('begins with whether there is reason, and has its steps in their order', () => {
        expect(duty.steps[0]).toBe('concern')
        expect(duty.steps).toEqual(STEPS.filter((step) => duty.steps.includes(step)))
    })
})

describe('the duties of a case', () => {
    test('of a pupil are to child welfare, and to the police where the topic may be a crime against a child', () => {
        expect(idsIn('pupil', 'adult-contact')).toEqual(['danger-now', 'child-welfare', 'police'])
        expect(idsIn('pupil', 'scam')).toEqual(['danger-now', 'child-welfare'])
    })

    test('of school staff are to tell them what is theirs to do', () => {
        expect(idsIn('staff', 'bullying')).toEqual(['danger-now', 'staff-own-duty', 'school-tells-guardians', 'employer'])
    })

    test('whose role or topic nobody has told are all that may apply', () => {
        expect(idsIn(null, null)).toEqual(DUTIES.duties.map(({ id }) => id))
        expect(idsIn('pupil', null)).toContain('police')
    })
})

describe('a duty', () => {
    const police = dutyOf('police')

    test('is open until somebody says whether there is reason', () => expect(openSteps(police, NO_ANSWERS)).toEqual(['concern']))
    test('without reason is not open', () => expect(openSteps(police, { 'police.concern': 'no' })).toEqual([]))
    test('with reason has the other steps open, each until it is answered', () => {
        expect(openSteps(police, { 'police.concern': 'yes', 'police.told': 'no' })).toEqual(['consulted', 'identity', 'notified'])
    })

    test('is counted as open as a whole', () => {
        const answers = { 'danger-now.concern': 'no', 'police.concern': 'yes' } as const
        expect(openDuties(DUTIES, { role: 'pupil', topic: 'threats' }, answers).map(({ id }) => id)).toEqual(['child-welfare', 'police'])
    })

    test('is answered, answered otherwise, and not answered any more by the same answer', () => {
        expect([toggled(null, 'yes'), toggled('yes', 'no'), toggled('no', 'no')]).toEqual(['yes', 'no', null])
        expect(openSteps(police, { 'police.concern': null })).toEqual(['concern'])
    })

    test('whose steps are answered stays open while something is owed', () => {
        const answers = { 'danger-now.concern': 'no', 'child-welfare.concern': 'no', 'police.concern': 'no' } as const
        const open = (owes: boolean) => openDuties(DUTIES, { role: 'pupil', topic: 'threats' }, answers, ({ id }) => owes && id === 'police').map(({ id }) => id)
        expect([open(false), open(true)]).toEqual([[], ['police']])
    })

    test('is kept here until it is stored as it was said', () => {
        const stored = new Map([['a', 'yes' as const]])
        expect(unsettled({ a: 'yes', b: 'no', c: null }, (id) => stored.get(id) ?? null)).toEqual({ b: 'no' })
        expect(unsettled({ a: null }, (id) => stored.get(id) ?? null)).toEqual({ a: null })
    })
})

describe('the answers of a case', () => {
    const mine = place(1, { state: 'held', holder: 'me' })
    const me = { expert: 'me', name: 'Lawyer', queues: [1], coordinator: false }
    const duty: ConsoleEvent = { type: 'duty', key: mine.key, id: 'police.concern', answer: 'yes' }
    const after = (...events: readonly ConsoleEvent[]): ConsoleState =>
        events.reduce(next, next(AT_START, { type: 'signed-in', me }))
    const held = { type: 'queue-read', queue: 1, places: [mine], begun: 0, whole: true } as const

    test('are no unsent words', () => expect(hasUnsent(after(held, duty))).toBe(false))
    test('stay when an answer is sent', () => expect(after(held, duty, { type: 'sent', key: mine.key }).duties.get(mine.key)).toEqual({ 'police.concern': 'yes' }))
    test('go when the case is closed', () => expect(after(held, duty, { type: 'place', place: { ...mine, state: 'closed' }, by: 'closed' }).duties.size).toBe(0))
    test('go when the reporter erased it', () => expect(after(held, duty, { type: 'erased', case: mine.case }).duties.size).toBe(0))
    test('stay for the same expert when the sign-in ran out', () => {
        const expired = after(held, duty, { type: 'expired' })
        expect(next(expired, { type: 'signed-in', me }).duties.size).toBe(1)
        expect(next(expired, { type: 'signed-in', me: { ...me, expert: 'other' } }).duties.size).toBe(0)
    })
})

describe('on the device', () => {
    const keyring = { instance: asInstanceId(new Uint8Array(32).fill(1)), expert: asExpertId(new Uint8Array(16).fill(2)) } as Keyring
    const key = (): Uint8Array => new Uint8Array(32).fill(3)
    const storage = (): Storage => {
        const items: Record<string, string> = {}
        for (const [name, value] of Object.entries({
            getItem: (at: string) => items[at] ?? null,
            setItem: (at: string, to: string) => { items[at] = to },
            removeItem: (at: string) => { delete items[at] },
        })) Object.defineProperty(items, name, { value, enumerable: false })
        return items as unknown as Storage
    }
    const duties = new Map([['case/1', { 'police.concern': 'yes' }]] as const)
    const until = async (holds: () => boolean): Promise<void> => { while (!holds()) await new Promise((soon) => { setImmediate(soon) }) }

    test('the answers outlive signing out, and unsent words do not', async () => {
        const device = storage()
        const state: ConsoleState = { ...AT_START, duties, drafts: new Map([['case/1', { ...NO_DRAFT, chat: 'kesken' }]]) }
        const kept = new KeptDrafts(device, () => state, () => undefined, () => 1_800_000_000)
        await kept.begin(keyring, key())
        kept.now()
        await until(() => Object.keys(device).length === 2)
        kept.forgetAll()
        await until(() => Object.keys(device).length === 1)
        kept.end()
        const restored = await new KeptDrafts(device, () => AT_START, () => undefined, () => 1_800_000_000).begin(keyring, key())
        expect([restored.drafts.size, [...restored.duties]]).toEqual([0, [...duties]])
    })

    test('the answers go when they are all taken back', async () => {
        const device = storage()
        let state: ConsoleState = { ...AT_START, duties }
        const kept = new KeptDrafts(device, () => state, () => undefined, () => 1_800_000_000)
        await kept.begin(keyring, key())
        kept.now()
        await until(() => Object.keys(device).length === 1)
        state = { ...AT_START, duties: new Map([['case/1', {}]]) }
        kept.now()
        await until(() => Object.keys(device).length === 0)
        expect(Object.keys(device)).toEqual([])
    })

    test('a draft of an older release, which knew fewer fields, comes back with those empty', async () => {
        const device = storage()
        const old = { mode: 'answer', chat: '', parts: { now: 'x' } } as unknown as ReplyDraft
        await new DraftKeeper<ReplyDraft>(device, { ...keyring, key: key() }, DRAFTS).keep('case/1', old, 1_800_000_000)
        const { drafts } = await new KeptDrafts(device, () => AT_START, () => undefined, () => 1_800_000_000).begin(keyring, key())
        expect([...drafts]).toEqual([['case/1', { ...NO_DRAFT, parts: { now: 'x' } }]])
    })
})
