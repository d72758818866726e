/**
 * How hard a Finnish text is to read: Wiio's simplest measure, a school grade from 1 to 12.
 *
 *     grade = 2.7 + 0.3 x (words of four or more syllables, in their base form, in a sample of 100 words)
 *
 * Source: Osmo A. Wiio, Viestinnän perusteet, 5th edition, Weilin + Göös 1989. Base forms are looked up in `base-forms.json`;
 * a word that is not there counts as it is written, which is never easier. `|` parts a compound, whose halves are counted apart.
 */
import baseForms from './base-forms.json' with { type: 'json' }

export const SAMPLE_WORDS = 100
const LONG_SYLLABLES = 4

const BASE_FORMS: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(baseForms).flatMap(([base, written]) => written.split(' ').map((word) => [word, base])),
)
const VOWEL = /[aeiouyäöå]/
/** Two vowels that are one sound wherever they stand, at the start of a word only, and unless an ending parts them. */
const TOGETHER = /^(?:([aeiouyäöå])\1|[aeouyäö]i)/
const TOGETHER_AT_START = /^(?:ie|uo|yö)/
const TOGETHER_UNPARTED = /^(?:[aeio]u|[eiäö]y)(?!s$|s[tks]|ks)/
const TOGETHER_FIRST = /^(?:[aeio]u|[eiäö]y)/

function syllablesOfPart(word: string): number {
    let count = 0
    for (let at = 0; at < word.length; ) {
        const rest = word.slice(at)
        if (!VOWEL.test(rest.charAt(0))) { at += 1; continue }
        const first = count === 0
        const two = TOGETHER.test(rest) || (first ? TOGETHER_AT_START.test(rest) || TOGETHER_FIRST.test(rest) : TOGETHER_UNPARTED.test(rest))
        at += two ? 2 : 1
        count += 1
    }
    return count
}

export const syllables = (word: string): number =>
    word.toLowerCase().split(/[|-]/).reduce((sum, part) => sum + syllablesOfPart(part), 0)

/** The words a person reads: placeables, numbers and marks are none. */
export const wordsOf = (text: string): string[] =>
    text.replace(/\{\{\w+\}\}/g, ' ').toLowerCase().match(/\p{L}+(?:-\p{L}+)*/gu) ?? []

export const isLong = (word: string): boolean => syllables(BASE_FORMS[word] ?? word) >= LONG_SYLLABLES

export function grade(texts: readonly string[]): number {
    const words = texts.flatMap(wordsOf)
    return 2.7 + 0.3 * (words.filter(isLong).length / words.length) * SAMPLE_WORDS
}
