/** The slow steps of a report, with the client's own code: from the phrase to its key, and sealing. */
import { prepareCase } from '@lyhty/crypto/cases'
import { verifyTrust } from '@lyhty/crypto/directories'
import { b64decode } from '@lyhty/crypto/encoding'
import { asCaseId, asInstanceId } from '@lyhty/crypto/ids'
import { drawCaseSalt, phraseInput, reporterKeys } from '@lyhty/crypto/passphrase'
import { stretch } from '@lyhty/crypto/stretching'
import { Search } from '@lyhty/crypto/work'
import { startToiler } from '../src/net/workers.ts'
import { thread } from './thread.tsx'

interface Trust {
    readonly instance: string
    readonly roots: readonly string[]
    readonly directory: string
    readonly now: number
}
export interface Seen {
    readonly ms: number
    readonly longestGapMs: number
}

const TEXT = 'Joku on jakanut kuvani luokan ryhmässä, eikä se lopu. '.repeat(28)
const phrase = (): Uint8Array => crypto.getRandomValues(new Uint8Array(8))

/** Runs `work` and notes the longest time for which the page could do nothing else. */
async function watched(work: () => Promise<unknown>): Promise<Seen> {
    let longestGapMs = 0
    let last = performance.now()
    const { port1, port2 } = new MessageChannel()
    const look = (): void => {
        const now = performance.now()
        longestGapMs = Math.max(longestGapMs, now - last)
        last = now
        port2.postMessage(null)
    }
    port1.onmessage = look
    look()
    const start = performance.now()
    await work()
    const ms = performance.now() - start
    look()
    port1.close()
    return { ms, longestGapMs }
}

const derive = startToiler().derive

const bench = {
    /** As the client does it. */
    phraseInWorker: (instance: string): Promise<Seen> =>
        watched(() => derive(phraseInput(phrase(), asInstanceId(b64decode(instance))))),

    /** In the page itself: the throttling of a developer's tools slows nothing but a page's own thread. */
    async phraseInPage(instance: string): Promise<number> {
        const start = performance.now()
        await stretch(phraseInput(phrase(), asInstanceId(b64decode(instance))))
        return performance.now() - start
    },

    /** Milliseconds of a whole search for the usual effort, in the page itself. */
    searchInPage(effort: number): number {
        const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
        const purpose = { instance: asInstanceId(random(32)), caseId: asCaseId(random(32)) }
        const start = performance.now()
        new Search(purpose, { challenge: random(16), effort }).run(Infinity)
        return performance.now() - start
    },

    /** Keys from the root, wraps, card, report, roster: all between the last press of a button and the first frame. */
    async sealReport(trust: Trust): Promise<Seen> {
        const bundle = { roots: trust.roots.map((root) => b64decode(root)), directory: b64decode(trust.directory) }
        const { directory } = verifyTrust(bundle, asInstanceId(b64decode(trust.instance)), trust.now)
        const said = { at: trust.now, age: null, language: 'fi', role: 'pupil', services: ['whatsapp'], topic: 'bullying' }
        const root = crypto.getRandomValues(new Uint8Array(32))
        return watched(() =>
            prepareCase(reporterKeys(root, drawCaseSalt()), directory, {
                queues: [1],
                card: { ...said, firstWords: TEXT.slice(0, 200), urgent: false },
                report: { ...said, device: null, help: 'lawyer', text: TEXT },
            }),
        )
    },
}

Object.assign(globalThis, { bench, thread })
