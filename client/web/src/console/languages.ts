/** The languages the desk speaks. */
import type { Language } from '../session/types'

export const DESK_LANGUAGES = ['fi', 'sv', 'en'] as const satisfies readonly Language[]
export type DeskLanguage = (typeof DESK_LANGUAGES)[number]
