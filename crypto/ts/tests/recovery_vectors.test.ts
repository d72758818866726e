/** Shared vectors of recovery shares. SPEC 5.9 */
import { describe, expect, test } from 'vitest'
import { concat, hex } from '../bytes.ts'
import { Directory, readDirectory } from '../directories.ts'
import { DIRECTORY, UntrustedDocument } from '../documents.ts'
import { asExpertId, asInstanceId, hash } from '../ids.ts'
import type { KemKey } from '../ids.ts'
import { KemKeyPair, SigningKey } from '../keys.ts'
import { decodeRequest, decodeSplit, encodeRequest, encodeSplit, openShare, positionOf, recoverSeed, requestHash, signRequest, splitHash, splitSeed, thresholdOf, verifyRequest, verifySplit } from '../recovery.ts'
import { combineShares, inverse, multiply, splitSecret } from '../shamir.ts'
import { Inputs, runVectors } from './vectors.ts'

const rowsOf = (the: Inputs) => {
    const rows = the.byteList('rows')
    return () => rows.shift() as Uint8Array<ArrayBuffer>
}
const directoryOf = (the: Inputs): Directory => new Directory(readDirectory(new UntrustedDocument(the.bytes('directory'), DIRECTORY).body()), [])
const kemOf = (the: Inputs): KemKeyPair => new KemKeyPair(the.bytes('kem_seed'))

describe('Shamir', () =>
    runVectors('shamir.json', {
        'multiply': (the) => ({ products: (the.list('pairs') as number[][]).map(([a, b]) => multiply(a as number, b as number)) }),
        'inverse': () => ({ inverses: Array.from({ length: 256 }, (_, a) => inverse(a)) }),
        'split': (the) => {
            const shares = splitSecret(the.bytes('secret'), the.list('rows').length + 1, the.number('count'), rowsOf(the))
            return { digest: hash(concat(...shares)), last: shares.at(-1) }
        },
        'combine': (the) => ({ secret: combineShares(new Map(the.items('shares').map((one) => [one.number('position'), one.bytes('share')]))) }),
    }))

describe('recovery', () =>
    runVectors('recovery.json', {
        'split-seed': async (the) => {
            const sign = new SigningKey(the.bytes('sign_seed'))
            const { split } = await splitSeed(the.bytes('seed'), the.number('queue'), the.number('epoch'), directoryOf(the), sign, the.number('at'), rowsOf(the))
            return { split: encodeSplit(split) }
        },
        'verify-split': (the) => {
            const split = decodeSplit(the.bytes('split'))
            verifySplit(split, directoryOf(the))
            const { queue, epoch, directoryVersion: version, at, holders } = split
            return { queue, epoch, version, at, holders: [...holders], threshold: thresholdOf(holders.length) }
        },
        'open-share': async (the) => {
            const split = decodeSplit(the.bytes('split'))
            return { share: await openShare(split, asExpertId(the.bytes('holder')), the.bytes('wrap'), splitHash(split), kemOf(the)) }
        },
        'sign-request': (the) => {
            const fields = { instance: asInstanceId(the.bytes('instance')), queue: the.number('queue'), asker: asExpertId(the.bytes('asker')), at: the.number('at') }
            return { request: encodeRequest(signRequest(fields, new SigningKey(the.bytes('sign_seed')))) }
        },
        'verify-request': (the) => {
            const request = decodeRequest(the.bytes('request'))
            verifyRequest(request, directoryOf(the))
            return { queue: request.queue, asker: request.asker, at: request.at }
        },
        'open-given': async (the) => {
            const [split, request] = [decodeSplit(the.bytes('split')), decodeRequest(the.bytes('request'))]
            return { share: await openShare(split, asExpertId(the.bytes('holder')), the.bytes('wrap'), requestHash(request), kemOf(the)) }
        },
        'recover': (the) => {
            const split = decodeSplit(the.bytes('split'))
            const shares = the.items('shares').map((one) => [positionOf(split, asExpertId(one.bytes('holder'))), one.bytes('share')] as const)
            return { seed: recoverSeed(split, new Map(shares), the.bytes('expected') as KemKey) }
        },
    }))

describe('sharing a byte', () => {
    test('any two of five shares make it again, whatever it was', () => {
        for (let secret = 0; secret < 256; secret++) {
            const shares = splitSecret(Uint8Array.of(secret), 2, 5)
            for (let a = 1; a <= 5; a++)
                for (let b = a + 1; b <= 5; b++) {
                    const chosen = new Map([a, b].map((position) => [position, shares[position - 1] as Uint8Array]))
                    expect(hex(combineShares(chosen))).toBe(hex(Uint8Array.of(secret)))
                }
        }
    })

    test('one share of two leaves every secret possible, each by exactly one coefficient', () => {
        const share = 0x5a
        const possible = new Set<number>()
        for (let secret = 0; secret < 256; secret++) {
            const fitting = Array.from({ length: 256 }, (_, row) => row).filter((row) => {
                const [, second] = splitSecret(Uint8Array.of(secret), 2, 2, () => Uint8Array.of(row))
                return second?.[0] === share
            })
            if (fitting.length === 1) possible.add(secret)
        }
        expect(possible.size).toBe(256)
    })
})
