/** How the text of an answer's part becomes paragraphs and tick-boxes: pure. */
import type { AnswerPart } from '../session/types'

export type Line = { readonly type: 'paragraph' | 'action'; readonly text: string }

/** The parts whose lines are things to do. */
const TO_DO: readonly AnswerPart[] = ['now', 'protect']
const BULLET = /^\s*(?:[-*•–]|\d{1,2}[.)])\s+/

/** In a part of things to do every bulleted line is an action; without bullets every line is. Elsewhere all is text. */
export function linesOf(part: AnswerPart, text: string): readonly Line[] {
    const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
    if (!TO_DO.includes(part)) return lines.map((line) => ({ type: 'paragraph', text: line }))
    const bulleted = lines.some((line) => BULLET.test(line))
    return lines.map((line) => (
        BULLET.test(line) || !bulleted
            ? { type: 'action', text: line.replace(BULLET, '') }
            : { type: 'paragraph', text: line }
    ))
}
