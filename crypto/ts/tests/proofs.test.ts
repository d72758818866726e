/** Signatures that libraries disagree about: both languages refuse them. SPEC 1.3. The same stand in test_signatures.py. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ForgedError } from '../errors.ts'
import { asSignKey } from '../ids.ts'
import { utf8 } from '../platform.ts'
import { verify, verifyBeside } from '../proofs.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const MESSAGE = utf8('message')
const REFUSED: readonly (readonly [string, string, string])[] = [
    [
        'a signature that only holds when multiplied by the cofactor',
        'fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e',
        'ad5b30a39ee28c85d0e3903357b263540127f6780e795a593a819d6400e50d80' +
            'a2a9fb735a744d456986c6ade57a155e0fd5f0b224edf970c3c707bf908e4505',
    ],
    [
        'the same of a key of mixed order',
        '205f9fc546b34612108feae7523b0e2550622ae59b19b9a201361fae6bfc7e24',
        '5866666666666666666666666666666666666666666666666666666666666666' +
            'ee4878b7d39c47fef7c031075b45c7e5a58e524125fd8541103323f5aeb30b03',
    ],
    [
        'a key of small order, for which one signature holds for every message',
        '0100000000000000000000000000000000000000000000000000000000000000',
        'edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df' +
            '0500000000000000000000000000000000000000000000000000000000000000',
    ],
    [
        'a key written in a second way',
        'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
        'edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df' +
            '0500000000000000000000000000000000000000000000000000000000000000',
    ],
    [
        'a second form of a good signature',
        'fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e',
        'ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081' +
            '6ac855db67a826078d93844f0e1680e12532764adab09e06a9af3a797b62f914',
    ],
] as const

const GOOD = [
    'fb028503209063636f409895943f1ba6b79055f5245b75d49922b8b8f5aa8b3e',
    'ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081' +
        '7df45f7e4d4514afb6f68cac2f1ca1cc2532764adab09e06a9af3a797b62f904',
] as const

describe('a signature', () => {
    test.each(REFUSED)('is refused: %s', (_name, key, signature) => {
        expect(() => verify(asSignKey(bytes(key)), bytes(signature), MESSAGE)).toThrow(ForgedError)
    })

    test('that is good holds beside them', () => {
        verify(asSignKey(bytes(GOOD[0])), bytes(GOOD[1]), MESSAGE)
    })
})

describe.each(['the platform', 'the library, for a platform without Ed25519'])('a signature verified by %s', (by) => {
    const isWithout = by !== 'the platform'
    const importKey = (): unknown => vi.spyOn(globalThis.crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'NotSupportedError'))
    afterEach(() => vi.restoreAllMocks())

    test.each(REFUSED)('is refused: %s', async (_name, key, signature) => {
        if (isWithout) importKey()
        await expect(verifyBeside(asSignKey(bytes(key)), bytes(signature), MESSAGE)).rejects.toThrow(ForgedError)
    })

    test('that is good holds beside them', async () => {
        if (isWithout) importKey()
        await verifyBeside(asSignKey(bytes(GOOD[0])), bytes(GOOD[1]), MESSAGE)
    })

    test('is refused when the key is no point', async () => {
        if (isWithout) importKey()
        await expect(verifyBeside(asSignKey(new Uint8Array(32).fill(2)), bytes(GOOD[1]), MESSAGE)).rejects.toThrow(ForgedError)
    })
})
