/** What a person does with the notes and consultations beside a case; what goes wrong is told where it was written. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Place } from './places'
import type { AsideKey, Rooms } from './rooms'
import type { ConsoleEvent, ConsoleState } from './state'

export interface AroundAsides {
    readonly rooms: Rooms
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    /** The stable code of a failure; `not-signed-in` is acted upon there. */
    readonly failed: (error: unknown) => ErrorCode
}

export class Asides {
    readonly #around: AroundAsides
    #turn: Promise<void> = Promise.resolve()

    constructor(around: AroundAsides) {
        this.#around = around
    }

    note(place: Place): void {
        const rooms = this.#around.state().beside.rooms.get(place.case) ?? []
        this.#send(`${place.case}/notes`, (text) => this.#around.rooms.note(place, text, rooms), place.case)
    }

    ask(place: Place, queues: readonly number[]): void {
        this.#send(`${place.case}/ask`, (text) => this.#around.rooms.ask(place, queues, text), place.case)
    }

    reply(room: string, caseId: string): void {
        this.#send(`room/${room}`, (text) => this.#around.rooms.reply(room, text), caseId)
    }

    end(room: string, caseId: string): void {
        const key: AsideKey = `room/${room}`
        this.#inTurn(key, async () => {
            await this.#around.rooms.end(room)
            await this.#readAgain(caseId)
            this.#around.tell({ type: 'aside-sent', key })
        })
    }

    /** What is new beside a case, or where our queues are asked. */
    read(caseId: string | null): void {
        const { rooms, state, failed } = this.#around
        this.#turn = this.#turn
            .then(() => (caseId === null ? rooms.readAdvice(state().me?.queues ?? []) : this.#readAgain(caseId)))
            // Read again when anything is heard, or when it is opened again.
            .catch((error: unknown) => void failed(error))
    }

    #send(key: AsideKey, send: (text: string) => Promise<void>, caseId: string): void {
        const { state, tell } = this.#around
        const text = (state().beside.words.get(key) ?? '').trim()
        if (text === '') return tell({ type: 'aside-failed', key, code: 'message-empty' })
        this.#inTurn(key, async () => {
            await send(text)
            tell({ type: 'aside-sent', key })
            await this.#readAgain(caseId)
        })
    }

    async #readAgain(caseId: string): Promise<void> {
        const { rooms, state } = this.#around
        const isHeld = [...state().queues.places.values()].some((place) => place.case === caseId && place.holder === state().me?.expert)
        if (isHeld) await rooms.readBeside(caseId)
        await rooms.readAdvice(state().me?.queues ?? [])
    }

    #inTurn(key: AsideKey, work: () => Promise<void>): void {
        const { state, tell, failed } = this.#around
        if (state().beside.busy.has(key)) return
        tell({ type: 'aside-busy', key })
        this.#turn = this.#turn.then(work).catch((error: unknown) => tell({ type: 'aside-failed', key, code: failed(error) }))
    }
}
