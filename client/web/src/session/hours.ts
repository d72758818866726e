/** The opening hours that everybody's page fetches. SPEC 9.5 */
import { ProtocolError } from '@lyhty/crypto/errors'
import { decodeHours } from '@lyhty/crypto/hours'
import type { Hours } from '@lyhty/crypto/hours'
import { codeOf } from './failure.ts'
import type { Answer } from './trust.ts'

/** Null when they cannot be had or read: a clock is a comfort, and nothing waits for it. */
export async function loadHours(get: (path: '/api/hours') => Promise<Answer>): Promise<Hours | null> {
    try {
        const { status, body } = await get('/api/hours')
        return status === 200 ? shownHours(decodeHours(body)) : null
    } catch (error) {
        if (error instanceof ProtocolError || codeOf(error) === 'connection-lost') return null
        throw error
    }
}

/** Null when this browser knows no such zone. */
function shownHours(hours: Hours): Hours | null {
    try {
        new Intl.DateTimeFormat('fi', { timeZone: hours.zone })
        return hours
    } catch (error) {
        if (error instanceof RangeError) return null
        throw error
    }
}
