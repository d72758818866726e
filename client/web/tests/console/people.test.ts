/** What a coordinator's console does by itself when it signs in: new keys of experts are listed, and stop nothing. SPEC 9.1 */
import type { ErrorCode } from '@lyhty/crypto/codes.ts'
import { Directory, UntrustedDirectory, verifyTrust, type Expert } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { asExpertId, hash } from '@lyhty/crypto/ids.ts'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys.ts'
import { signRenewal } from '@lyhty/crypto/renewals.ts'
import { verifyRoots } from '@lyhty/crypto/roots.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { DIRECTORY_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, NOW, psychologist, seed } from '../../../../crypto/ts/tests/trusted.ts'
import type { KeyAct, WaitingRenewal } from '../../src/console/api-types.ts'
import { DeskError, type Desk } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import type { OwnEntries } from '../../src/console/own-entries.ts'
import { People } from '../../src/console/people.ts'

const me = { id: asExpertId(new Uint8Array(16).fill(11)), sign: new SigningKey(seed(111)), kem: new KemKeyPair(seed(161)) }
const member: Expert = { id: asExpertId(psychologist.id), name: 'the psychologist', sign: psychologist.sign.publicKey, kem: psychologist.kem.publicKey, queues: [2], coordinator: false, languages: [] }
const { claims, signers } = verifyTrust(bundle(), instance, NOW).directory
const directory = new Directory({
    ...claims, experts: [member, { id: me.id, name: 'the coordinator', sign: me.sign.publicKey, kem: me.kem.publicKey, queues: [], coordinator: true, languages: [] }],
}, signers)
const next = new KemKeyPair(seed(99))
const said = { instance, expert: member.id, before: hash(member.kem), kem: next.publicKey, blob: new Uint8Array(32), at: NOW }
const waiting = (by: SigningKey): WaitingRenewal => ({ expert: b64encode(member.id), renewal: b64encode(signRenewal(said, by)) })

/** The acts that a console sends while these wait, each with the kem it lists; the server refuses those that list a new one. */
async function acts(renewals: WaitingRenewal[], nowS: number, refusal: ErrorCode | null = null): Promise<string[]> {
    const target = { kind: DIRECTORY_SEED, recipient: TO_EXPERT, queue: 0, epoch: 0, generation: 0 } as const
    const keyring = await Keyring.open(directory, me.id, me.sign, me.kem, [await wrapKey(instance, me.sign.publicKey, target, me.kem.publicKey, seed(2))])
    const sent: string[] = []
    const desk = {
        renewals: () => Promise.resolve(renewals),
        epochsInUse: () => Promise.resolve([]),
        invitations: () => Promise.resolve({ invitations: [] }),
        unturned: () => Promise.resolve({ cases: [], next: null }),
        certify: ({ directory: signed }: KeyAct) => {
            const listed = new UntrustedDirectory(b64decode(signed)).verify(verifyRoots(bundle().roots, instance), nowS, 2).claims.experts.find(({ name }) => name === member.name)
            const kem = listed === undefined ? '' : b64encode(listed.kem)
            const isNew = kem === b64encode(next.publicKey)
            sent.push(isNew ? 'new keys' : 'as before')
            return isNew && refusal !== null ? Promise.reject(new DeskError(refusal)) : Promise.resolve(2)
        },
    } as unknown as Desk
    const entries = { store: (_keyring: Keyring, _act: object, send: (entry: string) => Promise<number>) => send('entry') } as unknown as OwnEntries
    const people = new People({
        desk, entries, keyring: () => keyring, tell: () => undefined, nowS: () => nowS, renew: () => Promise.resolve(), split: () => Promise.resolve(), turn: () => Promise.resolve(),
    })
    await people.begin(keyring)
    return sent
}

const TWO_DAYS = 2 * 86_400
/** In the same month, so that no epochs are opened. */
const soon = claims.issued + 60
const later = claims.issued + TWO_DAYS

describe('a coordinator who signs in', () => {
    test('lists the new keys that their expert has signed', async () => expect(await acts([waiting(psychologist.sign)], soon)).toEqual(['new keys']))

    test('signs nothing for new keys that somebody else has signed', async () => expect(await acts([waiting(me.sign)], soon)).toEqual([]))

    test('signs nothing while nothing waits and the directory is young', async () => expect(await acts([], soon)).toEqual([]))

    test('renews an old directory without new keys that do not hold', async () => expect(await acts([waiting(me.sign)], later)).toEqual(['as before']))

    test.each<ErrorCode>(['operation-malformed', 'recovery-under-way'])('renews an old directory all the same when the server says %s of the new keys', async (code) => {
        expect(await acts([waiting(psychologist.sign)], later, code)).toEqual(['new keys', 'as before'])
    })
})
