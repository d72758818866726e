/** What is written becomes what is sealed: the rules for an answer and a chat message. SPEC 4.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { ANSWER_PARTS, problemOfLines, problemOfText, type AnswerContent, type ChatContent, type Provision } from '@lyhty/crypto/contents'
import { RefusedError } from '@lyhty/crypto/errors'
import type { AnswerPart, Profession } from '../session/types'
import type { ReplyDraft } from './state'
import { unfilledIn } from './variables'

/** Throws `RefusedError` with the code that tells the writer why not. */
export function contentOf(draft: ReplyDraft, profession: Profession, nowS: number): ChatContent | AnswerContent {
    if (draft.mode === 'chat') return { type: 'chat', at: nowS, text: checked(draft.chat.trim(), 'message-empty') }
    const parts = writtenParts(draft).map(({ part, text }) => ({ part, text: checked(text, 'answer-empty') }))
    if (parts.length === 0) throw new RefusedError('an answer without parts', 'answer-empty')
    const [plain, ticks] = [checkedLines(draft.plain), checkedLines(draft.ticks)]
    return { type: 'answer', at: nowS, parts, plain, ticks, assessment: draft.assessment.map(withWords), profession }
}

/** The parts with something in them, in the fixed order, as they are sent and as the preview shows them. */
export function writtenParts(draft: ReplyDraft): readonly { readonly part: AnswerPart; readonly text: string }[] {
    return ANSWER_PARTS.map((part) => ({ part, text: (draft.parts[part] ?? '').trim() })).filter(({ text }) => text !== '')
}

/** The lines of the top layer, as they are sent: without bullets, and without what is empty. */
export function linesIn(text: string): readonly string[] {
    return text.split('\n').map((line) => line.replaceAll('\t', ' ').replace(/^\s*[-*•–]\s+/, '').trim()).filter((line) => line !== '')
}

function withWords(row: Provision): Provision {
    const words = row.words?.trim() ?? ''
    return { ...row, words: words === '' ? null : checked(words, 'message-empty') }
}

function checkedLines(text: string): readonly string[] {
    const lines = linesIn(text)
    const problem = problemOfLines(lines)
    if (problem !== null) throw new RefusedError('lines that cannot be sent', problem)
    for (const line of lines) checkFilled(line)
    return lines
}

function checked(text: string, empty: ErrorCode): string {
    const problem = problemOfText(text)
    if (problem !== null) throw new RefusedError('a text that cannot be sent', problem === 'message-empty' ? empty : problem)
    checkFilled(text)
    return text
}

/** A child must never read "we meet on {date}". */
function checkFilled(text: string): void {
    if (unfilledIn(text).length > 0) throw new RefusedError('a variable without a value', 'variable-unfilled')
}
