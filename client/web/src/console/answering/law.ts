/**
 * The law data: what it holds, what a row is called, and whether it may still be trusted. Pure.
 *
 * The rows are data with a date, not code: a change of the law is a new version of `provisions.json`. What its makers could
 * not be certain of is `null` there, and a row that no lawyer has confirmed, or not within a year, says so on the screen.
 */
import { MAX_PROVISIONS, type Provision } from '@lyhty/crypto/contents'
import type { Language } from '../../session/types'
import type { DeskLanguage } from '../languages'
import { isFoundBy } from './searching'

export type LawKind = 'crime' | 'right' | 'duty' | 'age'
/** Whether the police need the victim's own demand for punishment: in part, when it depends; null when it is not known here. */
export type Complainant = 'yes' | 'no' | 'partly' | 'not-a-crime'

export interface LawRow {
    readonly id: string
    readonly kind: LawKind
    readonly topics: readonly string[]
    readonly name: Readonly<Record<DeskLanguage, string>>
    readonly statute: string
    readonly chapter: number | null
    readonly section: string | null
    readonly article: string | null
    /** Since when the section reads so, and by which act. */
    readonly wording: { readonly from: string; readonly act: string } | null
    readonly complainant: Complainant | null
    readonly decides: readonly string[]
    readonly evidence: readonly string[]
    readonly explained: Readonly<Record<Language, string>>
    /** Where the words of the law, or an authority's account of it, were read. */
    readonly read_in: string | null
    readonly source: string
    readonly last_checked: string | null
    readonly needs_check: boolean
    readonly note: Readonly<Record<DeskLanguage, string>> | null
}

export interface LawData {
    readonly version: string
    readonly statutes: Readonly<Record<string, { readonly number: string; readonly name: Readonly<Record<DeskLanguage, string>> }>>
    readonly provisions: readonly LawRow[]
}

const YEAR_S = 365 * 86_400

/** Plain Finnish names things as Finnish does. */
export const namedIn = (language: Language): DeskLanguage => (language === 'fi-simple' ? 'fi' : language)

/** "Rikoslaki 39/1889, 24 luku 9 §", in the words of a language. */
export function citation(data: LawData, row: LawRow, language: Language): string {
    const statute = data.statutes[row.statute]
    const words = namedIn(language)
    const parts = [`${statute?.name[words] ?? row.statute} ${statute?.number ?? ''}`.trim(), placeIn(row, words)]
    return parts.filter((part) => part !== '').join(', ')
}

function placeIn({ chapter, section, article }: LawRow, language: DeskLanguage): string {
    if (language === 'en') {
        return [chapter && `chapter ${chapter}`, section && `section ${section}`, article && `article ${article}`].filter(Boolean).join(', ')
    }
    const inFinnish = language === 'fi'
    const chapterWord = inFinnish ? 'luku' : 'kap.'
    return [chapter && `${chapter} ${chapterWord}`, section && `${section} §`, article && (inFinnish ? `${article} artikla` : `artikel ${article}`)].filter(Boolean).join(' ')
}

/** Whether a lawyer should look at the row before anybody relies on it. */
export function needsCheck(row: LawRow, nowS: number): boolean {
    if (row.needs_check || row.last_checked === null) return true
    return nowS - Date.parse(`${row.last_checked}T00:00:00Z`) / 1_000 > YEAR_S
}

/** Those of the case's topic first; with words, those that match them. */
export function searchLaw(data: LawData, words: string, topic: string | null, language: DeskLanguage): readonly LawRow[] {
    const found = data.provisions.filter((row) => isFoundBy(words, [...Object.values(row.name), row.explained[language], row.source, citation(data, row, language), row.id]))
    const isOfTopic = (row: LawRow): boolean => topic !== null && row.topics.includes(topic)
    return [...found.filter(isOfTopic), ...found.filter((row) => !isOfTopic(row))]
}

/** A row as it goes into an answer: everything its reader sees, in their language. */
export function provisionOf(data: LawData, row: LawRow, language: Language): Provision {
    return {
        law: row.id, version: data.version, name: row.name[namedIn(language)], section: citation(data, row, language),
        explained: row.explained[language], likely: 'cannot-tell', wording: row.wording?.from ?? null, words: null,
    }
}

export const mayAdd = (assessment: readonly Provision[], id: string): boolean =>
    assessment.length < MAX_PROVISIONS && assessment.every(({ law }) => law !== id)
