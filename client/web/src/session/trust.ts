/** From an anchor to a verified directory, for the reporters' pages and the experts' console alike. SPEC 5 */
import { equal } from '@lyhty/crypto/bytes'
import { verifyTrust } from '@lyhty/crypto/directories'
import type { Directory } from '@lyhty/crypto/directories'
import { decodeTrustBundle } from '@lyhty/crypto/documents'
import type { TrustBundle } from '@lyhty/crypto/documents'
import { b64decode } from '@lyhty/crypto/encoding'
import { ProtocolError } from '@lyhty/crypto/errors'
import { asInstanceId } from '@lyhty/crypto/ids'
import type { InstanceId } from '@lyhty/crypto/ids'
import { SessionFailure } from './failure.ts'
import { fieldOf } from './link.ts'

export interface Trust {
    readonly instance: InstanceId
    readonly directory: Directory
    /** Of the last root document. */
    readonly rootVersion: number
    /** As it came. */
    readonly bundle: TrustBundle
}

/** What a server answered: only a 200 has a body that counts. */
export interface Answer {
    readonly status: number
    readonly body: Uint8Array
}
/** Rejects with `connection-lost` when the server cannot be reached. */
export type Get = (path: '/anchor.json' | '/api/trust' | '/api/hours') => Promise<Answer>

function asAnchor(text: unknown): InstanceId {
    try {
        if (typeof text === 'string') return asInstanceId(b64decode(text))
    } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
    }
    throw new SessionFailure('anchor-mismatch')
}

/**
 * The anchor of a poster's address, or null if the address has none. A damaged one is not the same as none. SPEC 5.4
 */
export function anchorOfFragment(fragment: string): InstanceId | null {
    const field = fieldOf(fragment, 'a')
    return field === null ? null : asAnchor(field)
}

function anchorOfFile({ status, body }: Answer): InstanceId | null {
    if (status !== 200) return null
    let file: unknown
    try {
        file = JSON.parse(new TextDecoder().decode(body))
    } catch (error) {
        if (error instanceof SyntaxError) throw new SessionFailure('anchor-mismatch')
        throw error
    }
    return asAnchor((file as { readonly instance?: unknown } | null)?.instance)
}

/** The fragment wins; if both exist and differ, nothing goes on. SPEC 5.4 */
export function chooseAnchor(fragment: InstanceId | null, file: InstanceId | null): InstanceId {
    if (fragment !== null && file !== null && !equal(fragment, file)) throw new SessionFailure('anchor-mismatch')
    const anchor = fragment ?? file
    if (anchor === null) throw new SessionFailure('directory-missing')
    return anchor
}

/** `fragment` is the address's, `now` in seconds. Both files are fetched by everyone, whatever the address says. */
export async function loadTrust(get: Get, fragment: string, now: number): Promise<Trust> {
    const fromPoster = anchorOfFragment(fragment)
    const [file, bundle] = await Promise.all([get('/anchor.json'), get('/api/trust')])
    const instance = chooseAnchor(fromPoster, anchorOfFile(file))
    if (bundle.status !== 200) throw new SessionFailure('directory-missing')
    const received = decodeTrustBundle(bundle.body)
    return trusted(instance, received, verifyTrust(received, instance, now))
}

/** A bundle that came later; never an older directory than the one that is trusted. SPEC 5.3 */
export const renewTrust = (trust: Trust, bundle: Uint8Array, now: number): Trust =>
    renewTrustWith(trust, decodeTrustBundle(bundle), now)

export const renewTrustWith = ({ instance, directory, rootVersion }: Trust, bundle: TrustBundle, now: number): Trust =>
    trusted(instance, bundle, verifyTrust(bundle, instance, now, directory.version, rootVersion))

const trusted = (
    instance: InstanceId,
    bundle: TrustBundle,
    { root, directory }: ReturnType<typeof verifyTrust>,
): Trust => ({ instance, directory, rootVersion: root.version, bundle })
