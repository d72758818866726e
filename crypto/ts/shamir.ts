/** Shamir's secret sharing over GF(2^8) with the polynomial of AES. SPEC 5.9 */
import { draw } from './randomness.ts'
import type { Randomness } from './randomness.ts'

const POLYNOMIAL = 0x11b

/** No table and no branch: what is secret chooses neither memory nor way. */
export function multiply(a: number, b: number): number {
    let product = 0
    for (let bit = 0; bit < 8; bit++) product ^= -((b >> bit) & 1) & (a << bit)
    for (let bit = 14; bit > 7; bit--) product ^= -((product >> bit) & 1) & (POLYNOMIAL << (bit - 8))
    return product
}

/** a^254; of 0 it is 0. */
export function inverse(a: number): number {
    let [power, result] = [a, 1]
    for (let round = 0; round < 7; round++) {
        power = multiply(power, power)
        result = multiply(result, power)
    }
    return result
}

/** Shares for the positions 1 to `count`: any `threshold` of them are enough, and fewer say nothing. */
export function splitSecret(secret: Uint8Array, threshold: number, count: number, randomness: Randomness = draw): Uint8Array[] {
    const rows = [secret, ...Array.from({ length: threshold - 1 }, () => randomness(secret.length))]
    const at = (position: number): Uint8Array =>
        rows.reduceRight((value, row) => value.map((byte, index) => multiply(byte, position) ^ (row[index] as number)), new Uint8Array(secret.length))
    const shares = Array.from({ length: count }, (_, index) => at(index + 1))
    for (const row of rows.slice(1)) row.fill(0)
    return shares
}

/** The secret, if these are enough of its shares and each the right one at its position. */
export function combineShares(shares: ReadonlyMap<number, Uint8Array>): Uint8Array {
    const secret = new Uint8Array(shares.values().next().value?.length ?? 0)
    for (const [position, share] of shares) {
        const weight = [...shares.keys()]
            .filter((other) => other !== position)
            .reduce((product, other) => multiply(product, multiply(other, inverse(other ^ position))), 1)
        share.forEach((byte, index) => (secret[index] = (secret[index] as number) ^ multiply(byte, weight)))
    }
    return secret
}
