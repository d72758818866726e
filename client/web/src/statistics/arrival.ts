/**
 * How somebody comes to the page of figures, read once from the address and taken out of it at once. SPEC 12.2
 *
 * What must outlast a visit to the provider of municipal accounts is kept for this tab alone, and only meanwhile.
 */
import { b64encode } from '@lyhty/crypto/encoding'
import { draw } from '@lyhty/crypto/randomness'
import { addressIn, fragmentOf } from '../figures/address'

const AWAY = 'lyhty-away'
const HOLDER_BYTES = 32

/** `invitation`: the secret of a link. */
export type Arrival =
    | { readonly by: 'itself' }
    | { readonly by: 'invitation'; readonly secret: string }
    | { readonly by: 'provider'; readonly holder: string; readonly state: string; readonly code: string; readonly secret: string | null }
    | { readonly by: 'provider-refusal'; readonly secret: string | null }

interface Away { readonly holder: string; readonly secret: string | null }

/** Before the browser leaves for the provider: what it comes back with is good for this tab alone. */
export function setOut(secret: string | null, tab: Storage = sessionStorage): string {
    const holder = b64encode(draw(HOLDER_BYTES))
    tab.setItem(AWAY, JSON.stringify({ holder, secret } satisfies Away))
    return holder
}

/** Which body's figures the address names, or null. */
export const organisationIn = (fragment: string): string | null => addressIn(fragment).organisation

/** The secret of an invitation's link, or null. */
export const invitationIn = (fragment: string): string | null => new URLSearchParams(fragment.replace(/^#/, '')).get('v')?.trim() || null

export function takeArrival(tab: Storage = sessionStorage): Arrival {
    const arrival = arrivalOf(location, takeAway(tab))
    // What is looked at may stay: it says nothing that is not public.
    const address = addressIn(location.hash)
    const isDevice = new URLSearchParams(location.hash.slice(1)).has('device')
    if (!isDevice) history.replaceState(null, '', address.organisation === null ? '/figures' : `/figures${fragmentOf(address)}`)
    return arrival
}

/** Once: whoever comes back a second time has nothing to come back with. */
function takeAway(tab: Storage): Away | null {
    const kept = tab.getItem(AWAY)
    tab.removeItem(AWAY)
    return kept === null ? null : JSON.parse(kept) as Away
}

export function arrivalOf({ pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>, away: Away | null): Arrival {
    const secret = invitationIn(hash)
    if (secret !== null) return { by: 'invitation', secret }
    if (pathname !== '/oidc/back') return { by: 'itself' }
    const query = new URLSearchParams(search)
    const [state, code] = [query.get('state'), query.get('code')]
    if (away === null || state === null || code === null) return { by: 'provider-refusal', secret: away?.secret ?? null }
    return { by: 'provider', ...away, state, code }
}
