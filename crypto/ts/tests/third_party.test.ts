/**
 * Vectors that others published, for every primitive below the protocol. The Python half chooses them:
 * `python tests/crypto/export_third_party.py .make/third_party.json`
 */
import { readFileSync } from 'node:fs'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { describe, expect, test } from 'vitest'
import { hex } from '../bytes.ts'
import { ProtocolError } from '../errors.ts'
import { hpkeOpen } from '../hpke.ts'
import { asSignKey } from '../ids.ts'
import { KemKeyPair, SigningKey } from '../keys.ts'
import { aesGcmOpen, aesGcmSeal } from '../platform.ts'
import { verify, verifyBeside } from '../proofs.ts'
import { stretch } from '../stretching.ts'
import { Inputs } from './vectors.ts'
import type { Fields } from './vectors.ts'

const published = JSON.parse(readFileSync(new URL('../../../.make/third_party.json', import.meta.url), 'utf8')) as {
    [kind: string]: Fields[]
}
const cases = (kind: string): [number, Inputs][] => {
    const list = published[kind]
    if (list === undefined || list.length === 0) throw new Error(`no published ${kind} vectors`)
    return list.map((fields, at) => [at, new Inputs(fields)])
}

describe('Ed25519', () => {
    test.each(cases('ed25519'))('case %i', async (_at, the) => {
        const key = new SigningKey(the.bytes('seed'))
        expect(hex(key.publicKey)).toBe(the.text('public'))
        expect(hex(key.sign(the.bytes('message')))).toBe(the.text('signature'))
        expect(() => verify(key.publicKey, the.bytes('signature'), the.bytes('message'))).not.toThrow()
        await verifyBeside(key.publicKey, the.bytes('signature'), the.bytes('message'))
    })

    test('a key of small order, with which anybody could sign anything, is refused', () => {
        const everybody = new Uint8Array(32)
        everybody[0] = 1
        const signature = new Uint8Array(64)
        signature.set(ed25519.Point.BASE.multiply(5n).toBytes())
        signature[32] = 5
        expect(ed25519.verify(signature, new Uint8Array(9), everybody, { zip215: true })).toBe(true)
        expect(() => verify(asSignKey(everybody), signature, new Uint8Array(9))).toThrow('forged')
    })

    test('a signature with another S of the same value is refused', () => {
        const [, the] = cases('ed25519')[0] as [number, Inputs]
        const signature = the.bytes('signature')
        const order = ed25519.Point.Fn.ORDER
        // S and S + order are the same number modulo the order: accepting both would make signatures malleable.
        let s = order + signature.slice(32).reduceRight((value, byte) => value * 256n + BigInt(byte), 0n)
        for (let at = 32; at < 64; at++, s /= 256n) signature[at] = Number(s % 256n)
        expect(() => verify(asSignKey(the.bytes('public')), signature, the.bytes('message'))).toThrow('forged')
    })
})

describe('X25519', () => {
    test.each(cases('x25519'))('case %i, all-zero results refused', (_at, the) => {
        const run = (): string => hex(x25519.getSharedSecret(the.bytes('scalar'), the.bytes('u')))
        if (the.fields['out'] === null) expect(run).toThrow()
        else expect(run()).toBe(the.text('out'))
    })
})

describe('AES-256-GCM', () => {
    test.each(cases('aes_gcm'))('case %i', async (_at, the) => {
        const opened = aesGcmOpen(the.bytes('key'), the.bytes('nonce'), the.bytes('sealed'), the.bytes('aad'))
        if (the.fields['plaintext'] === null) {
            await expect(opened).rejects.toMatchObject({ failure: 'tampered' })
            return
        }
        expect(hex(await opened)).toBe(the.text('plaintext'))
        expect(hex(await aesGcmSeal(the.bytes('key'), the.bytes('nonce'), await opened, the.bytes('aad')))).toBe(
            the.text('sealed'),
        )
    })
})

describe('HKDF-SHA256', () => {
    test.each(cases('hkdf'))('case %i', (_at, the) => {
        const prk = extract(sha256, the.bytes('ikm'), the.bytes('salt'))
        expect(hex(prk)).toBe(the.text('prk'))
        expect(hex(expand(sha256, prk, the.bytes('info'), the.text('okm').length / 2))).toBe(the.text('okm'))
    })
})

describe('Argon2id', () => {
    // The protocol asks for 32 bytes from passwords that are not empty, and nothing else.
    test.each(cases('argon2id').filter(([, the]) => the.text('password') !== '' && the.text('out').length === 64))(
        'case %i',
        async (_at, the) => {
            const key = await stretch({
                password: the.bytes('password'),
                salt: the.bytes('salt'),
                memoryKib: the.number('m_kib'),
                passes: the.number('t'),
                lanes: the.number('p'),
            })
            expect(hex(key)).toBe(the.text('out'))
        },
    )
})

describe('ML-KEM-768', () => {
    test.each(cases('ml_kem_768'))('case %i', (_at, the) => {
        const { publicKey, secretKey } = ml_kem768.keygen(the.bytes('seed'))
        expect(hex(publicKey)).toBe(the.text('public'))
        expect(hex(ml_kem768.decapsulate(the.bytes('ciphertext'), secretKey))).toBe(the.text('shared_secret'))
    })
})

describe('X-Wing', () => {
    test.each(cases('x_wing'))('case %i', (_at, the) => {
        expect(hex(new KemKeyPair(the.bytes('seed')).publicKey)).toBe(the.text('public'))
        expect(hex(ml_kem768_x25519.decapsulate(the.bytes('enc'), the.bytes('seed')))).toBe(the.text('shared_secret'))
    })
})

describe('HPKE', () => {
    test.each(cases('hpke'))('case %i', async (_at, the) => {
        const opened = hpkeOpen(the.bytes('seed'), the.bytes('info'), the.bytes('sealed'))
        if (the.fields['plaintext'] === null) await expect(opened).rejects.toBeInstanceOf(ProtocolError)
        else expect(hex(await opened)).toBe(the.text('plaintext'))
    })
})
