/** What the first load leaves out: the other languages with their picture-words, and what plain Finnish says later. */
import english from '@lyhty/crypto/../lyhty_crypto/lexicon/words.en.json'
import swedish from '@lyhty/crypto/../lyhty_crypto/lexicon/words.sv.json'
import en from './en.json'
import fi from './fi.json'
import laterEn from './later/en.json'
import laterFiSimple from './later/fi-simple.json'
import laterFi from './later/fi.json'
import laterSv from './later/sv.json'
import sv from './sv.json'

export const OTHERS = {
    'fi-simple': laterFiSimple,
    fi: { ...fi, ...laterFi },
    sv: { ...sv, ...laterSv },
    en: { ...en, ...laterEn },
} as const
export const PICTURE_WORDS = { sv: swedish.words, en: english.words } as const
