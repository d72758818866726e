/**
 * The device code: the half of an expert's credential that is not in the head (SPEC 2.3).
 *
 * It comes from the recovery sheet, typed or as the fragment of an address, which is cleared at once. It is written to
 * this device only when its owner says that they work here.
 */
const STORED_AS = 'lyhty-device'
const FRAGMENT_FIELD = 'device'

export interface DeviceCode {
    /** What the next sign-in here begins with. */
    readonly known: string | null
    readonly isRemembered: boolean
    remember(code: string): void
    forget(): void
    /** Where `code` was kept, `nextCode` is: somebody else's, on a shared device, stays. */
    renew(code: string, nextCode: string): void
    /** A code from elsewhere than the address. */
    bring(code: string): void
    /** Told when an address with a code is pasted into the open page. */
    onArrival(listener: (code: string) => void): () => void
}

/** 32 bytes in base64url: 43 characters, of which the last carries four bits. */
export function isDeviceCode(text: string): boolean {
    return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text)
}

/** The code in a fragment such as `#device=...`, or null. */
export function deviceCodeIn(fragment: string): string | null {
    const found = new URLSearchParams(fragment.replace(/^#/, '')).get(FRAGMENT_FIELD)?.trim() ?? ''
    return isDeviceCode(found) ? found : null
}

/**
 * Takes the code out of the address, whatever else stands there but what `stays`, and looks whether this device remembers
 * one. From then on it does so whenever the address changes, whatever the page is showing.
 */
export function takeDeviceCode(storage: Storage | null, storedAs = STORED_AS, stays: (fragment: string) => boolean = () => false): DeviceCode {
    const listeners = new Set<(code: string) => void>()
    let arrived = takenFromAddress(stays)
    addEventListener('hashchange', () => {
        const code = takenFromAddress(stays)
        if (code === null) return
        arrived = code
        for (const listener of listeners) listener(code)
    })
    const remembered = (): string | null => {
        const stored = storage?.getItem(storedAs) ?? null
        return stored !== null && isDeviceCode(stored) ? stored : null
    }
    return {
        get known() { return arrived ?? remembered() },
        get isRemembered() { return remembered() !== null && (arrived === null || arrived === remembered()) },
        remember: (code) => storage?.setItem(storedAs, code),
        forget: () => storage?.removeItem(storedAs),
        renew: (code, nextCode) => {
            if (arrived === code) arrived = nextCode
            if (remembered() === code) storage?.setItem(storedAs, nextCode)
        },
        bring: (code) => { arrived = code },
        onArrival: (listener) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
        },
    }
}

/** The address that brings a code to another device. */
export const addressWith = (code: string, page = '/console'): string => `${location.origin}${page}#${FRAGMENT_FIELD}=${code}`

/** A secret in the address must not stay there, nor anything else somebody wrote behind the `#`. */
function takenFromAddress(stays: (fragment: string) => boolean): string | null {
    const { hash, pathname } = location
    if (hash !== '' && !stays(hash)) history.replaceState(null, '', pathname)
    return deviceCodeIn(hash)
}
