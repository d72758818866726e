/** Shared vectors of another password or device code for an account, and of new keys. SPEC 2.3 */
import { describe } from 'vitest'
import { asExpertId, asInstanceId, asKemKey, asSignKey } from '../ids.ts'
import { SigningKey } from '../keys.ts'
import { openRenewal, signRenewal } from '../renewals.ts'
import { checkNewUnlock, signNewUnlock } from '../unlocks.ts'
import type { Unlock } from '../unlocks.ts'
import { runVectors, type Inputs } from './vectors.ts'

const unlockOf = (the: Inputs): Unlock => ({
    expert: asExpertId(the.bytes('expert')),
    salt: the.bytes('salt'),
    mKib: the.number('m_kib'),
    t: the.number('t'),
    p: the.number('p'),
    loginKey: asSignKey(the.bytes('login_pk')),
    keys: the.bytes('keys'),
})

describe('a new unlock', () =>
    runVectors('new_unlocks.json', {
        'sign-new-unlock': (the) => {
            const [login, before] = [new SigningKey(the.bytes('login_seed')), new SigningKey(the.bytes('before_seed'))]
            const instance = asInstanceId(the.bytes('instance'))
            return { new: signNewUnlock(unlockOf(the.item('unlock')), login, before, instance, the.bytes('challenge')) }
        },
        'check-new-unlock': (the) => {
            const [instance, before] = [asInstanceId(the.bytes('instance')), asSignKey(the.bytes('before'))]
            const unlock = checkNewUnlock(the.bytes('new'), instance, the.bytes('challenge'), before)
            const { loginKey, mKib, ...rest } = unlock
            return { unlock: { ...rest, login_pk: loginKey, m_kib: mKib } }
        },
    }))

describe('a renewal', () =>
    runVectors('renewals.json', {
        'sign-renewal': (the) => {
            const of = the.item('fields')
            const renewal = {
                instance: asInstanceId(of.bytes('instance')), expert: asExpertId(of.bytes('expert')), before: of.bytes('before'),
                kem: asKemKey(of.bytes('kem')), blob: of.bytes('blob'), at: of.number('at'),
            }
            return { renewal: signRenewal(renewal, new SigningKey(the.bytes('sign_seed'))) }
        },
        'check-renewal': (the) => {
            const listed = the.item('listed')
            const expert = {
                id: asExpertId(listed.bytes('id')), sign: asSignKey(listed.bytes('sign')), kem: asKemKey(listed.bytes('kem')),
                name: '', queues: [], languages: [], coordinator: false,
            }
            return { fields: openRenewal(the.bytes('renewal'), asInstanceId(the.bytes('instance')), expert) }
        },
    }))
