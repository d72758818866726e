/** Counties, municipalities and schools, and who pays for whom, as coordinators look at them. SPEC 12.1 */
import { tagOf } from '../i18n/text'
import type { Language } from '../session/types'
import type { Agreement, Imported, Organisation, Organisations } from './api-types'
import type { Desk } from './desk'

export const MAX_IMPORT_BYTES = 1_048_576
const DAY_MS = 86_400_000

/** One body with all below it, sorted by name. */
export interface Branch {
    readonly body: Organisation
    readonly below: readonly Branch[]
}

/** The counties. */
export function treeOf({ organisations }: Organisations, language: Language): readonly Branch[] {
    const byName = new Intl.Collator(tagOf(language), { numeric: true })
    const below = grouped(organisations, (body) => body.parent ?? null)
    const branches = (parent: string | null): readonly Branch[] =>
        (below.get(parent) ?? []).toSorted((one, other) => byName.compare(one.name, other.name)).map((body) => ({ body, below: branches(body.id) }))
    return branches(null)
}

/** Those whose name has these letters, or whose id begins with them. */
export function matching({ organisations }: Organisations, typed: string): readonly Organisation[] {
    const letters = typed.trim().toLowerCase()
    return organisations.filter(({ id, name }) => id.startsWith(letters) || name.toLowerCase().includes(letters))
}

export const agreementsOf = ({ agreements }: Organisations): ReadonlyMap<string, readonly Agreement[]> =>
    grouped(agreements, (agreement) => agreement.organisation)

function grouped<Key, One>(all: readonly One[], keyOf: (one: One) => Key): ReadonlyMap<Key, readonly One[]> {
    const groups = new Map<Key, One[]>()
    for (const one of all) {
        const group = groups.get(keyOf(one))
        if (group === undefined) groups.set(keyOf(one), [one])
        else group.push(one)
    }
    return groups
}

/** As it is written where the language is spoken. */
export const dayIn = (day: string, language: Language): string =>
    new Intl.DateTimeFormat(tagOf(language), { day: 'numeric', month: 'numeric', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(day))

/** People say the last day; the server the day after it. */
export const lastDay = (ends: string): string => new Date(Date.parse(ends) - DAY_MS).toISOString().slice(0, 10)

/** Nothing would be another. */
export const isSame = ({ added, changed, left, agreements, withdrawn }: Imported): boolean =>
    [added, changed, left, agreements, withdrawn].every((list) => list.length === 0)

export class OrganisationBook {
    readonly #desk: Desk

    constructor(desk: Desk) {
        this.#desk = desk
    }

    read(): Promise<Organisations> {
        return this.#desk.organisations()
    }

    /** What it would change, and what is wrong with it. */
    async check(file: Blob): Promise<Imported> {
        return this.#desk.importOrganisations(await bytesOf(file), true)
    }

    /** All of it, or with a problem nothing. */
    async bringIn(file: Blob): Promise<Imported> {
        return this.#desk.importOrganisations(await bytesOf(file), false)
    }
}

const bytesOf = async (file: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await file.arrayBuffer())
