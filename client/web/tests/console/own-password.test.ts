/** Another password at the console, over lines that break: whoever changed it knows which one holds. SPEC 9.4 */
import { concat, equal } from '@lyhty/crypto/bytes.ts'
import type { ErrorCode } from '@lyhty/crypto/codes.ts'
import { verifyTrust } from '@lyhty/crypto/directories.ts'
import { b64decode, b64encode } from '@lyhty/crypto/encoding.ts'
import { openKeySeeds, passwordInput, unlock as unlockKeys } from '@lyhty/crypto/experts.ts'
import { asExpertId, hash } from '@lyhty/crypto/ids.ts'
import { SigningKey } from '@lyhty/crypto/keys.ts'
import { draw } from '@lyhty/crypto/randomness.ts'
import type { Argon2idInput } from '@lyhty/crypto/stretching.ts'
import { checkNewUnlock, type Unlock } from '@lyhty/crypto/unlocks.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, NOW, psychologist } from '../../../../crypto/ts/tests/trusted.ts'
import type { ChangeUnlock } from '../../src/console/api-types.ts'
import { DeskError } from '../../src/console/desk.ts'
import { Keyring } from '../../src/console/keyring.ts'
import { OwnPassword, type Codes, type Outcome, type Wanted } from '../../src/console/own-password.ts'
import { makeUnlock } from '../../src/console/unlocks.ts'

/** In place of Argon2id, which takes a second each time. */
const derive = ({ password, salt }: Argon2idInput): Promise<Uint8Array> => Promise.resolve(hash(concat(salt, password)))
const expert = asExpertId(psychologist.id)
const code = b64encode(draw(32))
const nextCode = b64encode(draw(32))
const wanted: Wanted = { present: 'the password of before', next: 'quite another password', code, nextCode: code }

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
            return { name: 'psykologi', challenge: this.challenges.at(-1) ?? '', salt: b64encode(salt), mKib, t, p, effort: 0 }
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
        desk: account.desk, keyring: () => keyring, changed: (codes) => void moved.push(codes), rest: () => Promise.resolve(),
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
