/** What an expert holds after the directory has changed, and what a coordinator signs. SPEC 3.1, 5.3, 9.1 */
import { UntrustedDirectory, verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64decode } from '@lyhty/crypto/encoding.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { verifyRoots } from '@lyhty/crypto/roots.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, newcomer, newerQueueKeys, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { keyAct, nextClaims, renewal } from '../../src/console/key-acts.ts'
import { Keyring } from '../../src/console/keyring.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const newer = verifyTrust(bundle({ version: 2, epochs: 2 }), instance, NOW).directory

const queueWrap = (epoch: number, bytes: Uint8Array): Promise<Uint8Array> =>
    wrapKey(instance, lawyer.sign.publicKey, { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 1, epoch, generation: 0 }, lawyer.kem.publicKey, bytes)
const directoryWrap = (): Promise<Uint8Array> =>
    wrapKey(instance, lawyer.sign.publicKey, { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 }, lawyer.kem.publicKey, seed(2))
const open = (wraps: readonly Uint8Array[]): Promise<Keyring> => Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, wraps)

describe('a keyring that is renewed', () => {
    test('opens what is wrapped to the newer epoch too', async () => {
        const keyring = await open([await queueWrap(1, queueKeys[1].seed())])
        expect(() => keyring.queueKey(1, 2)).toThrow('tampered')
        await keyring.renew(newer, [await queueWrap(1, queueKeys[1].seed()), await queueWrap(2, newerQueueKeys[1].seed())])
        expect([keyring.queueKey(1, 1).publicKey, keyring.queueKey(1, 2).publicKey]).toEqual([queueKeys[1].publicKey, newerQueueKeys[1].publicKey])
        expect(keyring.directory.version).toBe(2)
    })

    test('keeps no key that is not sealed for it any more', async () => {
        const keyring = await open([await queueWrap(1, queueKeys[1].seed())])
        const old = keyring.queueKey(1, 1)
        await keyring.renew(newer, [await queueWrap(2, newerQueueKeys[1].seed())])
        expect(() => keyring.queueKey(1, 1)).toThrow('tampered')
        expect(old.seed()).toEqual(new Uint8Array(32))
    })

    test('stays as it was when the directory no longer lists its owner', async () => {
        const keyring = await open([])
        const without = verifyTrust(bundle({ version: 2, experts: [psychologist] }), instance, NOW).directory
        await expect(keyring.renew(without, [])).rejects.toMatchObject({ code: 'directory-forged' })
        expect(keyring.directory.version).toBe(1)
    })
})

describe('a coordinator', () => {
    const root = verifyRoots(bundle().roots, instance)
    const signed = (act: { readonly directory: string }) => new UntrustedDirectory(b64decode(act.directory)).verify(root, NOW, 2)

    test('renews the directory for another fortnight', async () => {
        const keyring = await open([await directoryWrap()])
        const { claims } = signed(renewal(keyring, NOW))
        expect([claims.version, claims.issued, claims.expires - claims.issued]).toEqual([2, NOW, 14 * 86_400])
        expect(claims.experts).toEqual(directory.claims.experts)
    })

    test('signs just the changes asked for', async () => {
        const keyring = await open([await directoryWrap()])
        const experts = verifyTrust(bundle({ experts: [lawyer, psychologist, newcomer] }), instance, NOW).directory.claims.experts
        expect(signed(keyAct(keyring, nextClaims(directory, NOW, { experts }))).claims.experts).toEqual(experts)
    })

    test('is who holds the directory key and nobody else', async () => {
        const keyring = await open([])
        expect(() => renewal(keyring, NOW)).toThrow('not-coordinator')
    })
})
