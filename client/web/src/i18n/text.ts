/**
 * Words for the screens: catalogs in the i18next JSON v4 form, read by Intl.PluralRules.
 *
 * Plain Finnish is in the bundle. The other languages follow in one file that every page fetches as soon as it stands,
 * whatever the person does; until it is here, a page in another language speaks plain Finnish. The words of the experts'
 * console are added by the console, so that no pupil fetches them. Keys are typed from the catalogs; a test proves that
 * all languages hold the same ones.
 */
import type { Language } from '../session/types'
import type consoleWords from './console/fi-simple.json'
import fiSimple from './fi-simple.json'

type Catalog = Readonly<Record<string, string>>
type WithoutPlural<Key> = Key extends `${infer Base}_${Intl.LDMLPluralRule}` ? Base : Key
export type TextKey = WithoutPlural<keyof typeof fiSimple | keyof typeof consoleWords>
export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: Values) => string

export const LANGUAGES: readonly Language[] = ['fi-simple', 'fi', 'en']
const catalogs = new Map<Language, Catalog>([['fi-simple', fiSimple]])
let others: Promise<void> | null = null

/** Adds to the words of a language. */
export function addWords(language: Language, words: Catalog): void {
    catalogs.set(language, { ...catalogs.get(language), ...words })
}

/** Fetches the other languages, once. A failed try may be made again. */
export function loadOtherLanguages(): Promise<void> {
    others ??= import('./others').then(({ en, fi }) => {
        addWords('en', en)
        addWords('fi', fi)
    }, (error: unknown) => {
        others = null
        throw error
    })
    return others
}

/** The BCP 47 tag for browsers and screen readers; English with the 24-hour clock, as Finland writes it. */
export const tagOf = (language: Language): string => (language === 'en' ? 'en-GB' : 'fi')

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
