/** A team's shelf as its members' consoles keep it: across new keys, against colleagues' haste and a server's lies. SPEC 3.6 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { draw } from '@lyhty/crypto/randomness.ts'
import { describe, expect, test } from 'vitest'
import { newcomer, NOW } from '../../../../crypto/ts/tests/trusted.ts'
import { contentOfTemplate, keptDraft, lacks, offered, type ShelfView } from '../../src/console/shelf.ts'
import { after, draft, Member, QUEUE, together, two } from './shelf-server.ts'

describe('a shelf', () => {
    test('shows every member what one of them wrote, with who wrote it', async () => {
        const { one, other } = await two()
        await one.shelves.save(draft('Uhkaus'))
        await other.shelves.read()
        expect(other.view.templates).toMatchObject([{ title: 'Uhkaus', writer: 'the lawyer', at: NOW, version: 1, parts: { now: 'Ota kuvakaappaus.' } }])
        expect(other.view.alarms).toEqual([])
    })

    test('takes the next version from a colleague, and keeps a removed one for whoever puts it back', async () => {
        const { one, other } = await two()
        await one.shelves.save(draft('Uhkaus'))
        await other.shelves.read()
        await other.shelves.save({ ...other.named('Uhkaus'), title: 'Uhkailu' })
        await one.shelves.read()
        await one.shelves.save({ ...one.named('Uhkailu'), removed: true })
        expect(one.titles).toEqual([])
        await one.shelves.save({ ...one.named('Uhkailu'), removed: false })
        await other.shelves.read()
        expect(other.view.templates).toMatchObject([{ title: 'Uhkailu', version: 4, removed: false, writer: 'the lawyer' }])
    })

    test('refuses a change of what somebody has changed meanwhile, and shows theirs', async () => {
        const { one, other } = await two()
        await one.shelves.save(draft('Uhkaus'))
        await other.shelves.read()
        await one.shelves.save({ ...one.named('Uhkaus'), parts: { now: 'Uusi' } })
        await expect(other.shelves.save({ ...other.named('Uhkaus'), parts: { now: 'Toinen' } })).rejects.toMatchObject({ code: 'shelf-changed' })
        expect(other.view.templates[0]?.parts).toEqual({ now: 'Uusi' })
    })

    test('takes two different templates written at the same moment', async () => {
        const { one, other } = await two()
        await one.shelves.save(draft('A'))
        await Promise.all([one.shelves.save(draft('B')), other.shelves.save(draft('C'))])
        await one.shelves.read()
        expect(one.titles).toEqual(['A', 'B', 'C'])
        expect(one.view.alarms).toEqual([])
    })

    test('stores what is saved again after a lost answer once', async () => {
        const { server, one } = await two()
        await one.shelves.save(draft('A'))
        const written = draft('B')
        server.losesAnswer = true
        await expect(one.shelves.save(written)).rejects.toMatchObject({ code: 'connection-lost' })
        await one.shelves.save(written)
        expect(one.view.templates.map(({ title, version }) => [title, version])).toEqual([['A', 1], ['B', 1]])
    })

    test('takes no template longer than an envelope of 16 KiB', async () => {
        const { one } = await two()
        await expect(one.shelves.save({ ...draft('Long'), parts: { now: 'ä'.repeat(9_000) } })).rejects.toMatchObject({ code: 'too-large' })
    })
})

describe('when the queue has a newer key', () => {
    test('whoever still has the older one seals the shelf for the newer, once, and nothing is lost', async () => {
        const { server, one, other } = await two()
        await other.shelves.save(draft('Uhkaus'))
        await Promise.all([one.renews(together, [1, 2]), other.renews(together, [1, 2])])
        await Promise.all([one.shelves.read(), other.shelves.read()])
        expect(server.rooms.map(({ wrap }) => wrap !== null)).toEqual([false, true])
        for (const { titles, view } of [one, other]) expect([titles, view.alarms, view.templates[0]?.writer]).toEqual([['Uhkaus'], [], 'the new lawyer'])
    })

    test('somebody who joins with the newer key alone reads everything', async () => {
        const { server, one } = await two()
        await one.shelves.save(draft('Uhkaus'))
        await one.renews(together, [1, 2])
        const late = await Member.of(server, newcomer, together, [2])
        await late.shelves.read()
        expect([late.titles, late.view.alarms]).toEqual([['Uhkaus'], []])
    })

    test('who has left reads nothing that is written later', async () => {
        const { server, one, other } = await two()
        await one.shelves.save(draft('Ennen'))
        await other.shelves.read()
        await one.renews(after, [1, 2])
        await one.shelves.save(draft('Jälkeen'))
        await other.shelves.read()
        expect(other.view).toMatchObject({ templates: [], unreadable: 'wrap-tampered' })
        const { rooms } = server
        expect(rooms.length).toBe(2)
    })

    test('without the older key the shelf is unreadable, which is said, and somebody may begin another', async () => {
        const { server, one } = await two()
        await one.shelves.save(draft('Uhkaus'))
        const late = await Member.of(server, newcomer, together, [2])
        await late.shelves.read()
        expect(late.view.unreadable).toBe('wrap-tampered')
        await expect(late.shelves.save(draft('Toinen'))).rejects.toMatchObject({ code: 'wrap-tampered' })
        await late.shelves.goOn(QUEUE)
        await late.shelves.save(draft('Toinen'))
        expect([late.titles, late.view.unreadable, late.view.alarms]).toEqual([['Toinen'], null, []])
    })
})

describe('a server that', () => {
    test('puts the shelf back is told, and what was read stays', async () => {
        const { server, one, other } = await two()
        await one.shelves.save(draft('A'))
        await one.shelves.save(draft('B'))
        await other.shelves.read()
        server.shown = (shelf) => ({ ...shelf, last_seq: 2 })
        await other.shelves.read()
        expect([other.titles, other.view.alarms]).toEqual([['A', 'B'], ['history-gap']])
    })

    test('shows another key in an older one\'s place is told', async () => {
        const { server, one, other } = await two()
        await one.shelves.save(draft('A'))
        await other.shelves.read()
        server.shown = (shelf) => ({ ...shelf, rooms: shelf.rooms.map((room) => ({ ...room, room: b64encode(draw(32)) })) })
        await other.shelves.read()
        expect([other.titles, other.view.alarms]).toEqual([['A'], ['history-gap']])
    })

    test.each([
        ['changes a writing', (all: string[]) => all.with(1, b64encode(b64decode(all[1] ?? '').map((byte, nth) => (nth === 200 ? byte ^ 1 : byte)))), 'envelope-tampered'],
        ['repeats a writing', (all: string[]) => [...all, all[1] ?? ''], 'history-gap'],
        ['leaves one out', (all: string[]) => all.toSpliced(1, 1), 'history-gap'],
    ])('%s is told, and nothing is sealed for a newer key before somebody has said so', async (_, lie, code) => {
        const { server, one, other } = await two()
        await one.shelves.save(draft('A'))
        await one.shelves.save(draft('B'))
        server.envelopes = lie(server.envelopes)
        await other.renews(together, [1, 2])
        expect(other.view.alarms).toContain(code)
        expect(server.rooms.length).toBe(1)
        await other.shelves.goOn(QUEUE)
        expect(server.rooms.length).toBe(2)
        expect(other.view.alarms).toEqual([])
    })
})

describe('a template that is being written', () => {
    test('wants a name and a part', () => {
        expect(lacks(draft(' '))).toBe('title')
        expect(lacks(draft('Nimi', '  '))).toBe('parts')
        expect(lacks(draft('Nimi'))).toBeNull()
    })

    test('outlives being put away', () => {
        const written = draft('Nimi')
        expect(keptDraft(JSON.stringify(written))).toEqual(written)
        expect(keptDraft('')).toBeNull()
    })

    test('keeps its parts in their order and leaves empty ones out', () => {
        const written = { ...draft('Nimi'), plain: 'Yksi\n\nKaksi', parts: { tell: 'Kerro.', now: 'Nyt.', legal: ' ' } }
        expect(contentOfTemplate(written, draw(16), NOW)).toMatchObject({ version: 1, plain: ['Yksi', 'Kaksi'], parts: [{ part: 'now', text: 'Nyt.' }, { part: 'tell', text: 'Kerro.' }] })
    })

    test('is offered to readers of its language alone, and of both kinds of Finnish', () => {
        const of = (language: 'fi' | 'fi-simple' | 'sv', title: string, removed = false) => ({ ...draft(title), language, removed, writer: 'x', at: 1 })
        const view: ShelfView = { templates: [of('fi', 'F'), of('fi-simple', 'S'), of('sv', 'R'), of('fi', 'Gone', true)], alarms: [], unreadable: null }
        expect(offered(view, 'fi-simple').map(({ title }) => title)).toEqual(['S', 'F'])
        expect(offered(view, 'sv').map(({ title }) => title)).toEqual(['R'])
        expect(offered(view, 'en')).toEqual([])
    })
})
