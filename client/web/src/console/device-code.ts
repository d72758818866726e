/**
 * The device code: the half of an expert's credential that is not in the head (SPEC 2.3).
 *
 * It comes from the recovery sheet, typed or as the fragment of an address, which is cleared at once. It is written to
 * this device only when its owner says that they work here.
 */
const STORED_AS = 'lyhty-device'
const FRAGMENT_FIELD = 'device'

export interface DeviceCode {
    readonly known: string | null
    readonly isRemembered: boolean
    remember(code: string): void
    forget(): void
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

/** Takes the code out of the address, whatever else stands there, and looks whether this device remembers one. */
export function takeDeviceCode(storage: Storage | null): DeviceCode {
    const stored = storage?.getItem(STORED_AS) ?? null
    const remembered = stored !== null && isDeviceCode(stored) ? stored : null
    const arrived = takenFromAddress()
    return {
        known: arrived ?? remembered,
        isRemembered: remembered !== null && (arrived === null || arrived === remembered),
        remember: (code) => storage?.setItem(STORED_AS, code),
        forget: () => storage?.removeItem(STORED_AS),
        onArrival: (listener) => {
            const look = (): void => {
                const code = takenFromAddress()
                if (code !== null) listener(code)
            }
            addEventListener('hashchange', look)
            return () => removeEventListener('hashchange', look)
        },
    }
}

/** A secret in the address must not stay there, nor anything else somebody wrote behind the `#`. */
function takenFromAddress(): string | null {
    const { hash, pathname } = location
    if (hash !== '') history.replaceState(null, '', pathname)
    return deviceCodeIn(hash)
}
