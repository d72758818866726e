/** What is written becomes what is sealed: the rules for an answer and a chat message. SPEC 4.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ANSWER_PARTS, problemOfText, type AnswerContent, type ChatContent } from '@lyhty/crypto/contents'
import { RefusedError } from '@lyhty/crypto/errors'
import type { Profession } from '../session/types'
import type { ReplyDraft } from './state'

/** Throws `RefusedError` with the code that tells the writer why not. */
export function contentOf(draft: ReplyDraft, profession: Profession, nowS: number): ChatContent | AnswerContent {
    if (draft.mode === 'chat') return { type: 'chat', at: nowS, text: checked(draft.chat.trim(), 'message-empty') }
    const parts = ANSWER_PARTS.map((part) => ({ part, text: (draft.parts[part] ?? '').trim() }))
        .filter(({ text }) => text !== '')
        .map(({ part, text }) => ({ part, text: checked(text, 'answer-empty') }))
    if (parts.length === 0) throw new RefusedError('an answer without parts', 'answer-empty')
    return { type: 'answer', at: nowS, parts, profession }
}

function checked(text: string, empty: ErrorCode): string {
    const problem = problemOfText(text)
    if (problem !== null) throw new RefusedError('a text that cannot be sent', problem === 'message-empty' ? empty : problem)
    return text
}
