/** The rules for texts that people write. SPEC 4.4 */
import type { ClientCode } from './codes.ts'
import type { Json } from './encoding.ts'

export const MAX_TEXT_CODE_POINTS = 10_000

// C0 without tab and line feed, and halves of surrogate pairs.
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f]|\p{Cs}/u

/** Why a text may not be sent, or null. The screens ask before anything is sealed. */
export function problemOfText(text: string): ClientCode | null {
    if (text.length === 0) return 'message-empty'
    if (FORBIDDEN.test(text)) return 'message-forbidden-character'
    if (Array.from(text).length > MAX_TEXT_CODE_POINTS) return 'message-too-long'
    return null
}

export const isText = (value: Json): value is string => typeof value === 'string' && problemOfText(value) === null
