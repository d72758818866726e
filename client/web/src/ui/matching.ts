/** What somebody means who types a picture-word: SPEC 2.4 by the language of the page. */
import { matchWord, splitPhrase, type Match } from '@lyhty/crypto/lexicon'
import type { Language } from '../session/types'

export { splitPhrase, type Match }

export const match = (word: string, language: Language): Match => matchWord(word, language === 'fi-simple' ? 'fi' : language)
