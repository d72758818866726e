/** Whom an answer is for: the language they read, and what a template may know of their case. Pure. */
import { LANGUAGES, translator } from '../i18n/text'
import type { Language } from '../session/types'
import type { Place } from './places'
import { professionOf } from './questions'
import type { ConsoleState } from './state'
import type { Values, Variable } from './variables'
import { named } from './views/Facts'

/** Who asked in a language that this version does not speak reads plain Finnish, as their own page does. */
export function readersLanguage(state: ConsoleState, { key }: Place): Language {
    const asked = state.cards.get(key)?.facts?.language
    return LANGUAGES.find((language) => language === asked) ?? 'fi-simple'
}

/** In the reader's language. A day to come back on is the writer's to promise, so it stays open. */
export function valuesFor(state: ConsoleState, place: Place): Values {
    const t = translator(readersLanguage(state, place))
    const facts = state.cards.get(place.key)?.facts
    const profession = professionOf(place)
    const services = facts?.services.filter((service) => service !== 'other') ?? []
    const known: readonly (readonly [Variable, string | null | undefined])[] = [
        ['service', services.map((service) => named(t, 'services', service)).join(', ')],
        ['age_band', facts?.age && named(t, 'ages', facts.age)],
        ['queue_name', profession && t(profession === 'lawyer' ? 'case.lawyer' : 'case.psychologist')],
        ['expert_name', state.me?.name],
    ]
    return new Map(known.flatMap(([name, value]) => (value ? [[name, value] as const] : [])))
}
