/** Which figures are out, which are due, and what they cost, as coordinators look at them. SPEC 12.4 */
import { b64encode } from '@lyhty/crypto/encoding'
import type { Grid } from '../figures/methods'
import { DeskError, type Desk } from './desk'
import type { Keyring } from './keyring'
import type { DeskLanguage } from './languages'
import { calendar, type SchoolYear } from './release-calendar'

export interface ReleasesView {
    /** Newest first; none while no agreement has begun. */
    readonly years: readonly SchoolYear[]
    /** Each table with its epsilon, and the sum in the last row, as the server says it. */
    readonly budget: Grid
    /** The address of the service, as the command takes it. */
    readonly address: string
}

export class ReleaseBook {
    readonly #desk: Desk
    readonly #keyring: () => Keyring | null

    constructor(desk: Desk, keyring: () => Keyring | null) {
        this.#desk = desk
        this.#keyring = keyring
    }

    async read(language: DeskLanguage, today: string): Promise<ReleasesView> {
        const keyring = this.#keyring()
        if (keyring === null) throw new DeskError('not-signed-in')
        const [published, { agreements }, methods] = await Promise.all([this.#desk.releases(), this.#desk.organisations(), this.#desk.methods(language)])
        const budget = methods.chapters.flatMap(({ passages }) => passages).find(({ id }) => id === 'sensitivity')?.grid
        if (!budget) throw new DeskError('internal')
        const address = `${location.origin}/#a=${b64encode(keyring.instance)}`
        return { years: calendar(agreements.map(({ begins }) => begins), published, today), budget, address }
    }
}
