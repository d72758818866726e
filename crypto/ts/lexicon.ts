/**
 * The 256 pictures of a phrase and their words: which picture a person means by what they type, tap or paste. SPEC 2.4.
 *
 * A word that could mean two pictures is asked about, never guessed: a wrong picture would shut the person out of their case.
 * The word lists are so far apart, across languages too, that one typing error never makes a word into another picture's.
 */
import english from '../lyhty_crypto/lexicon/words.en.json' with { type: 'json' }
import swedish from '../lyhty_crypto/lexicon/words.sv.json' with { type: 'json' }
import { FINNISH, GROUPS, PICTURES, type Group } from './pictures.ts'

export type Language = 'fi' | 'sv' | 'en'
export const LANGUAGES: readonly Language[] = ['fi', 'sv', 'en']
export const PICTURES_IN_PHRASE = 8
const MOST_CANDIDATES = 4
// Two errors are forgiven only in words so long that no other word is near.
const LETTERS_FOR_TWO_ERRORS = 6

// Spelled out because toLowerCase, trim and \w differ between Python and JavaScript and their Unicode versions.
const UPPER_CASE = /[A-ZÅÄÖÉ]/g
const UPPER_TO_LOWER = 32
const DOTLESS = new Map([['å', 'a'], ['ä', 'a'], ['ö', 'o'], ['é', 'e']])
const BLANK = String.raw`\t-\r \x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff`
// Marks without a shape that keyboards and chat programs put in: direction, joining, text or emoji style.
const UNSEEN = /[\xad\u061c\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f]/g
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'g')
const INNER_GAPS = new RegExp(`[${BLANK}-]`, 'g')
const MARKS =
    String.raw`\x00-@\[-\x60{-\x7f\xab\xb7\xbb\u060c\u061b` +
    String.raw`\u2010-\u2015\u2018-\u201f\u2022\u2026\u20e3\u2190-\u2193\u2212\u3001\u3002\uff0c\uff1a`
const SEPARATORS = new RegExp(`[${BLANK}${MARKS}]+`)
const RUN = /(.)\1+/gsu
const JOINER = '\u200d'

export type Candidate = readonly [index: number, word: string]
export type Match =
    | { readonly kind: 'exact'; readonly index: number }
    | { readonly kind: 'corrected'; readonly index: number; readonly word: string }
    | { readonly kind: 'ask'; readonly candidates: readonly Candidate[] }
    | { readonly kind: 'unknown' }

interface Entry {
    readonly folded: string
    readonly word: string
    readonly language: Language
    readonly index: number
}

/** Pictures and word lists with the tables to find them by. */
export class Lexicon {
    readonly pictures: readonly string[]
    readonly words: ReadonlyMap<Language, readonly string[]>
    readonly groups: readonly Group[]
    readonly indexOfPicture: ReadonlyMap<string, number>
    readonly entries: readonly Entry[]
    readonly entriesOfFolded: ReadonlyMap<string, readonly Entry[]>

    constructor(
        pictures: readonly string[],
        words: ReadonlyMap<Language, readonly string[]>,
        groups: readonly Group[] = [],
    ) {
        this.pictures = pictures
        this.words = words
        this.groups = groups
        this.indexOfPicture = new Map(pictures.map((picture, index) => [picture, index]))
        this.entries = [...words].flatMap(([language, listed]) =>
            listed.map((word, index) => ({ folded: fold(word), word, language, index })),
        )
        const entriesOfFolded = new Map<string, Entry[]>()
        for (const entry of this.entries) {
            entriesOfFolded.set(entry.folded, [...(entriesOfFolded.get(entry.folded) ?? []), entry])
        }
        this.entriesOfFolded = entriesOfFolded
    }
}

/** The byte that a picture stands for. */
export function pictureIndex(emoji: string): number | undefined {
    return LEXICON.indexOfPicture.get(plainText(emoji))
}

/**
 * Which picture is meant by one typed word or one picture; words of every language are understood.
 * The preferred language only decides in which order and by which words candidates are shown.
 */
export function matchWord(typed: string, preferredLanguage: Language, lexicon: Lexicon = LEXICON): Match {
    const plain = plainText(typed)
    const picture = lexicon.indexOfPicture.get(plain)
    if (picture !== undefined) return { kind: 'exact', index: picture }
    const named = onePerPicture(lexicon.entriesOfFolded.get(fold(plain)) ?? [], preferredLanguage)
    if (named.length > 1) return ask(named)
    if (named[0]) return { kind: 'exact', index: named[0][0] }
    const letters = [...plain]
    // One letter is not a word with an error, and a picture inside a word may contradict it.
    if ([...fold(plain)].length < 2 || letters.some((letter) => lexicon.indexOfPicture.has(letter))) return { kind: 'unknown' }
    const near = onePerPicture(nearest(plain, lexicon.entries), preferredLanguage)
    if (near.length > 1) return ask(near)
    return near[0] ? { kind: 'corrected', index: near[0][0], word: near[0][1] } : { kind: 'unknown' }
}

