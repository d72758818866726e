/** Times as words, in the language of the page. The server knows the hour in which a case came, and nothing finer. */
import { tagOf } from '../../i18n/text'
import type { Language } from '../../session/types'

const HOUR_S = 3_600
/** Two days read better in hours: a promise is broken within them. */
const HOURS_BEFORE_DAYS = 48

/** "3 hours ago", "this hour", "4 days ago". */
export function ago(openedHour: number, nowS: number, language: Language): string {
    const hours = Math.max(0, Math.floor(nowS / HOUR_S) - openedHour)
    const format = new Intl.RelativeTimeFormat(tagOf(language), { numeric: hours === 0 ? 'auto' : 'always' })
    return hours < HOURS_BEFORE_DAYS ? format.format(-hours, 'hour') : format.format(-Math.floor(hours / 24), 'day')
}

/** A clock far beyond the calendar is somebody's joke or mistake; it must not stop the page from being drawn. */
const LATEST_S = Date.UTC(9999, 11, 31) / 1_000

export const moment = (atS: number): Date => new Date(Math.min(atS, LATEST_S) * 1_000)

const FORMATS = {
    clock: { weekday: 'short', day: 'numeric', month: 'numeric', hour: '2-digit', minute: '2-digit' },
    day: { weekday: 'long', day: 'numeric', month: 'long' },
    hour: { day: 'numeric', month: 'numeric', year: '2-digit', hour: '2-digit', minute: '2-digit' },
    time: { hour: '2-digit', minute: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** Making one takes longer than a hundred uses of it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatted(atS: number, language: Language, name: keyof typeof FORMATS): string {
    const id = `${name} ${tagOf(language)}`
    const format = formats.get(id) ?? new Intl.DateTimeFormat(tagOf(language), FORMATS[name])
    formats.set(id, format)
    return format.format(moment(atS))
}

export function clock(atS: number, language: Language): string {
    const words = formatted(atS, language, 'clock')
    // The only one whose day and time would stand as two bare numbers.
    return language === 'sv' ? words.replace(/ (?=\S+$)/, ' kl. ') : words
}
export const day = (atS: number, language: Language): string => formatted(atS, language, 'day')
/** When an hour since 1970 began. */
export const hourIn = (hour: number, language: Language): string => formatted(hour * HOUR_S, language, 'hour')
export const timeOfDay = (atS: number, language: Language): string => formatted(atS, language, 'time')

/** Equal for two times of one day where this page is. */
export const dayOf = (atS: number | undefined): string => (atS === undefined ? '' : moment(atS).toDateString())
