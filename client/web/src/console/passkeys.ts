/**
 * Passkeys: a device's own key that signs in, and whose PRF secret opens the expert's keys. SPEC 2.3, 9.8
 *
 * The secret stays here. What is posted is put together field by field: the JSON that browsers make of a credential
 * holds the secret.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import type { InstanceId } from '@lyhty/crypto/ids'
import { prfInput } from '@lyhty/crypto/passkeys'
import type { Assertion, NewPasskeyTerms, PasskeyChallenge } from './api-types'
import { DeskError } from './desk'

type Bytes = Uint8Array<ArrayBuffer>
interface PrfResults { readonly prf?: { readonly enabled?: boolean; readonly results?: { readonly first?: BufferSource } } }

/** Somebody takes their time over a finger or a PIN. */
const WITHIN_MS = 100_000
/** ES256, Ed25519, RS256: what devices have. */
const ALGORITHMS = [-7, -8, -257]

export interface Made {
    readonly credential: Bytes
    readonly attestation: Bytes
    readonly clientData: Bytes
    readonly secret: Bytes
}

export interface Signed { readonly assertion: Assertion; readonly credential: Bytes; readonly secret: Bytes }

/** A passkey is bound to a name: an address in numbers has none. */
export const hasPasskeys = (): boolean => globalThis.PublicKeyCredential !== undefined && !/^[\d.]+$|:/.test(location.hostname)

/** SPEC 9.8: a browser would bind a passkey to a whole domain too, and every site of it could ask for its secret. */
function siteOf({ rp_id }: Pick<PasskeyChallenge, 'rp_id'>): string {
    if (rp_id !== location.hostname) throw new DeskError('passkey-failed')
    return rp_id
}

export async function makePasskey(instance: InstanceId, user: Uint8Array, terms: NewPasskeyTerms): Promise<Made> {
    const site = siteOf(terms)
    const made = await asked(navigator.credentials.create({
        publicKey: {
            challenge: bytes(terms.challenge),
            rp: { id: site, name: 'Lyhty' },
            user: { id: user.slice(), name: terms.name, displayName: terms.name },
            pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
            excludeCredentials: terms.known.map((id) => ({ type: 'public-key', id: bytes(id) })),
            authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
            attestation: 'none',
            timeout: WITHIN_MS,
            extensions: secretOf(instance),
        },
    }))
    const response = made.response as AuthenticatorAttestationResponse
    const credential = new Uint8Array(made.rawId)
    // Many devices tell the secret only when they sign. What is signed here is nobody's challenge.
    const secret = readSecret(made) ?? readSecret(await get(instance, site, crypto.getRandomValues(new Uint8Array(32)), [credential]))
    if (secret === null) throw new DeskError('passkey-without-secret')
    return { credential, attestation: new Uint8Array(response.attestationObject), clientData: new Uint8Array(response.clientDataJSON), secret }
}

export async function signWithPasskey(instance: InstanceId, asks: PasskeyChallenge): Promise<Signed> {
    const { challenge } = asks
    const used = await get(instance, siteOf(asks), bytes(challenge), [])
    const secret = readSecret(used)
    if (secret === null) throw new DeskError('passkey-without-secret')
    const { authenticatorData, clientDataJSON, signature } = used.response as AuthenticatorAssertionResponse
    const credential = new Uint8Array(used.rawId)
    return {
        credential,
        secret,
        assertion: {
            challenge,
            credential: b64encode(credential),
            authenticator_data: b64encode(new Uint8Array(authenticatorData)),
            client_data: b64encode(new Uint8Array(clientDataJSON)),
            signature: b64encode(new Uint8Array(signature)),
        },
    }
}

function get(instance: InstanceId, rpId: string, challenge: Bytes, only: readonly Bytes[]): Promise<PublicKeyCredential> {
    return asked(navigator.credentials.get({
        publicKey: {
            challenge,
            rpId,
            allowCredentials: only.map((id) => ({ type: 'public-key', id })),
            userVerification: 'required',
            timeout: WITHIN_MS,
            extensions: secretOf(instance),
        },
    }))
}

const secretOf = (instance: InstanceId): AuthenticationExtensionsClientInputs => ({ prf: { eval: { first: prfInput(instance).slice() } } })

function readSecret(credential: PublicKeyCredential): Bytes | null {
    const { prf } = credential.getClientExtensionResults() as PrfResults
    const first = prf?.results?.first
    if (first === undefined) return null
    return ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice() : new Uint8Array(first.slice(0))
}

/** This device has one of the keys that were named. */
export class PasskeyKnownError extends Error {}

/** Browsers say little about why not, so that pages learn little: declined, too late, none here. */
async function asked(answer: Promise<Credential | null>): Promise<PublicKeyCredential> {
    try {
        const credential = await answer
        if (credential !== null) return credential as PublicKeyCredential
    } catch (error) {
        if (!(error instanceof DOMException)) throw error
        if (error.name === 'InvalidStateError') throw new PasskeyKnownError()
    }
    throw new DeskError('passkey-failed')
}

const bytes = (text: string): Bytes => b64decode(text).slice()
