/** The made-up case of a lesson: it goes like a real one, and has no way out of the page. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../src/session/rehearsal.ts'
import type { CaseView, Draft, ShownAnswer } from '../../src/session/types.ts'

const PHRASE = [1, 2, 3, 4, 5, 6, 7, 8]
const DRAFT: Draft = {
    text: 'Joku teki minusta pilakuvan.', topic: null, services: [], role: 'pupil', age: null, device: 'school', inDanger: 'no', help: null, school: null,
    language: 'fi-simple',
}
const ANSWER: ShownAnswer = { type: 'answer', plain: [], ticks: [], parts: [{ part: 'now', text: 'Kerro aikuiselle.' }], assessment: [] }
const MADE_UP = { expertName: '(harjoitus)', reply: 'Hyvä kysymys.' }
const nothing = (): void => undefined

/** Its timers end at once, or when they are told to. */
function rehearsal({ atOnce = true } = {}) {
    const views: CaseView[] = []
    const waiting = new Set<() => void>()
    const session = new Rehearsal({
        hours: () => null,
        nowMs: () => 1_800_000_000_000,
        after: (_delayMs, task) => {
            if (atOnce) queueMicrotask(task)
            else waiting.add(task)
            return () => void waiting.delete(task)
        },
        drawPhrase: () => PHRASE,
    })
    session.onCase((view) => views.push(view))
    return { session, waiting, view: () => views.at(-1) as CaseView, told: () => views.length }
}

async function sent() {
    const here = rehearsal()
    await here.session.sendReport(DRAFT, PHRASE, nothing)
    return here
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('a rehearsal', () => {
    test('shows what was told, waiting', async () => {
        const { view } = await sent()
        expect(view()).toMatchObject({ state: 'waiting', messages: [{ author: 'reporter', state: 'sent', content: { text: DRAFT.text } }] })
    })

    test('is answered by somebody who is marked as made up, and asks whether it helped', async () => {
        const { session, view } = await sent()
        session.answer(ANSWER, MADE_UP)
        expect(view()).toMatchObject({ state: 'held', messages: [{ state: 'read' }, { author: 'expert', expertName: '(harjoitus)', content: ANSWER }] })
        session.sayHelped('somewhat')
        expect(view().helped).toMatchObject({ answerId: view().messages[1]?.key, answer: 'somewhat', state: 'sent' })
    })

    test('what is written back is answered too', async () => {
        const { session, view } = await sent()
        session.answer(ANSWER, MADE_UP)
        await session.sendChat('Kenelle kerron?')
        await settled()
        expect(view().messages.map(({ content }) => ('text' in content ? content.text : content.type))).toEqual([DRAFT.text, 'answer', 'Kenelle kerron?', 'Hyvä kysymys.'])
        expect(session.isFollowedUp).toBe(true)
    })

    test('its pictures lead back, and others do not', async () => {
        const { session } = await sent()
        await expect(session.resume(PHRASE, nothing)).resolves.toBeUndefined()
        await expect(session.resume(PHRASE.toReversed(), nothing)).rejects.toMatchObject({ code: 'mailbox-unknown' })
    })

    test('erased, nothing leads back', async () => {
        const { session } = await sent()
        await session.erase()
        expect([session.phrase, session.isAnswered]).toEqual([null, false])
        await expect(session.resume(PHRASE, nothing)).rejects.toMatchObject({ code: 'mailbox-unknown' })
    })

    test('ended in the middle of something, it says nothing any more', async () => {
        const { session, told, waiting } = rehearsal({ atOnce: false })
        void session.sendReport(DRAFT, PHRASE, nothing)
        expect(waiting.size).toBe(1)
        session.forget()
        expect([waiting.size, told()]).toEqual([0, 0])
    })

    test('gives away no copy', async () => {
        const { session } = await sent()
        await expect(session.copying()).rejects.toMatchObject({ code: 'not-resumed' })
    })

    /** Types alone leave no trace in the program. */
    function programOf(file: URL, seen = new Set<string>()): Set<string> {
        if (seen.has(file.pathname)) return seen
        seen.add(file.pathname)
        const text = readFileSync(file, 'utf8')
        for (const [, name = ''] of text.matchAll(/^import (?!type)[^;]*? from '([^']+)'/gms)) {
            const path = name.startsWith('@lyhty/crypto/') ? new URL(`../../../../crypto/ts/${name.slice(14)}`, import.meta.url) : new URL(name, file)
            programOf(path.pathname.endsWith('.ts') ? path : new URL(`${path.href}.ts`), seen)
        }
        return seen
    }

    test('its program knows no channel, no key and no storage', () => {
        const files = [...programOf(new URL('../../src/session/rehearsal.ts', import.meta.url))].map((path) => path.split('/').at(-1))
        expect(files).toEqual(['rehearsal.ts', 'bytes.ts', 'errors.ts', 'texts.ts', 'failure.ts'])
        const text = readFileSync(new URL('../../src/session/rehearsal.ts', import.meta.url), 'utf8')
        expect(text).not.toMatch(/fetch|WebSocket|Worker|Storage|indexedDB|caches|document|location|navigator/)
    })
})
