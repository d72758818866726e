/** What a person does with the notes and consultations beside a case; what goes wrong is told where it was written. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64decode } from '@lyhty/crypto/encoding'
import type { DutyAnswer } from './answering/duties'
import { owesWitness } from './answering/second-pair'
import type { Place } from './places'
import type { AsideKey, Rooms } from './rooms'
import type { ConsoleEvent, ConsoleState } from './state'

export interface AroundAsides {
    readonly rooms: Rooms
    readonly state: () => ConsoleState
    readonly tell: (event: ConsoleEvent) => void
    /** Whose experts a case that we hold is for. */
    readonly queuesOf: (caseId: string) => readonly number[]
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

    /** An answer to a step of a duty: kept here at once, and stored for all holders of the case. SPEC 3.7 */
    duty(place: Place, id: string, answer: DutyAnswer | null): void {
        const { tell, failed } = this.#around
        tell({ type: 'duty', key: place.key, id, answer })
        const key: AsideKey = `${place.case}/duties`
        this.#turn = this.#turn.then(() => this.#readAgain(place.case)).then(() => tell({ type: 'aside-sent', key })).catch((error: unknown) => tell({ type: 'aside-failed', key, code: failed(error) }))
    }

    /** For a second pair of eyes: of everybody the case is for. */
    askToSee(place: Place, duty: string): void {
        const { rooms, queuesOf } = this.#around
        this.#send(`${place.case}/notice/${duty}`, (text) => rooms.askToSee(place, queuesOf(place.case), duty, text), place.case)
    }

    agree(room: string, caseId: string, notice: string): void {
        const key: AsideKey = `${room}/notice/no`
        this.#inTurn(key, async () => {
            await this.#around.rooms.answerNotice(room, b64decode(notice), null)
            this.#around.tell({ type: 'aside-sent', key })
            await this.#readAgain(caseId)
        })
    }

    disagree(room: string, caseId: string, notice: string): void {
        this.#send(`${room}/notice/no`, (text) => this.#around.rooms.answerNotice(room, b64decode(notice), text), caseId)
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

    /** What takes a case away waits for what is being read or stored beside it: afterwards it could not be any more. */
    afterwards(work: () => Promise<void>): Promise<void> {
        const done = this.#turn.then(work)
        this.#turn = done.catch(() => undefined)
        return done
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
        const held = [...state().queues.places.values()].find((place) => place.case === caseId && place.holder === state().me?.expert)
        if (held !== undefined) {
            await rooms.readBeside(caseId)
            await this.#storeDuties(held)
            for (const room of state().beside.rooms.get(caseId) ?? []) if (owesWitness(room)) await rooms.witness(room.id)
        }
        await rooms.readAdvice(state().me?.queues ?? [])
    }

    /** What was answered here and nobody else sees yet. */
    async #storeDuties({ key, case: caseId, ...rest }: Place): Promise<void> {
        const { rooms, state, queuesOf } = this.#around
        const queues = queuesOf(caseId)
        const said = Object.entries(state().duties.get(key) ?? {})
        if (queues.length === 0 || said.length === 0) return
        for (const [id, answer] of said) {
            const [duty = '', step = ''] = id.split('.')
            await rooms.answerDuty({ key, case: caseId, ...rest }, queues, { duty, step, answer }, state().beside.rooms.get(caseId) ?? [])
            await rooms.readBeside(caseId)
        }
    }

    #inTurn(key: AsideKey, work: () => Promise<void>): void {
        const { state, tell, failed } = this.#around
        if (state().beside.busy.has(key)) return
        tell({ type: 'aside-busy', key })
        this.#turn = this.#turn.then(work).catch((error: unknown) => tell({ type: 'aside-failed', key, code: failed(error) }))
    }
}
