/** A moment as somebody would say it: "tomorrow at 14", by the clock of the service. Pure. */
import { tagOf, type Translate } from '../i18n/text'
import type { Language } from '../session/types'

const DAY_MS = 86_400_000

export interface Speech {
    readonly t: Translate
    readonly language: Language
    readonly zone: string
}

export function when(atS: number, nowS: number, { t, language, zone }: Speech): string {
    const days = Math.round((dayOf(atS, zone) - dayOf(nowS, zone)) / DAY_MS)
    const time = timeOf(atS, zone, language)
    if (days === 0) return t('when.today', { time })
    if (days === 1) return t('when.tomorrow', { time })
    if (days === -1) return t('when.yesterday', { time })
    const say = (form: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(tagOf(language), { ...form, timeZone: zone }).format(atS * 1_000)
    if (days > 1 && days < 7) return t('when.weekday', { weekday: say({ weekday: 'long' }), time })
    return t('when.date', { date: say({ day: 'numeric', month: 'long' }), time })
}

/** Midnight of that day, as if it were in Greenwich: two of them are whole days apart. */
function dayOf(atS: number, zone: string): number {
    const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(atS * 1_000)
    const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
    return Date.UTC(number('year'), number('month') - 1, number('day'))
}

/** "14", "14.30"; in English with its minutes. */
function timeOf(atS: number, zone: string, language: Language): string {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    const [hour = '', minute = ''] = format.format(atS * 1_000).split(':')
    if (language === 'en') return `${hour}:${minute}`
    return minute === '00' ? String(Number(hour)) : `${Number(hour)}.${minute}`
}
