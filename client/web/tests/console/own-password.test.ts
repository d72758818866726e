/** Another password at the console, over lines that break: whoever changed it knows which one holds. SPEC 9.4 */
import { concat, equal } from '@lyhty/crypto/bytes.ts'
import type { ErrorCode } from '@lyhty/crypto/codes.ts'
import { Directory, verifyTrust, type Expert } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { openKeySeeds, passwordInput, unlock as unlockKeys } from '@lyhty/crypto/experts.ts'
import { asExpertId, hash } from '@lyhty/crypto/ids.ts'
import { KemKeyPair, SigningKey } from '@lyhty/crypto/keys.ts'
import { draw } from '@lyhty/crypto/randomness.ts'
import type { Argon2idInput } from '@lyhty/crypto/stretching.ts'
import { checkNewUnlock, type Unlock } from '@lyhty/crypto/unlocks.ts'
import { wrapKey } from '@lyhty/crypto/wrapping.ts'
import { QUEUE_SEED, TO_EXPERT } from '@lyhty/crypto/wraps.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, NOW, psychologist, queueKeys } from '../../../../crypto/ts/tests/trusted.ts'
import type { ChangeUnlock, NewKeys } from '../../src/console/api-types.ts'
import { DeskError } from '../../src/console/desk.ts'
import { withNewKeys } from '../../src/console/key-acts.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { areKeysOld, OwnPassword, type Codes, type Outcome, type Wanted } from '../../src/console/own-password.ts'
import { makeUnlock } from '../../src/console/unlocks.ts'

/** In place of Argon2id, which takes a second each time. */
const derive = ({ password, salt }: Argon2idInput): Promise<Uint8Array> => Promise.resolve(hash(concat(salt, password)))
const expert = asExpertId(psychologist.id)
const code = b64encode(draw(32))
const nextCode = b64encode(draw(32))
const wanted: Wanted = { present: 'the password of before', next: 'quite another password', code, nextCode: code, newKeys: false }

const keyring = await Keyring.open(verifyTrust(bundle(), instance, NOW).directory, expert, psychologist.sign, psychologist.kem, [])
const first = await makeUnlock(derive, wanted.present, b64decode(code), instance, expert, keyring.seeds())

/** What happens to a call: it is lost before the server hears of it, or its answer is, or all goes well. */
type Line = 'good' | 'lost' | 'answer lost' | ErrorCode

/** The rule of the server, and the line to it. */
class Account {
    unlock: Unlock = first.unlock
    challenges: string[] = []
    readonly #lines: Line[]
    calls = 0

    constructor(...lines: Line[]) {
        this.#lines = lines
    }

    readonly desk = {
        beginUnlock: async () => {
            this.challenges.push(b64encode(draw(32)))
            const { salt, mKib, t, p } = this.unlock
            return { name: 'psykologi', challenge: this.challenges.at(-1) ?? '', salt: b64encode(salt), mKib, t, p, effort: 0, keysHour: null, renewing: false }
        },
        changeUnlock: (change: ChangeUnlock) => this.#over(() => this.#change(change)),
        startSignIn: () => this.#over(() => {
            const { salt, mKib, t, p } = this.unlock
            return { challenge: '', salt: b64encode(salt), mKib, t, p, effort: 0 }
        }),
    }

    async #over<Answer>(call: () => Answer): Promise<Answer> {
        this.calls += 1
        const line = this.#lines.shift() ?? 'good'
        if (line === 'lost') throw new DeskError('connection-lost')
        if (line !== 'good' && line !== 'answer lost') throw new DeskError(line)
        const answer = call()
        if (line === 'answer lost') throw new DeskError('connection-lost')
        return answer
    }

    #change({ challenge, new: bytes }: ChangeUnlock): void {
        const sent = b64decode(bytes)
        if (equal(sent.slice(17, 33), this.unlock.salt)) return
        if (!this.challenges.includes(challenge)) throw new DeskError('sign-in-failed')
        this.challenges = this.challenges.filter((one) => one !== challenge)
        this.unlock = checkNewUnlock(sent, instance, b64decode(challenge), this.unlock.loginKey)
    }

    /** Two minutes pass. */
    waits(): void {
        this.challenges = []
    }
}

