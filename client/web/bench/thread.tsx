/** A conversation of 500 sealed messages, opened with the client's own session and drawn by its own view. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '@lyhty/crypto/bytes'
import { encodeTrustBundle } from '@lyhty/crypto/documents'
import { b64encode } from '@lyhty/crypto/encoding'
import { draw } from '@lyhty/crypto/randomness'
import { Search } from '@lyhty/crypto/work'
import { render } from 'preact'
import { instance, NOW } from '../../../crypto/ts/tests/trusted.ts'
import { loadOtherWords } from '../src/i18n/text.ts'
import type { Toiler } from '../src/net/workers.ts'
import { provideCases } from '../src/session/case-parts.ts'
import { CASE_PARTS } from '../src/session/cases.ts'
import { Reporter } from '../src/session/reporter.ts'
import type { CaseView } from '../src/session/types.ts'
import '../src/style/tokens.css'
import '../src/style/base.css'
import '../src/style/messages.css'
import '../src/style/site.css'
import { InLanguage } from '../src/ui/parts/words.tsx'
import { Case } from '../src/ui/steps/Case.tsx'
import { Server } from '../tests/session/server.ts'

/** Far less than a slot. */
const BETWEEN_RECORDS_MS = 40
const PHRASE = [1, 2, 3, 4, 5, 6, 7, 8]
const TEXT = 'Olen lukenut viestisi. Jutellaan tästä rauhassa, sinulla ei ole kiirettä. '

const toiler: Toiler = {
    derive: async ({ password, salt }) => sha256(concat(password, salt)),
    search: (purpose, terms, news) => {
        const search = new Search(purpose, terms)
        let work = null
        while (work === null) work = search.run(1_000)
        const found = work
        queueMicrotask(() => news.onWork(found, terms))
    },
    terms: () => undefined,
    stopSearch: () => undefined,
}

async function visit(server: Server): Promise<Reporter> {
    const anchor = new TextEncoder().encode(JSON.stringify({ instance: b64encode(instance) }))
    const session = new Reporter({
        problem: () => null,
        fragment: '',
        get: async (path) => ({ status: 200, body: path === '/anchor.json' ? anchor : encodeTrustBundle(server.trust()) }),
        // As on a line: between two records the page has time to draw.
        openChannel: (listener) => server.attach((news) => void setTimeout(() => listener(news), BETWEEN_RECORDS_MS)),
        startToiler: () => toiler,
        nowMs: () => NOW * 1_000,
        after: (delayMs, task) => {
            const timer = setTimeout(task, delayMs)
            return () => clearTimeout(timer)
        },
        randomness: draw,
    })
    await session.start()
    server.connect()
    return session
}

const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))

provideCases(CASE_PARTS)
const server = new Server()

export const thread = {
    /** A report and answers, alternating, until there are `count` envelopes. */
    async fill(count: number): Promise<void> {
        const session = await visit(server)
        await loadOtherWords()
        await session.sendReport({
            text: TEXT, topic: 'bullying', services: [], role: 'pupil', age: '10-12', device: 'own', school: null, inDanger: 'no',
            help: 'lawyer', language: 'fi-simple',
        }, PHRASE, () => undefined)
        for (let nth = 1; nth < count; nth += 2) {
            await server.expertWrites({ type: 'chat', at: NOW + nth * 600, text: `${nth}. ${TEXT}` })
            await session.sendChat(`${nth + 1}. ${TEXT}`)
        }
        session.forget()
    },

    /** From the phrase's key to the newest messages on the screen, and to all of them; then key presses. In ms. */
    async open(count: number): Promise<{ openMs: number; allMs: number; keyPressMs: number[] }> {
        const session = await visit(server)
        const root = document.body.appendChild(document.createElement('main'))
        const rows = (): number => root.querySelectorAll('[data-message]').length
        let view: CaseView | null = null
        session.onCase((news) => { view = news })
        const start = performance.now()
        await session.resume(PHRASE, () => undefined)
        render(
            <InLanguage language="fi-simple">
                <Case session={session} connection="open" device={null} dispatch={() => undefined} go={() => undefined} />
            </InLanguage>, root,
        )
        while (rows() === 0) await painted()
        await painted()
        const openMs = performance.now() - start
        while ((view as CaseView | null)?.older !== null || rows() < count) await painted()
        const allMs = performance.now() - start
        const field = root.querySelector<HTMLTextAreaElement>('[data-field="message"]') as HTMLTextAreaElement
        const keyPressMs: number[] = []
        for (let nth = 0; nth < 30; nth++) {
            const pressed = performance.now()
            field.value += 'a'
            field.dispatchEvent(new InputEvent('input', { bubbles: true }))
            await painted()
            keyPressMs.push(performance.now() - pressed)
        }
        render(null, root)
        root.remove()
        session.forget()
        return { openMs, allMs, keyPressMs }
    },
}
