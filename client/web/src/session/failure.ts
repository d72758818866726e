/** How the session refuses: an error whose code has a sentence on every screen. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { SessionError } from './types.ts'

export class SessionFailure extends Error implements SessionError {
    readonly code: ErrorCode

    constructor(code: ErrorCode) {
        super(code)
        this.name = 'SessionFailure'
        this.code = code
    }
}

/** The code of anything that carries one. */
export const codeOf = (error: unknown): ErrorCode | undefined =>
    error instanceof Error && 'code' in error ? (error as SessionError).code : undefined
