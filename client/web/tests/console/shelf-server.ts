/** A team's shelf for the tests of the console: what a server keeps of it, and consoles of its members. SPEC 3.6, 9 */
import { verifyTrust, type Directory } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { decodeHeader } from '@lyhty/crypto/envelopes.ts'
import { asExpertId, roomId } from '@lyhty/crypto/ids.ts'
import { draw } from '@lyhty/crypto/randomness.ts'
import { SHELF } from '@lyhty/crypto/rooms.ts'
import { UntrustedRoster } from '@lyhty/crypto/rosters.ts'
import { shelfId } from '@lyhty/crypto/shelves.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { expect } from 'vitest'
import { bundle, instance, lawyer, newcomer, newerQueueKeys, NOW, psychologist, queueKeys } from '../../../../crypto/ts/tests/trusted.ts'
import type { NewShelfRoom, Shelf, ShelfRoom } from '../../src/console/api-types.ts'
import { DeskError, type Desk } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { draftOf, newTemplate, type ShelfView, type TemplateDraft } from '../../src/console/shelf.ts'
import { Shelves } from '../../src/console/shelves.ts'

export const QUEUE = 1
export const before = verifyTrust(bundle({ experts: [lawyer, psychologist, newcomer] }), instance, NOW).directory
/** The newcomer has left, and the queues have newer keys. */
export const after = verifyTrust(bundle({ version: 2, epochs: 2, experts: [lawyer, psychologist] }), instance, NOW).directory
/** The same keys, and nobody has left. */
export const together = verifyTrust(bundle({ version: 2, epochs: 2, experts: [lawyer, psychologist, newcomer] }), instance, NOW).directory

/** Keeps a shelf as the server does (SPEC 9), and lies when it is told to. */
export class ShelfServer {
    rooms: ShelfRoom[] = []
    envelopes: string[] = []
    /** What is answered in the truth's stead. */
    shown: (shelf: Shelf) => Shelf = (shelf) => shelf
    /** Says that it is stored, and stores nothing. */
    swallows = false
    /** Stored, and the answer lost. */
    losesAnswer = false

    for(keyring: Keyring): Desk {
        const at = (after: number): void => {
            if (after !== this.envelopes.length) throw new DeskError('shelf-changed')
        }
        const stored = (envelope: string): number => {
            if (this.swallows) return this.envelopes.length + 1
            this.envelopes.push(envelope)
            if (!this.losesAnswer) return this.envelopes.length
            this.losesAnswer = false
            throw new DeskError('connection-lost')
        }
        const calls: Pick<Desk, 'shelf' | 'shelfEnvelopes' | 'beginShelf' | 'putOnShelf'> = {
            shelf: (queue) => Promise.resolve(queue === QUEUE ? this.shown({ rooms: [...this.rooms], last_seq: this.envelopes.length }) : { rooms: [], last_seq: 0 }),
            shelfEnvelopes: (_, from) => Promise.resolve({ envelopes: this.envelopes.map((envelope, nth) => ({ seq: nth + 1, envelope })).slice(from), more: false }),
            beginShelf: async (queue, { after, roster, wrap, envelope }: NewShelfRoom) => {
                await Promise.resolve()
                at(after)
                const { claims } = new UntrustedRoster(b64decode(roster))
                const room = b64encode(roomId(shelfId(instance, queue), SHELF, claims.commitment))
                this.rooms = [...this.rooms.map((one) => ({ ...one, wrap: null })), { room, roster, wrap, first_seq: after + 1 }]
                return stored(envelope)
            },
            putOnShelf: async (_, after, envelope) => {
                await Promise.resolve()
                at(after)
                expect(decodeHeader(envelope).author).toEqual(keyring.sign.publicKey)
                return stored(b64encode(envelope))
            },
        }
        return calls as Desk
    }
}

export const seedOf = (who: typeof lawyer, epoch: 1 | 2): Promise<Uint8Array> =>
    wrapKey(instance, who.sign.publicKey, { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: QUEUE, epoch, generation: 0 }, who.kem.publicKey, (epoch === 1 ? queueKeys : newerQueueKeys)[QUEUE].seed())

export class Member {
    readonly shelves: Shelves
    readonly keyring: Keyring
    view: ShelfView = { templates: [], alarms: [], unreadable: null }

    private constructor(server: ShelfServer, keyring: Keyring) {
        this.keyring = keyring
        this.shelves = new Shelves({
            desk: server.for(keyring), keyring: () => keyring, nowS: () => NOW,
            tell: (event) => { if (event.type === 'shelf' && event.queue === QUEUE) this.view = event.view },
        })
    }

    static async of(server: ShelfServer, who: typeof lawyer, directory: Directory, epochs: readonly (1 | 2)[] = [1]): Promise<Member> {
        const { sign, kem } = who
        const own = { ...who, sign: Object.create(sign) as typeof sign, kem: Object.create(kem) as typeof kem }
        return new Member(server, await Keyring.open(directory, asExpertId(own.id), sign, kem, await Promise.all(epochs.map((epoch) => seedOf(who, epoch)))))
    }

    /** As after the feed has told of a newer directory. */
    async renews(directory: Directory, epochs: readonly (1 | 2)[]): Promise<void> {
        const { sign } = this.keyring
        const who = sign === lawyer.sign ? lawyer : newcomer
        await this.keyring.renew(directory, await Promise.all(epochs.map((epoch) => seedOf(who, epoch))))
        await this.shelves.read()
    }

    get titles(): string[] {
        return this.view.templates.filter(({ removed }) => !removed).map(({ title }) => title).sort()
    }

    named(title: string): TemplateDraft {
        const found = this.view.templates.find((one) => one.title === title)
        if (found === undefined) throw new RangeError(title)
        return draftOf(found)
    }
}

export const draft = (title: string, text = 'Ota kuvakaappaus.'): TemplateDraft => ({ ...newTemplate(draw(16), QUEUE, 'fi'), title, parts: { now: text } })

export async function two(): Promise<{ server: ShelfServer; one: Member; other: Member }> {
    const server = new ShelfServer()
    const [one, other] = await Promise.all([Member.of(server, lawyer, before), Member.of(server, newcomer, before)])
    return { server, one, other }
}