function at(account: Account): { readonly own: OwnPassword; readonly moved: Codes[] } {
    const moved: Codes[] = []
    const own = new OwnPassword({
        desk: account.desk, keyring: () => keyring, changed: (codes) => void moved.push(codes), rest: () => Promise.resolve(), nowS: () => NOW,
        toiler: { derive, search: () => { throw new Error('nothing costs work here') } },
    })
    return { own, moved }
}

/** Whether these open the account, and it holds our keys. */
async function opens(account: Account, password: string, deviceCode: string): Promise<boolean> {
    const { salt, mKib, t, p, loginKey, keys } = account.unlock
    const { login, seal } = unlockKeys(await derive(passwordInput(password, salt, mKib, t, p)), b64decode(deviceCode), instance)
    if (!equal(login.publicKey, loginKey)) return false
    const { signSeed, kemSeed } = await openKeySeeds(seal, instance, expert, keys)
    return equal(new SigningKey(signSeed).publicKey, keyring.sign.publicKey) && equal(kemSeed, psychologist.kem.seed())
}

const change = (account: Account, asked: Wanted = wanted): Promise<Outcome> => at(account).own.change(asked, () => undefined)

describe('another password', () => {
    test('opens the same keys, and the old one opens nothing any more', async () => {
        const account = new Account()
        expect(await change(account)).toBe('changed')
        expect(await opens(account, wanted.next, code)).toBe(true)
        expect(await opens(account, wanted.present, code)).toBe(false)
    })

    test('with another device code needs that one too', async () => {
        const account = new Account()
        const { own, moved } = at(account)
        expect(await own.change({ ...wanted, nextCode }, () => undefined)).toBe('changed')
        expect([await opens(account, wanted.next, nextCode), await opens(account, wanted.next, code)]).toEqual([true, false])
        expect(moved).toEqual([{ code, nextCode }])
    })

    test('is refused where the present one is wrong, and nothing is changed or remembered', async () => {
        const account = new Account()
        const { own, moved } = at(account)
        await expect(own.change({ ...wanted, present: 'not the password' }, () => undefined)).rejects.toMatchObject({ code: 'sign-in-failed' })
        expect([account.unlock, moved]).toEqual([first.unlock, []])
    })

    test('is refused while there is no room, and the old one holds', async () => {
        const account = new Account('busy')
        await expect(change(account)).rejects.toMatchObject({ code: 'busy' })
        expect(account.unlock).toBe(first.unlock)
    })
})

describe('an answer that was lost', () => {
    test.each<[string, Line[]]>([
        ['after the change was stored', ['answer lost']],
        ['before the server heard of it', ['lost']],
        ['twice', ['answer lost', 'lost']],
        ['and then there was no room', ['lost', 'busy']],
        ['and something else than the server answered', ['internal']],
    ])('%s is found out, and the new one holds', async (_when, lines) => {
        const account = new Account(...lines)
        const { own, moved } = at(account)
        expect(await own.change(wanted, () => undefined)).toBe('changed')
        expect([await opens(account, wanted.next, code), moved.length]).toEqual([true, 1])
    })

    test('with everything after it is not guessed at, and is found out once it is asked again', async () => {
        const account = new Account('answer lost', 'lost', 'lost', 'lost')
        const { own, moved } = at(account)
        expect(await own.change({ ...wanted, nextCode }, () => undefined)).toBe('unknown')
        expect(moved).toEqual([])
        expect(await own.ask()).toBe('changed')
        expect(moved).toEqual([{ code, nextCode }])
    })

    test('of a change that came too late is told as no change', async () => {
        const account = new Account('lost', 'lost', 'lost', 'lost')
        const { own, moved } = at(account)
        expect(await own.change(wanted, () => undefined)).toBe('unknown')
        account.waits()
        expect(await own.ask()).toBe('unchanged')
        expect([account.unlock, moved, await own.ask()]).toEqual([first.unlock, [], 'unchanged'])
    })

    test.each<[string, Line, Outcome]>([['was stored', 'answer lost', 'changed'], ['was not', 'lost', 'unchanged']])(
        'and a session that has ended since: the salt tells whether it %s', async (_what, line, outcome) => {
            const account = new Account(line, 'not-signed-in')
            expect(await change(account)).toBe(outcome)
        },
    )

    test('and then neither the salt', async () => {
        const account = new Account('answer lost', 'not-signed-in', 'lost', 'not-signed-in', 'lost', 'not-signed-in', 'lost')
        expect(await change(account)).toBe('unknown')
    })
})

