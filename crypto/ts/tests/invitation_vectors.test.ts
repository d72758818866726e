/** Shared vectors of joining by a link, and of the founding packet. SPEC 5.7, 5.8 */
import { describe } from 'vitest'
import { b64decode } from '../encoding.ts'
import { openFounding } from '../founding.ts'
import { asExpertId, asInstanceId, asKemKey, asSignKey } from '../ids.ts'
import { decodeApplication, encodeApplication, introduction, Invitation } from '../invitations.ts'
import type { Account, Offer } from '../invitations.ts'
import { SigningKey } from '../keys.ts'
import { Inputs, runVectors, type Fields } from './vectors.ts'

const linkOf = (the: Inputs): Invitation => new Invitation(asInstanceId(the.bytes('instance')), the.bytes('secret'))

const within = (the: Inputs, name: string): Inputs => new Inputs(the.fields[name] as Fields)

function offerOf(the: Inputs): Offer {
    return {
        name: the.text('name'),
        queues: the.list('queues') as number[],
        languages: the.list('languages') as string[],
        coordinator: the.fields['coordinator'] === true,
    }
}

function accountOf(the: Inputs): Account {
    return {
        expert: asExpertId(the.bytes('expert')),
        name: the.text('name'),
        salt: the.bytes('salt'),
        mKib: the.number('m_kib'),
        t: the.number('t'),
        p: the.number('p'),
        loginKey: asSignKey(the.bytes('login_pk')),
        keys: the.bytes('keys'),
        sign: asSignKey(the.bytes('sign')),
        kem: asKemKey(the.bytes('kem')),
    }
}

const shown = ({ loginKey, mKib, ...account }: Account): object => ({ ...account, login_pk: loginKey, m_kib: mKib })

describe('joining', () =>
    runVectors('invitations.json', {
        'invitation-id': (the) => ({ id: linkOf(the).id, text: linkOf(the).text }),
        'seal-offer': async (the) => ({
            sealed: await linkOf(the).sealOffer(offerOf(within(the, 'offer')), () => the.bytes('nonce')),
        }),
        'open-offer': async (the) => ({ offer: await linkOf(the).openOffer(the.bytes('sealed')) }),
        'keep': async (the) => ({ kept: await linkOf(the).keep(the.bytes('directory_seed'), () => the.bytes('nonce')) }),
        'kept': async (the) => {
            const [id, kept, seed] = [the.bytes('id'), the.bytes('kept'), the.bytes('directory_seed')]
            const opened = await Invitation.kept(asInstanceId(the.bytes('instance')), id, kept, seed)
            return { secret: b64decode(opened.text) }
        },
        'apply': (the) => ({
            application: encodeApplication(
                linkOf(the).apply(accountOf(within(the, 'account')), new SigningKey(the.bytes('sign_seed'))),
            ),
        }),
        'check-application': (the) => {
            const application = decodeApplication(the.bytes('application'))
            linkOf(the).check(application)
            return { account: shown(application.account) }
        },
        'introduction': (the) => ({
            pictures: introduction(
                asInstanceId(the.bytes('instance')),
                the.bytes('id'),
                asSignKey(the.bytes('sign')),
                asKemKey(the.bytes('kem')),
            ),
        }),
        'open-founding': async (the) => {
            const packet = await openFounding(the.bytes('packet'), the.bytes('secret'), asInstanceId(the.bytes('instance')))
            const { name, languages, directorySeed, queues } = packet
            return { name, languages, directory_seed: directorySeed, queues }
        },
    }))
