/** Lies of a malicious server about which site a passkey is for: the device is not even asked. SPEC 9.8 */
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { instance, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { makePasskey, signWithPasskey } from '../../src/console/passkeys.ts'

const HOST = 'help.school.example'
const challenge = b64encode(seed(1))

/** A device that notes what it is asked for, and whose person declines. */
function device(): { readonly asked: string[] } {
    const asked: string[] = []
    const declined = async (name: string | undefined): Promise<null> => { asked.push(name ?? ''); return null }
    vi.stubGlobal('location', { hostname: HOST })
    vi.stubGlobal('navigator', { credentials: {
        create: ({ publicKey }: CredentialCreationOptions) => declined(publicKey?.rp.id),
        get: ({ publicKey }: CredentialRequestOptions) => declined(publicKey?.rpId),
    } })
    return { asked }
}

afterEach(() => vi.unstubAllGlobals())

const ways = {
    'to sign in': (rp_id: string) => signWithPasskey(instance, { challenge, rp_id }),
    'to add one': (rp_id: string) => makePasskey(instance, seed(2), { challenge, rp_id, name: 'lawyer', known: [] }),
} as const

describe.each(Object.entries(ways))('a passkey that the server asks for %s', (_, ask) => {
    // A browser would refuse the last two itself, but not the first: any site of that domain could ask for the secret then.
    test.each(['school.example', 'desk.help.school.example', 'other.example', ''])('for %j is not asked for', async (rpId) => {
        const { asked } = device()
        await expect(ask(rpId)).rejects.toMatchObject({ code: 'passkey-failed' })
        expect(asked).toEqual([])
    })

    test('for this very site is asked for', async () => {
        const { asked } = device()
        await expect(ask(HOST)).rejects.toMatchObject({ code: 'passkey-failed' })
        expect(asked).toEqual([HOST])
    })
})
