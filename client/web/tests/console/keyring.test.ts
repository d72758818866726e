/** What an expert holds after the directory has changed, and what a coordinator signs. SPEC 3.1, 5.3, 9.1 */
import { UntrustedDirectory, verifyTrust, type Expert } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { KemKeyPair } from '@lyhty/crypto/keys.ts'
import { verifyRoots } from '@lyhty/crypto/roots.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { decodeWrap, DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, directoryKey, instance, lawyer, newcomer, newerQueueKeys, nextDirectoryKey, NOW, psychologist, queueKeys, seed } from '../../../../crypto/ts/tests/trusted.ts'
import { admission, departure, isRotationDue, keyAct, nextClaims, renewal, rotation } from '../../src/console/key-acts.ts'
import { Keyring } from '../../src/console/keyring.ts'

const { directory } = verifyTrust(bundle(), instance, NOW)
const newer = verifyTrust(bundle({ version: 2, epochs: 2 }), instance, NOW).directory

const queueWrap = (epoch: number, bytes: Uint8Array): Promise<Uint8Array> =>
    wrapKey(instance, lawyer.sign.publicKey, { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 1, epoch, generation: 0 }, lawyer.kem.publicKey, bytes)
const directoryWrap = (byte = 2): Promise<Uint8Array> =>
    wrapKey(instance, lawyer.sign.publicKey, { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 }, lawyer.kem.publicKey, seed(byte))
const open = (wraps: readonly Uint8Array[]): Promise<Keyring> => Keyring.open(directory, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, wraps)

test('a directory key of the server\'s making, with which it could read what coordinators keep for one another, is refused', async () => {
    const target = { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 } as const
    const wrap = await wrapKey(instance, lawyer.sign.publicKey, target, lawyer.kem.publicKey, seed(66))
    await expect(open([wrap])).rejects.toMatchObject({ code: 'directory-forged' })
})

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

describe('after a new root', () => {
    const after = bundle({ version: 2, roots: 2, signer: nextDirectoryKey })
    const { root, directory: next } = verifyTrust(after, instance, NOW, 1, 1)

    test('a coordinator signs with the new directory key, taken from their own wraps', async () => {
        const keyring = await open([await directoryWrap()])
        await keyring.renew(next, [await directoryWrap(3)])
        const signed = new UntrustedDirectory(b64decode(renewal(keyring, NOW).act.directory))
        expect(signed.verify(root, NOW, 3).claims.version).toBe(3)
    })

    test('what the withdrawn key signs is refused, whoever still has it', async () => {
        const thief = await open([await directoryWrap()])
        const { directory: signed } = renewal(thief, NOW).act
        expect(() => new UntrustedDirectory(b64decode(signed)).verify(root, NOW, 3)).toThrow('forged')
        await expect(thief.renew(next, [await directoryWrap()])).rejects.toMatchObject({ code: 'directory-forged' })
        const beside = bundle({ version: 7, roots: 2, signer: directoryKey })
        expect(() => verifyTrust(beside, instance, NOW, 2, 2)).toThrow('forged')
    })

    test('a page does not go back to the root before, whatever version a directory under it has', () => {
        expect(() => verifyTrust(bundle({ version: 7 }), instance, NOW, 2, root.version)).toThrow('stale')
        expect(verifyTrust(bundle({ version: 7 }), instance, NOW).directory.version).toBe(7) // who has never seen the new root
    })
})

describe('a coordinator', () => {
    const root = verifyRoots(bundle().roots, instance)
    const signed = (act: { readonly directory: string }) => new UntrustedDirectory(b64decode(act.directory)).verify(root, NOW, 2)

    test('renews the directory for another fortnight', async () => {
        const keyring = await open([await directoryWrap()])
        const { claims } = signed(renewal(keyring, NOW).act)
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

    const seedsOf = (act: { readonly wraps: readonly { readonly expert: string; readonly wrap: string }[] }) => act.wraps.map(({ expert, wrap }) => {
        const { queue, epoch } = decodeWrap(b64decode(wrap))
        return [b64decode(expert)[0], queue, epoch]
    })
    const epochsOf = (act: { readonly directory: string }) => signed(act).claims.queues.map(({ epochs }) => epochs.map(({ epoch }) => epoch))

    test('lets somebody go: their queue gets an epoch whose seed everybody else in it receives', async () => {
        const staffed = verifyTrust(bundle({ experts: [lawyer, psychologist, newcomer] }), instance, NOW).directory
        const keyring = await Keyring.open(staffed, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [await directoryWrap()])
        const { act } = await departure(keyring, asExpertId(newcomer.id), NOW)
        const { claims } = signed(act)
        expect(claims.experts.map(({ name }) => name)).toEqual(['the lawyer', 'the psychologist'])
        expect(claims.former).toEqual([expect.objectContaining({ name: 'the new lawyer', queues: [1], left: NOW, version: 2, sign: newcomer.sign.publicKey })])
        expect([epochsOf(act), seedsOf(act)]).toEqual([[[1, 2], [1]], [[1, 1, 2]]])
    })

    test('admits somebody for a queue whose key they lack with a new epoch, and gives what they have', async () => {
        const keyring = await open([await directoryWrap(), await queueWrap(1, queueKeys[1].seed())])
        const added = { ...verifyTrust(bundle({ experts: [newcomer] }), instance, NOW).directory.claims.experts[0] as Expert, queues: [1, 2] }
        const { act, unowned } = await admission(keyring, added, b64encode(seed(9).slice(0, 16)), NOW)
        expect([epochsOf(act), seedsOf(act), unowned]).toEqual([[[1], [1, 2]], [[3, 1, 1], [2, 2, 2], [3, 2, 2]], []])
    })

    test('has the seed of an epoch that it opens for nobody, and sends it to nobody', async () => {
        const alone = verifyTrust(bundle({ experts: [lawyer, psychologist] }), instance, NOW).directory
        const keyring = await Keyring.open(alone, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [await directoryWrap()])
        const { act, unowned } = await departure(keyring, asExpertId(psychologist.id), NOW)
        expect([epochsOf(act), seedsOf(act)]).toEqual([[[1], [1, 2]], []])
        const [only] = unowned
        expect([only?.queue, only?.epoch]).toEqual([2, 2])
        expect(new KemKeyPair(only?.seed ?? seed(0)).publicKey).toEqual(signed(act).queue(2)?.epochs[1]?.kem)
        expect(JSON.stringify(act)).not.toContain(b64encode(only?.seed ?? seed(0)))
    })

    test('opens new epochs for all once a month and lists no more what nothing is wrapped to', async () => {
        const twice = verifyTrust(bundle({ epochs: 2 }), instance, NOW).directory
        const keyring = await Keyring.open(twice, asExpertId(lawyer.id), lawyer.sign, lawyer.kem, [await directoryWrap()])
        const { act } = await rotation(keyring, (queue, epoch) => queue === 2 && epoch === 1, NOW)
        expect([epochsOf(act), seedsOf(act)]).toEqual([[[2, 3], [1, 2, 3]], [[1, 1, 3], [2, 2, 3]]])
        expect(new Set(signed(act).claims.queues.flatMap(({ epochs }) => epochs.map(({ kem }) => b64encode(kem)))).size).toBe(5)
    })

    test('opens them with the first directory of a month', () => {
        const month = 30 * 86_400
        const nextS = (Math.floor(directory.claims.issued / month) + 1) * month
        expect([-1, 0, month].map((s) => isRotationDue(directory, nextS + s))).toEqual([false, true, true])
    })
})
