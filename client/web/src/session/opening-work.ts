/**
 * The work that opening a case costs: searched for while the person still reads, and again when the server asks for
 * more. Nobody but this page and its worker sees when. SPEC 6.7
 */
import { equal } from '@lyhty/crypto/bytes'
import { dearer, type Purpose, type Terms, type Work } from '@lyhty/crypto/work'
import type { Toiler } from '../net/workers.ts'
import { SessionFailure } from './failure.ts'

interface Waiting {
    readonly onFound: (found: number) => void
    readonly resolve: (work: Work) => void
    readonly reject: (reason: SessionFailure) => void
}

/** Whether work done for some terms is worth less than what is asked for now. */
const isLess = (done: Terms, asked: Terms): boolean =>
    done.effort < asked.effort || !equal(done.challenge, asked.challenge)

export class OpeningWork {
    readonly #toiler: Toiler
    #terms: Terms | null = null
    #purpose: Purpose | null = null
    #isSearching = false
    #wasRefused = false
    #done: { readonly by: Terms; readonly work: Work } | null = null
    #waiting: readonly Waiting[] = []

    constructor(toiler: Toiler) {
        this.#toiler = toiler
    }

    /** What the server asks for from now on. */
    hear(terms: Terms): void {
        this.#terms = terms
        if (this.#isSearching) this.#toiler.terms(this.#wanted(terms))
        else this.#search()
    }

    /** Begins beforehand. Another case takes the place of the one before. */
    begin(purpose: Purpose): void {
        if (this.#purpose !== null && equal(this.#purpose.caseId, purpose.caseId)) return
        this.drop()
        this.#purpose = purpose
        this.#search()
    }

    /** Enough by the newest terms. `onFound` hears how many of 16 parts there are. */
    async of(purpose: Purpose, onFound: (found: number) => void): Promise<Work> {
        this.begin(purpose)
        if (this.#done !== null) return this.#done.work
        return new Promise((resolve, reject) => {
            this.#waiting = [...this.#waiting, { onFound, resolve, reject }]
        })
    }

    /** The server wants more than it had asked for; its newest terms are here already, or on their way. */
    refused(work: Work): void {
        this.#wasRefused = true
        if (this.#done?.work === work) this.#done = null
        else if (this.#terms !== null) this.hear(this.#terms)
    }

    drop(): void {
        if (this.#isSearching) this.#toiler.stopSearch()
        this.#isSearching = this.#wasRefused = false
        this.#purpose = this.#done = null
        for (const { reject } of this.#stopWaiting()) reject(new SessionFailure('not-resumed'))
    }

    #stopWaiting(): readonly Waiting[] {
        const waiting = this.#waiting
        this.#waiting = []
        return waiting
    }

    /** A price that once rose meanwhile may rise on. */
    #wanted(asked: Terms): Terms {
        return this.#wasRefused ? dearer(asked) : asked
    }

    #search(): void {
        if (this.#purpose === null || this.#terms === null) return
        const wanted = this.#wanted(this.#terms)
        if (this.#done !== null && !isLess(this.#done.by, wanted)) return
        this.#isSearching = true
        this.#done = null
        this.#toiler.search(this.#purpose, wanted, {
            onFound: (found) => {
                for (const { onFound } of this.#waiting) onFound(found)
            },
            onWork: (work, by) => this.#found(work, by),
        })
    }

    #found(work: Work, by: Terms): void {
        this.#isSearching = false
        this.#done = { by, work }
        // The terms may have changed while this word was on its way.
        this.#search()
        if (this.#isSearching) return
        for (const { resolve } of this.#stopWaiting()) resolve(work)
    }
}
