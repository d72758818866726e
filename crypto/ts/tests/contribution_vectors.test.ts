/** Shared vectors of the statistics key and of what is sealed to it. SPEC 12.3 */
import { describe, expect, test } from 'vitest'
import { concat, hex, u8 } from '../bytes.ts'
import { contributionToken, countedAs, decodeStatisticsKey, encodeStatisticsKey, openContribution, openStatisticsLink, sealContribution, sealStatisticsLink, signCounted, signStatisticsKey, statisticsSeed, verifyStatisticsKey } from '../contributions.ts'
import type { CaseCounted, Counted, CountedAs } from '../contributions.ts'
import { Directory, readDirectory } from '../directories.ts'
import { DIRECTORY, UntrustedDocument } from '../documents.ts'
import { expertContext } from '../expertContexts.ts'
import { asInstanceId } from '../ids.ts'
import { expand, KemKeyPair, SigningKey } from '../keys.ts'
import type { Root } from '../roots.ts'
import { Inputs, runVectors } from './vectors.ts'

const instanceOf = (the: Inputs) => asInstanceId(the.bytes('instance'))
const directoryOf = (the: Inputs): Directory => new Directory(readDirectory(new UntrustedDocument(the.bytes('directory'), DIRECTORY).body()), [])

describe('contributions', () =>
    runVectors('contributions.json', {
        'state-key': (the) => {
            const seed = statisticsSeed(the.bytes('directory_seed'))
            return {
                seed,
                noise: expand(seed, expertContext('statistics-noise')),
                statement: encodeStatisticsKey(signStatisticsKey(the.bytes('directory_seed'), instanceOf(the))),
            }
        },
        'verify-key': (the) => {
            const root = { instance: instanceOf(the), directoryKeys: the.byteList('directory_keys') } as unknown as Root
            return { kem: verifyStatisticsKey(the.bytes('statement'), root).kem }
        },
        'open-link': async (the) => ({
            seed: (await openStatisticsLink(the.bytes('link'), new KemKeyPair(the.bytes('seed')), instanceOf(the))).seed(),
        }),
        'token': (the) => ({
            token: contributionToken(the.bytes('first_key'), instanceOf(the), the.text('of') as CountedAs),
        }),
        'sign': (the) => {
            const counted = the.fields['counted'] as unknown as Counted
            const key = decodeStatisticsKey(the.bytes('statement'))
            return { plaintext: signCounted(counted, the.bytes('token'), key, new SigningKey(the.bytes('sign_seed'))) }
        },
        'open': async (the) => ({
            counted: await openContribution(the.bytes('sealed'), the.bytes('token'), new KemKeyPair(the.bytes('seed')), instanceOf(the), directoryOf(the)),
        }),
    }))

describe('what is sealed here', () => {
    const seed = new Uint8Array(32).fill(7)
    const instance = asInstanceId(new Uint8Array(32).fill(1))
    const expert = new SigningKey(new Uint8Array(32).fill(2))
    const key = signStatisticsKey(seed, instance)
    const own = new KemKeyPair(statisticsSeed(seed))
    const directory = { claims: { experts: [{ sign: expert.publicKey }], former: [] } } as unknown as Directory
    const counted: CaseCounted = { kind: 'case', school: '03095', month: '2026-11', topic: 'other', service: 'none', role: 'pupil', promise: 'kept' }
    const token = contributionToken(seed, instance, countedAs(counted))

    test('opens again, and has one size whatever is in it', async () => {
        const short = await sealContribution({ kind: 'reply', school: null, month: '2026-11', asked: 'later', answer: 'no' }, token, key, expert)
        const long = await sealContribution(counted, token, key, expert)
        expect(short.length).toBe(long.length)
        expect(await openContribution(long, token, own, instance, directory)).toEqual(counted)
    })

    test('is refused before it is sealed when no reader would take it', async () => {
        await expect(sealContribution({ ...counted, school: 'Koulu Ä' }, token, key, expert)).rejects.toMatchObject({ failure: 'malformed' })
    })

    test('an earlier key is found through its link', async () => {
        const after = signStatisticsKey(concat(u8(1), seed.slice(1)), instance)
        const link = await sealStatisticsLink(own, after)
        const next = new KemKeyPair(statisticsSeed(concat(u8(1), seed.slice(1))))
        expect(hex((await openStatisticsLink(link, next, instance)).seed())).toBe(hex(own.seed()))
    })
})
