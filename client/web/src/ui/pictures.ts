/** The lexicon of SPEC 2.4 as the screens use it: by the language of the page. */
import { LEXICON, matchWord, splitPhrase, type Match } from '@lyhty/crypto/lexicon'
import type { Language } from '../session/types'

export { splitPhrase, type Match }

/** How many pictures there are to choose from. */
export const PICTURES = LEXICON.pictures.length
export const GROUPS = LEXICON.groups

/** Plain Finnish has the same words as Finnish. */
const listOf = (language: Language): 'fi' | 'en' => (language === 'en' ? 'en' : 'fi')

function entry(list: readonly string[] | undefined, index: number): string {
    const found = list?.[index]
    if (found === undefined) throw new RangeError('a picture index is one byte')
    return found
}

export const pictureAt = (index: number): string => entry(LEXICON.pictures, index)
export const wordOf = (index: number, language: Language): string => entry(LEXICON.words.get(listOf(language)), index)
export const match = (word: string, language: Language): Match => matchWord(word, listOf(language))
