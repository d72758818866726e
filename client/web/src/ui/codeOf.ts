/** The stable code of whatever a session call was rejected with, and which codes pass by themselves. */
import { CLIENT_CODES, isServerCode, type ErrorCode } from '@lyhty/crypto/codes'

export function codeOf(error: unknown): ErrorCode {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
    if (isServerCode(code)) return code
    const known = CLIENT_CODES.find((one) => one === code)
    if (known !== undefined) return known
    // A bug: it is told as one on the screen, and stays findable for a developer.
    console.error(error)
    return 'internal'
}

/** Answered by trying again; everything else needs the person. */
export const PASSING: readonly ErrorCode[] = ['connection-lost', 'busy', 'storage-failed']
