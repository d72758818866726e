/** The five ways in which the protocol fails, SPEC 1.6, each with the code that a person is told. */
import type { ErrorCode } from './codes.ts'

export type Failure = 'malformed' | 'tampered' | 'forged' | 'stale' | 'refused'

export class ProtocolError extends Error {
    readonly failure: Failure
    readonly code: ErrorCode

    constructor(failure: Failure, code: ErrorCode, detail: string) {
        super(`${failure} (${code}): ${detail}`)
        this.name = new.target.name
        this.failure = failure
        this.code = code
    }
}

/** The bytes are not what an encoder writes. */
export class MalformedError extends ProtocolError {
    constructor(detail: string, code: ErrorCode = 'envelope-malformed') {
        super('malformed', code, detail)
    }
}

/** An AEAD or a commitment does not open. */
export class TamperedError extends ProtocolError {
    constructor(detail: string, code: ErrorCode = 'envelope-tampered') {
        super('tampered', code, detail)
    }
}

/** A signature or a chain of trust does not hold. */
export class ForgedError extends ProtocolError {
    constructor(detail: string, code: ErrorCode = 'signature-invalid') {
        super('forged', code, detail)
    }
}

/** A time or an epoch has passed. */
export class StaleError extends ProtocolError {
    constructor(detail: string, code: ErrorCode = 'directory-expired') {
        super('stale', code, detail)
    }
}

/** A rule of the domain says no. */
export class RefusedError extends ProtocolError {
    constructor(detail: string, code: ErrorCode) {
        super('refused', code, detail)
    }
}

/** A message is missing, moved or answered from another history. SPEC 4.3 */
export class HistoryGapError extends ProtocolError {
    constructor(detail: string) {
        super('refused', 'history-gap', detail)
    }
}
