/**
 * The link in a shown or printed code: where to go, whose directory to trust, and half of a phrase. SPEC 5.6
 *
 * Browsers write the address they were opened with, fragment and all, to the device before any page can take it away.
 * So no link holds a whole phrase: the other half is for the person to tap.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'

export const LINKED_PICTURES = 4

/** The first pictures of a phrase, `damaged` if they cannot be read, null if the address names none. */
export type LinkedHalf = readonly number[] | 'damaged' | null

/** One field of `#a=...&s=...&p=...`, or null. */
export const fieldOf = (fragment: string, name: string): string | null =>
    fragment.replace(/^#/, '').split('&').find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1) ?? null

/** The school of a poster's address, or null: a damaged one is none, and no problem of a child. SPEC 5.4 */
export const schoolOf = (fragment: string): string | null => /^[a-z0-9-]{1,32}$/.exec(fieldOf(fragment, 's') ?? '')?.[0] ?? null

export function halfOf(fragment: string): LinkedHalf {
    const field = fieldOf(fragment, 'p')
    if (field === null) return null
    try {
        const pictures = b64decode(field)
        return pictures.length === LINKED_PICTURES ? [...pictures] : 'damaged'
    } catch (error) {
        if (error instanceof ProtocolError) return 'damaged'
        throw error
    }
}

/** The fragment that another device opens. It hands on the anchor this page was opened with, if any, and never a school. */
export function linkFragment(phrase: readonly number[], fragment: string): string {
    const anchor = fieldOf(fragment, 'a')
    const half = `p=${b64encode(Uint8Array.from(phrase.slice(0, LINKED_PICTURES)))}`
    return anchor === null ? `#${half}` : `#a=${anchor}&${half}`
}
