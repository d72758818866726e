/**
 * Of which months, terms and school years figures come out, and when (SPEC 12.4): the mirror of
 * `lyhty_wire.figures.periods` and of `due` in the coordinator's client. Days are those of Helsinki, as `YYYY-MM-DD`.
 */
export type Span = 'month' | 'term' | 'year'

export interface Period {
    /** 2026-11, 2026-autumn, 2027-spring, 2026-2027. */
    readonly name: string
    readonly span: Span
    readonly first: string
    /** The first day on which its figures may go out. */
    readonly published: string
}

/** `coming` waits for its day; `due` could go out and has not. */
export interface Slot extends Period { readonly is: 'published' | 'due' | 'coming' }

/** A school year, by the calendar year in which it begins. */
export interface SchoolYear { readonly name: string; readonly slots: readonly Slot[] }

const FIRST_MONTH = 8
const REST_DAYS = 14

const two = (number: number): string => String(number).padStart(2, '0')

/** Twelve months of a school year; the thirteenth is the next one's first. */
const monthOf = (year: number, nth: number): readonly [number, number] => {
    const month = FIRST_MONTH - 1 + nth
    return [year + Math.floor(month / 12), (month % 12) + 1]
}

function period(year: number, span: Span, name: string, from: number, count: number): Period {
    const [firstYear, firstMonth] = monthOf(year, from)
    const [afterYear, afterMonth] = monthOf(year, from + count)
    return { name, span, first: `${firstYear}-${two(firstMonth)}-01`, published: `${afterYear}-${two(afterMonth)}-${two(1 + REST_DAYS)}` }
}

/** In the order in which they are published: months before their term, terms before their year. */
export function periodsOf(year: number): readonly Period[] {
    const months = Array.from({ length: 12 }, (_, nth) => {
        const [ofYear, month] = monthOf(year, nth)
        return period(year, 'month', `${ofYear}-${two(month)}`, nth, 1)
    })
    const [autumn, spring] = [period(year, 'term', `${year}-autumn`, 0, 5), period(year, 'term', `${year + 1}-spring`, 5, 7)]
    return [...months.slice(0, 5), autumn, ...months.slice(5), spring, period(year, 'year', `${year}-${year + 1}`, 0, 12)]
}

/** In which school year a day is. */
export function schoolYearOf(day: string): number {
    const [year, month] = day.split('-').map(Number)
    return (month ?? 0) >= FIRST_MONTH ? (year ?? 0) : (year ?? 0) - 1
}

/** From the school year on in which the first agreement begins; newest first. None: nothing is ever due. */
export function calendar(begins: readonly string[], published: readonly string[], today: string): readonly SchoolYear[] {
    const [first] = [...begins].sort()
    if (first === undefined || first > today) return []
    const years: SchoolYear[] = []
    for (let year = schoolYearOf(first); year <= schoolYearOf(today); year += 1) {
        const slots = periodsOf(year).map((one): Slot => ({ ...one, is: published.includes(one.name) ? 'published' : one.published <= today ? 'due' : 'coming' }))
        years.unshift({ name: `${year}–${year + 1}`, slots })
    }
    return years
}

/** What could go out and has not, in the order in which it must. */
export const dueIn = (years: readonly SchoolYear[]): readonly Slot[] => [...years].reverse().flatMap(({ slots }) => slots.filter(({ is }) => is === 'due'))

/** Today in Helsinki. */
export const dayInHelsinki = (atS: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Helsinki' }).format(new Date(atS * 1_000))