/** The words and pictures in a pasted phrase, whatever stands between them; pictures need nothing between them. */
export function splitPhrase(text: string): string[] {
    const parts = seenText(text).split(SEPARATORS).flatMap(pictureByPicture)
    const everySecond = parts.filter((_, at) => at % 2 === 0)
    // A printed phrase has each word beside its picture; copied whole, it is still one phrase.
    if (parts.length === 2 * PICTURES_IN_PHRASE && everySecond.every((part, at) => samePicture(part, parts[2 * at + 1]))) {
        return everySecond
    }
    return parts
}

/** The words of a phrase in one language. */
export function spell(indices: Iterable<number>, language: Language): string[] {
    const words = LEXICON.words.get(language) ?? []
    return Array.from(indices, (index) => {
        const word = words[index]
        if (word === undefined) throw new RangeError('a picture index is one byte')
        return word
    })
}

/** What is left of a lower-case word when dots, doubled letters, spaces and hyphens do not count. */
export function fold(word: string): string {
    const dotless = Array.from(word.replace(INNER_GAPS, ''), (letter) => DOTLESS.get(letter) ?? letter).join('')
    // A longer run hides a lost letter: "kkku" is nearer to "kakku" than to "kuu".
    return dotless.replace(RUN, (run, letter: string) => (run === letter + letter ? letter : run))
}

/** Letters changed, dropped, added or swapped with their neighbour (optimal string alignment). */
export function editDistance(a: readonly string[], b: readonly string[]): number {
    let beforeLast: number[] = []
    let last = Array.from({ length: b.length + 1 }, (_, j) => j)
    for (let i = 1; i <= a.length; i++) {
        const row = [i]
        for (let j = 1; j <= b.length; j++) {
            let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, beforeLast[j - 2]! + 1)
            row.push(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.length]!
}

function ask(candidates: readonly Candidate[]): Match {
    return { kind: 'ask', candidates: candidates.slice(0, MOST_CANDIDATES) }
}

function seenText(text: string): string {
    return text.replace(UNSEEN, '').normalize('NFC')
}

function plainText(typed: string): string {
    const lower = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) + UPPER_TO_LOWER)
    return seenText(typed).replace(ENDS, '').replace(UPPER_CASE, lower)
}

/** The entries with the fewest errors, as written or folded, within what their length forgives. */
function nearest(plain: string, entries: readonly Entry[]): Entry[] {
    const written = [...plain]
    const folded = [...fold(plain)]
    let found: Entry[] = []
    let fewest = 2
    for (const entry of entries) {
        const forgiven = Math.min(fewest, entry.folded.length >= LETTERS_FOR_TWO_ERRORS ? 2 : 1)
        const errors = Math.min(
            errorsWithin(folded, [...entry.folded], forgiven),
            errorsWithin(written, [...entry.word], forgiven),
        )
        if (errors > forgiven) continue
        if (errors < fewest) found = []
        fewest = Math.min(fewest, errors)
        found.push(entry)
    }
    return found
}

function errorsWithin(a: readonly string[], b: readonly string[], forgiven: number): number {
    return Math.abs(a.length - b.length) > forgiven ? Infinity : editDistance(a, b)
}

/** Each picture once, by its word in the preferred language if that is among the entries; that language first. */
function onePerPicture(entries: readonly Entry[], preferredLanguage: Language): Candidate[] {
    const rank = (entry: Entry): number => (entry.language === preferredLanguage ? 0 : 1)
    const wordOf = new Map<number, string>()
    for (const entry of [...entries].sort((a, b) => rank(a) - rank(b) || a.index - b.index)) {
        if (!wordOf.has(entry.index)) wordOf.set(entry.index, entry.word)
    }
    return [...wordOf]
}

/** Cuts pictures out of a run. A picture that a joiner has made part of another emoji is not one of ours. */
function pictureByPicture(chunk: string): string[] {
    const letters = [...chunk]
    const parts: string[] = []
    let run = ''
    letters.forEach((letter, at) => {
        const joined = letters[at - 1] === JOINER || letters[at + 1] === JOINER
        if (LEXICON.indexOfPicture.has(letter) && !joined) {
            parts.push(run, letter)
            run = ''
        } else {
            run += letter
        }
    })
    return [...parts, run].filter((part) => part !== '')
}

function samePicture(one: string, other: string | undefined): boolean {
    const meant = matchWord(one, 'fi')
    const alsoMeant = matchWord(other ?? '', 'fi')
    return meant.kind === 'exact' && alsoMeant.kind === 'exact' && meant.index === alsoMeant.index
}

export const LEXICON = new Lexicon(
    PICTURES,
    new Map<Language, readonly string[]>([['fi', FINNISH], ['sv', swedish.words], ['en', english.words]]),
    GROUPS,
)
