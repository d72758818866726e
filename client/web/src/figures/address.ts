/** What is looked at, in the part of the address that no server is told: so that Back, bookmarks and reloading work. */

export interface Address {
    /** Null: the viewer's own. */
    readonly organisation: string | null
    /** Null: the newest. */
    readonly period: string | null
    /** How the figures are made, in their place. */
    readonly methods: boolean
}

export function addressIn(fragment: string): Address {
    const found = new URLSearchParams(fragment.replace(/^#/, ''))
    return { organisation: found.get('o'), period: found.get('p'), methods: found.has('methods') }
}

export function fragmentOf({ organisation, period, methods }: Address): string {
    const named = new URLSearchParams()
    if (organisation !== null) named.set('o', organisation)
    if (period !== null) named.set('p', period)
    if (methods) named.set('methods', '')
    return `#${named}`
}
