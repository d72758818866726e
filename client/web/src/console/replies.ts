/** What is written becomes what is sealed: the rules for an answer and a chat message. SPEC 4.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ANSWER_PARTS, problemOfText, type AnswerContent, type ChatContent } from '@lyhty/crypto/contents'
import { RefusedError } from '@lyhty/crypto/errors'
import type { AnswerPart, Profession } from '../session/types'
import type { ReplyDraft } from './state'

/** Throws `RefusedError` with the code that tells the writer why not. */
export function contentOf(draft: ReplyDraft, profession: Profession, nowS: number): ChatContent | AnswerContent {
    if (draft.mode === 'chat') return { type: 'chat', at: nowS, text: checked(draft.chat.trim(), 'message-empty') }
    const parts = writtenParts(draft).map(({ part, text }) => ({ part, text: checked(text, 'answer-empty') }))
    if (parts.length === 0) throw new RefusedError('an answer without parts', 'answer-empty')
    return { type: 'answer', at: nowS, parts, profession }
}

/** The parts with something in them, in the fixed order, as they are sent and as the preview shows them. */
export function writtenParts(draft: ReplyDraft): readonly { readonly part: AnswerPart; readonly text: string }[] {
    return ANSWER_PARTS.map((part) => ({ part, text: (draft.parts[part] ?? '').trim() })).filter(({ text }) => text !== '')
}

function checked(text: string, empty: ErrorCode): string {
    const problem = problemOfText(text)
    if (problem !== null) throw new RefusedError('a text that cannot be sent', problem === 'message-empty' ? empty : problem)
    return text
}