describe('new keys', () => {
    /** What goes to the server with them. */
    async function made(keys: Keyring, listed: Directory): Promise<{ readonly unlock: Unlock; readonly sent: NewKeys; readonly after: readonly Expert[] }> {
        const account = new Account()
        let sent: NewKeys | null = null
        const { desk } = account
        const own = new OwnPassword({
            desk: { ...desk, changeUnlock: (body) => { sent = body.new_keys ?? null; return desk.changeUnlock(body) } },
            toiler: { derive, search: () => undefined }, keyring: () => keys, changed: () => undefined, rest: () => Promise.resolve(), nowS: () => NOW,
        })
        expect(await own.change({ ...wanted, newKeys: true }, () => undefined)).toBe('changed')
        if (sent === null) throw new Error('no new keys were sent')
        const { renewal } = sent as NewKeys
        return { unlock: account.unlock, sent, after: withNewKeys(listed, [{ expert: b64encode(expert), renewal }]) }
    }

    const { directory } = verifyTrust(bundle(), instance, NOW)
    const target = { kind: QUEUE_SEED, recipient: TO_EXPERT, queue: 2, epoch: 1, generation: 0 } as const
    const seeded = async (): Promise<Keyring> => Keyring.open(directory, expert, psychologist.sign, psychologist.kem, [
        await wrapKey(instance, psychologist.sign.publicKey, target, psychologist.kem.publicKey, queueKeys[2].seed()),
    ])

    test('open under the new password, once a coordinator has listed them, every queue that the old ones did', async () => {
        const { unlock, sent, after } = await made(await seeded(), directory)
        const { salt, mKib, t, p } = unlock
        const { seal } = unlockKeys(await derive(passwordInput(wanted.next, salt, mKib, t, p)), b64decode(code), instance)
        const { signSeed, kemSeed } = await openKeySeeds(seal, instance, expert, b64decode(sent.keys))
        const renewed = new Directory({ ...directory.claims, experts: after }, directory.signers)
        const opened = await Keyring.open(renewed, expert, new SigningKey(signSeed), new KemKeyPair(kemSeed), sent.wraps.map((wrap) => b64decode(wrap)))
        expect(opened.queueSeed(2, 1)).toEqual(queueKeys[2].seed())
        expect(equal(opened.self.kem, psychologist.kem.publicKey)).toBe(false)
    })

    test('are not those that the account has until then', async () => {
        const { unlock, sent } = await made(await seeded(), directory)
        expect(b64encode(unlock.keys)).not.toBe(sent.keys)
    })

    test.each([
        ['somebody else is said to have made them', lawyer.id],
        ['nobody has', null],
    ])('are listed by nobody when %s', async (_why, of) => {
        const { sent } = await made(await seeded(), directory)
        const waiting = of === null ? [] : [{ expert: b64encode(of), renewal: sent.renewal }]
        expect(withNewKeys(directory, waiting)).toEqual(directory.claims.experts)
    })

    test('are listed by nobody when a byte of them is another', async () => {
        const { sent } = await made(await seeded(), directory)
        for (const at of [0, 1, 40, 60, 100, 1_290, 1_330, 1_400]) {
            const bytes = b64decode(sent.renewal).slice()
            bytes[at] = (bytes[at] ?? 0) ^ 1
            expect(withNewKeys(directory, [{ expert: b64encode(expert), renewal: b64encode(bytes) }])).toEqual(directory.claims.experts)
        }
    })

    test.each([[365 * 24, true], [365 * 24 - 1, false]])('are suggested after a year: %d hours, %s', (hours, isOld) => {
        const now = Math.floor(NOW / 3_600)
        expect([areKeysOld(now - hours, NOW), areKeysOld(null, NOW)]).toEqual([isOld, false])
    })
})
