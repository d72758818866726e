/** What a link says, and what it never says. */
import { b64encode } from '@lyhty/crypto/encoding.ts'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { fieldOf, halfOf, linkFragment, schoolOf } from '../../src/session/link.ts'

const ANCHOR = b64encode(new Uint8Array(32).fill(7))
const phrases = fc.array(fc.nat(255), { minLength: 8, maxLength: 8 })

describe('a link', () => {
    property.prop([phrases])('brings the first four pictures and no more', (phrase) => {
        expect(halfOf(linkFragment(phrase, ''))).toEqual(phrase.slice(0, 4))
    })

    property.prop([phrases, phrases])('does not depend on the last four pictures', (phrase, other) => {
        const half = phrase.slice(0, 4)
        expect(linkFragment([...half, ...other.slice(4)], '')).toBe(linkFragment(phrase, ''))
    })

    test('hands on the anchor the page was opened with', () => {
        expect(fieldOf(linkFragment([1, 2, 3, 4, 5, 6, 7, 8], `#a=${ANCHOR}`), 'a')).toBe(ANCHOR)
    })

    test('names no anchor where the page was opened without one', () => {
        expect(linkFragment([0, 0, 0, 0, 5, 6, 7, 8], '')).toBe('#p=AAAAAA')
    })
})

describe('the school on a poster', () => {
    test('comes with the anchor', () => {
        expect(schoolOf(`#a=${ANCHOR}&s=03095`)).toBe('03095')
    })

    test.each(['', '#', `#a=${ANCHOR}`, '#s=', '#s', '#s=ABC', '#s=a b', '#s=%30', `#s=${'a'.repeat(33)}`, '#s=03095\n', '#x=s=1'])('%j names none, and is no error', (fragment) => {
        expect(schoolOf(fragment)).toBe(null)
    })

    test('is not handed on to another device', () => {
        expect(linkFragment([1, 2, 3, 4, 5, 6, 7, 8], `#a=${ANCHOR}&s=03095`)).toBe(`#a=${ANCHOR}&p=AQIDBA`)
    })
})

describe('an address', () => {
    test.each(['', '#', `#a=${ANCHOR}`, '#device=x'])('%s brings no pictures', (fragment) => {
        expect(halfOf(fragment)).toBe(null)
    })

    test.each(['#p=', '#p=A', '#p=AAAAA', '#p=AAAAAB==', '#p=AAAAAAAAAAA', '#p=\u{1F98A}'])('%s is damaged', (fragment) => {
        expect(halfOf(fragment)).toBe('damaged')
    })
})
