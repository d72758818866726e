/**
 * What a person has typed or pasted of the phrase, word by word: pure, splitting and matching come from the lexicon.
 *
 * A word that is still being typed is not called wrong; that is for the words something else has ended.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { splitPhrase, type Match } from './matching'

export const PHRASE_LENGTH = 8

export interface TypedWord {
    readonly text: string
    /** Something stands after it, so it is not being typed any more. */
    readonly ended: boolean
    readonly match: Match
}

const ENDS_WITH_LETTER = /[\p{L}\p{M}]$/u

export function readWords(typed: string, match: (word: string) => Match): readonly TypedWord[] {
    const words = splitPhrase(typed)
    const lastIsOpen = ENDS_WITH_LETTER.test(typed)
    return words.map((text, nth) => ({ text, ended: nth + 1 < words.length || !lastIsOpen, match: match(text) }))
}

/** The picture a word certainly means, if it does. */
export const pictureOf = ({ match }: TypedWord): number | undefined => ('index' in match ? match.index : undefined)

/** The text with one word replaced, as after the answer to "did you mean", or taken away. */
export function withWord(words: readonly TypedWord[], nth: number, by: string | null): string {
    const texts = words.flatMap(({ text }, at) => (at !== nth ? [text] : by === null ? [] : [by]))
    return texts.map((text) => `${text} `).join('')
}

/** The phrase that was typed, or why it is not one yet. */
export function phraseOf(words: readonly TypedWord[]): { readonly phrase: readonly number[] } | { readonly code: ErrorCode } {
    if (words.some(({ match }) => match.kind === 'unknown')) return { code: 'phrase-word-unknown' }
    if (words.some(({ match }) => match.kind === 'ask')) return { code: 'phrase-uncertain' }
    const phrase = words.flatMap((word) => pictureOf(word) ?? [])
    return phrase.length === PHRASE_LENGTH ? { phrase } : { code: 'phrase-incomplete' }
}
