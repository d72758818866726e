/**
 * The first coordinator comes by the founding link: opens the packet, makes keys, and certifies themselves for all
 * queues. SPEC 5.8, 9.3
 */
import type { Expert } from '@lyhty/crypto/directories'
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { openFounding, type FoundingPacket } from '@lyhty/crypto/founding'
import { Invitation, type Offer } from '@lyhty/crypto/invitations'
import { signDirectory } from '@lyhty/crypto/key-acts'
import { SigningKey } from '@lyhty/crypto/keys'
import type { Toiler } from '../net/workers'
import { loadTrust, type Get, type Trust } from '../session/trust'
import type { SealedSeed } from './api-types'
import { DeskError, type Desk } from './desk'
import { makeApplication, type Arrival, type Made, type Standing } from './joining'
import { nextClaims, sealDirectorySeed, sealQueueSeed } from './key-acts'

interface Opened { readonly trust: Trust; readonly invitation: Invitation; readonly packet: FoundingPacket }

export class Founding implements Arrival {
    readonly isFounding = true
    readonly #desk: Desk
    readonly #get: Get
    readonly #derive: Toiler['derive']
    readonly #nowS: () => number
    readonly #secret: string
    #opened: Opened | null = null

    constructor(desk: Desk, get: Get, derive: Toiler['derive'], nowS: () => number, secret: string) {
        this.#desk = desk
        this.#get = get
        this.#derive = derive
        this.#nowS = nowS
        this.#secret = secret
    }

    async open(): Promise<{ readonly offer: Offer; readonly applied: boolean }> {
        const trust = await loadTrust(this.#get, '', this.#nowS())
        const invitation = Invitation.typed(trust.instance, this.#secret)
        const packet = await openFounding(b64decode(await this.#desk.founding()), b64decode(this.#secret), trust.instance)
        this.#opened = { trust, invitation, packet }
        const { name, languages, queues } = packet
        return { offer: { name, languages, queues: queues.map(({ queue }) => queue), coordinator: true }, applied: false }
    }

    make(typedName: string, password: string): Promise<Made> {
        return makeApplication(this.#must().invitation, this.#derive, typedName, password)
    }

    async apply({ account, application }: Made): Promise<void> {
        const { trust: { directory, instance }, packet } = this.#must()
        const self: Expert = {
            id: account.expert, name: packet.name, queues: packet.queues.map(({ queue }) => queue), sign: account.sign, kem: account.kem,
            coordinator: true, languages: packet.languages,
        }
        const wraps: SealedSeed[] = [await sealDirectorySeed(instance, self, packet.directorySeed)]
        for (const { queue, epoch, seed } of packet.queues) wraps.push(await sealQueueSeed(instance, self, queue, epoch, seed))
        const signed = signDirectory(nextClaims(directory, this.#nowS(), { experts: [self] }), new SigningKey(packet.directorySeed))
        await this.#desk.found({ directory: b64encode(signed), wraps, application: b64encode(application) })
    }

    look(): Promise<Standing> {
        return Promise.resolve('certified')
    }

    #must(): Opened {
        if (this.#opened === null) throw new DeskError('invitation-unknown')
        return this.#opened
    }
}
