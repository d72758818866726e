/** Unsent words on the device: only their writer can open them, and they go when they should. SPEC 2.3 */
import { asExpertId, asInstanceId } from '@lyhty/crypto/ids.ts'
import { describe, expect, test } from 'vitest'
import { DraftKeeper, DRAFTS, DUTIES } from '../../src/console/draft-keeper.ts'
import { NO_DRAFT, type ReplyDraft } from '../../src/console/state.ts'

const NOW = 1_800_000_000
const instance = asInstanceId(new Uint8Array(32).fill(1))
const bytes = (length: number, of: number): Uint8Array => new Uint8Array(length).fill(of)
const owner = (of: number) => ({ instance, expert: asExpertId(bytes(16, of)), key: bytes(32, of) })
const draft: ReplyDraft = { ...NO_DRAFT, chat: 'äläkä pelkää', parts: { legal: 'Tämä on rikos \u0000.' }, ticks: 'Kerro' }

const draftsOf = (device: Storage | null, of: number) => new DraftKeeper<ReplyDraft>(device, owner(of), DRAFTS)
const dutiesOf = (device: Storage) => new DraftKeeper<Record<string, string>>(device, owner(5), DUTIES)

/** What a browser's storage does, in memory. */
function storage(): Storage {
    const items: Record<string, string> = {}
    const methods = {
        getItem: (name: string) => items[name] ?? null,
        setItem: (name: string, value: string) => { items[name] = value },
        removeItem: (name: string) => { delete items[name] },
    }
    Object.entries(methods).forEach(([name, value]) => Object.defineProperty(items, name, { value, enumerable: false }))
    return items as unknown as Storage
}
const stored = (device: Storage): [string, string][] => Object.entries(device) as [string, string][]

async function written(device: Storage): Promise<DraftKeeper<ReplyDraft>> {
    const keeper = draftsOf(device, 5)
    await keeper.keep('case/1', draft, NOW)
    return keeper
}

describe('a kept draft', () => {
    test('comes back to its writer after a reload', async () => {
        const device = storage()
        await written(device)
        expect([...await draftsOf(device, 5).restore(NOW)]).toEqual([['case/1', draft]])
    })

    test('lies on the device without a word, a case or its length', async () => {
        const device = storage()
        await written(device)
        const [[name = '', value = ''] = []] = stored(device)
        // Whole words of the draft: three letters alone stand in random bytes now and then.
        for (const word of ['case/1', ...JSON.stringify(draft).match(/\p{L}{5,}/gu) ?? []]) expect(`${name}${value}`).not.toContain(word)
        await (await written(device)).keep('case/1', { ...draft, chat: 'pidempi '.repeat(50) }, NOW)
        expect(new Set(stored(device).map(([, sealed]) => sealed.length)).size).toBe(1)
    })

    test('is not opened by a colleague on the same device, and stays', async () => {
        const device = storage()
        await written(device)
        expect((await draftsOf(device, 6).restore(NOW)).size).toBe(0)
        expect(stored(device)).toHaveLength(1)
    })

    test('that was changed on the device does not come back', async () => {
        const device = storage()
        await written(device)
        for (const [name, value] of stored(device)) device.setItem(name, `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`)
        expect((await draftsOf(device, 5).restore(NOW)).size).toBe(0)
    })

    test('is one text per case, the newest', async () => {
        const device = storage()
        const keeper = await written(device)
        await Promise.all(['yksi', 'kaksi', 'kolme'].map((chat) => keeper.keep('case/1', { ...NO_DRAFT, chat }, NOW)))
        expect(stored(device)).toHaveLength(1)
        expect((await draftsOf(device, 5).restore(NOW)).get('case/1')?.chat).toBe('kolme')
    })

    test('of two pages on one case is the newer one, and the older goes', async () => {
        const device = storage()
        await written(device)
        await draftsOf(device, 5).keep('case/1', { ...NO_DRAFT, chat: 'uudempi' }, NOW + 1)
        expect((await draftsOf(device, 5).restore(NOW)).get('case/1')?.chat).toBe('uudempi')
        expect(stored(device)).toHaveLength(1)
    })

    test('is gone when it is forgotten, alone or with all others', async () => {
        const device = storage()
        const keeper = await written(device)
        await keeper.keep('other/2', draft, NOW)
        await keeper.forget('case/1')
        expect(stored(device)).toHaveLength(1)
        await keeper.forgetAll()
        expect(stored(device)).toHaveLength(0)
    })

    test('is gone when nobody came back to it for the length of a lease', async () => {
        const device = storage()
        await written(device)
        expect((await draftsOf(device, 5).restore(NOW + 72 * 3_600 + 1)).size).toBe(0)
        expect(stored(device)).toHaveLength(0)
    })

    test('is promised only when the device took it', async () => {
        const full = { setItem: () => { throw new DOMException('full', 'QuotaExceededError') } } as unknown as Storage
        expect(await draftsOf(full, 5).keep('case/1', draft, NOW)).toBe(false)
        expect(await draftsOf(null, 5).keep('case/1', draft, NOW)).toBe(false)
    })
})

describe('the kept answers to the duties', () => {
    test('come back, and are no draft', async () => {
        const device = storage()
        await dutiesOf(device).keep('case/1', { 'police.told': 'yes' }, NOW)
        expect([...await dutiesOf(device).restore(NOW)]).toEqual([['case/1', { 'police.told': 'yes' }]])
        expect((await draftsOf(device, 5).restore(NOW)).size).toBe(0)
    })

    test('are not taken for a draft by whoever moves them to a draft’s name on the device', async () => {
        const device = storage()
        await dutiesOf(device).keep('case/1', { 'police.told': 'yes' }, NOW)
        const [[, sealed = ''] = []] = stored(device)
        device.setItem('lyhty-draft-moved', sealed)
        expect((await draftsOf(device, 5).restore(NOW)).size).toBe(0)
    })

    test('outlive a lease, and go when nobody came back for two months', async () => {
        const device = storage()
        await dutiesOf(device).keep('case/1', { 'police.told': 'yes' }, NOW)
        expect((await dutiesOf(device).restore(NOW + 72 * 3_600 + 1)).size).toBe(1)
        expect((await dutiesOf(device).restore(NOW + 60 * 86_400 + 1)).size).toBe(0)
    })
})
