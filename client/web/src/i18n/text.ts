/**
 * Words for the screens: catalogs in the i18next JSON v4 form, read by Intl.PluralRules.
 *
 * What plain Finnish says at once is in the bundle. The other languages, and the words of later views, follow in one file
 * that every page fetches as soon as it stands, whatever the person does; until it is here, the page speaks plain Finnish.
 * The words of the experts' console and of viewers are added by their pages, so that no pupil fetches them. Keys are typed from the
 * catalogs; a test proves that all languages hold the same ones.
 */
import type { Language } from '../session/types'
import type consoleWords from './console/fi-simple.json'
import fiSimple from './fi-simple.json'
import type laterWords from './later/fi-simple.json'
import type viewerWords from './viewers/fi-simple.json'

type Catalog = Readonly<Record<string, string>>
type WithoutPlural<Key> = Key extends `${infer Base}_${Intl.LDMLPluralRule}` ? Base : Key
export type TextKey = WithoutPlural<keyof typeof fiSimple | keyof typeof laterWords | keyof typeof consoleWords | keyof typeof viewerWords>
export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: Values) => string

export const LANGUAGES: readonly Language[] = ['fi-simple', 'fi', 'sv', 'en']
const catalogs = new Map<Language, Catalog>([['fi-simple', fiSimple]])
let pictureWords: Partial<Record<Language, readonly string[]>> = {}
let others: Promise<true> | null = null

/** Adds to the words of a language. */
export function addWords(language: Language, words: Catalog): void {
    catalogs.set(language, { ...catalogs.get(language), ...words })
}

/** Fetches the words that are not in the first load, once. A failed try may be made again. */
export function loadOtherWords(): Promise<true> {
    others ??= import('./others').then(({ OTHERS, PICTURE_WORDS }) => {
        for (const language of LANGUAGES) addWords(language, OTHERS[language])
        pictureWords = PICTURE_WORDS
        return true as const
    }, (error: unknown) => {
        others = null
        throw error
    })
    return others
}

/** The picture-words of a language, unless they are the Finnish ones. */
export const pictureWordsOf = (language: Language): readonly string[] | undefined => pictureWords[language]

const TAGS: Readonly<Record<Language, string>> = { 'fi-simple': 'fi', fi: 'fi', sv: 'sv-FI', en: 'en-GB' }

/** The BCP 47 tag for browsers and screen readers; English with the 24-hour clock, as Finland writes it. */
export const tagOf = (language: Language): string => TAGS[language]

/** The translator of one language. `values.count` chooses the plural form. */
export function translator(language: Language): Translate {
    const catalog = catalogs.get(language) ?? fiSimple as Catalog
    const plurals = new Intl.PluralRules(tagOf(language))
    return (key, values = {}) => {
        const count = values['count']
        const plural = typeof count === 'number' ? catalog[`${key}_${plurals.select(count)}`] : undefined
        const text = plural ?? catalog[key] ?? key
        return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole))
    }
}

/** Whether a key stands in the catalogs: for keys made of identifiers that arrive from outside. */
export const hasText = (key: string): key is TextKey => key in (catalogs.get('fi-simple') ?? {})
