/** The stable code of a failure; anything that has none is a bug, told as one and left for a developer to find. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ProtocolError } from '@lyhty/crypto/errors'
import { SessionFailure } from '../session/failure'
import { UnreadableAnswerError } from './answers'
import { DeskError } from './desk'

export function codeOf(error: unknown): ErrorCode {
    if (error instanceof DeskError || error instanceof ProtocolError || error instanceof SessionFailure) return error.code
    if (!(error instanceof UnreadableAnswerError)) console.error(error)
    return 'internal'
}
