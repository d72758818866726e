/** The places in a template that differ from case to case: `{date}`. What is known is filled in, the rest is asked for. */
const VARIABLE = /\{[a-z][a-z_]{0,31}\}/g

/** What a template may ask for. A value that is not known yet stays open. */
export const VARIABLES = ['service', 'age_band', 'queue_name', 'expert_name', 'date'] as const
export type Variable = (typeof VARIABLES)[number]
export type Values = ReadonlyMap<Variable, string>

export interface Span { readonly start: number; readonly end: number }

/** The variables without a value, each once, as they stand in the text. Any word in braces is one: a typing error too. */
export function unfilledIn(text: string): readonly string[] {
    return [...new Set(text.match(VARIABLE) ?? [])]
}

export function filled(text: string, values: Values): string {
    return text.replace(VARIABLE, (whole) => values.get(whole.slice(1, -1) as Variable) ?? whole)
}

/** Where the first open place stands in a text, or null. */
export function firstUnfilled(text: string): Span | null {
    const start = text.search(VARIABLE)
    return start < 0 ? null : { start, end: text.indexOf('}', start) + 1 }
}
