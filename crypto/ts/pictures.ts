/** The 256 pictures in their frozen order, with the Finnish words: what a page shows before anybody types. SPEC 2.4. */
import shipped from '../lyhty_crypto/lexicon/pictures.json' with { type: 'json' }
import finnish from '../lyhty_crypto/lexicon/words.fi.json' with { type: 'json' }

/** Pictures `start` to `end` (exclusive) are shown together. */
export interface Group {
    readonly id: string
    readonly start: number
    readonly end: number
}

export const PICTURES: readonly string[] = shipped.pictures
export const GROUPS: readonly Group[] = shipped.groups
export const FINNISH: readonly string[] = finnish.words
