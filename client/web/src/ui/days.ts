/** How a conversation tells its days and hours: in the language of the page, by the calendar of the device. Pure. */

export interface Days {
    /** "today", "yesterday", or the date; with its year if it is not this year's. */
    readonly day: (atS: number) => string
    readonly time: (atS: number) => string
}

const middayOf = (atS: number): number => new Date(atS * 1_000).setHours(12, 0, 0, 0)

export function daysIn(tag: string, nowS: number): Days {
    const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
    const near = new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' })
    const far = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric' })
    const time = new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' })
    const thisYear = new Date(nowS * 1_000).getFullYear()
    return {
        day: (atS) => {
            // From midday to midday, so that an hour more or less in spring and autumn changes nothing.
            const days = Math.round((middayOf(atS) - middayOf(nowS)) / 86_400_000)
            if (days === 0 || days === -1) return relative.format(days, 'day')
            const at = new Date(atS * 1_000)
            return (at.getFullYear() === thisYear ? near : far).format(at)
        },
        time: (atS) => time.format(new Date(atS * 1_000)),
    }
}

export const isSameDay = (oneS: number, otherS: number): boolean => middayOf(oneS) === middayOf(otherS)
