/** Who sees figures, as coordinators look after them. SPEC 12.2 */
import { b64encode } from '@lyhty/crypto/encoding'
import { draw } from '@lyhty/crypto/randomness'
import { viewerId } from '@lyhty/crypto/viewers'
import type { Organisations, Viewer, ViewerInvitation } from './api-types'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'

const SECRET_BYTES = 32

export interface ViewersView {
    readonly viewers: readonly Viewer[]
    readonly waiting: readonly ViewerInvitation[]
    readonly bodies: Organisations['organisations']
}

export class ViewerBook {
    readonly #desk: Desk
    readonly #keyring: () => Keyring | null

    constructor(desk: Desk, keyring: () => Keyring | null) {
        this.#desk = desk
        this.#keyring = keyring
    }

    async read(): Promise<ViewersView> {
        const [viewers, waiting, { organisations }] = await Promise.all([this.#desk.viewers(), this.#desk.viewerInvitations(), this.#desk.organisations()])
        return { viewers, waiting, bodies: organisations }
    }

    /** The link, which nobody can show again: the server keeps a hash of its secret. */
    async invite(name: string, organisation: string): Promise<string> {
        const keyring = this.#keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        const secret = draw(SECRET_BYTES)
        await this.#desk.inviteViewer({ id: b64encode(viewerId(keyring.instance, secret)), name, organisation })
        return `${location.origin}/figures#v=${b64encode(secret)}`
    }

    withdraw(invitation: string): Promise<void> {
        return this.#desk.withdrawViewer(invitation)
    }

    remove(viewer: string): Promise<void> {
        return this.#desk.removeViewer(viewer)
    }
}
