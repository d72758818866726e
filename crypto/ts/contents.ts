/** What people write, as canonical JSON with a closed set of fields, and the rules for texts. SPEC 4.4 */
import { b64encode, canonicalJson, parseCanonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import type { ClientCode } from './codes.ts'
import { MalformedError } from './errors.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { asCommitment, asHead, asKemKey } from './ids.ts'
import type { Commitment, Head, KemKey, QueueId } from './ids.ts'
import { utf8 } from './platform.ts'
import { isText, problemOfText } from './texts.ts'

export { isText, MAX_TEXT_CODE_POINTS, problemOfText } from './texts.ts'

export const MAX_FIRST_WORDS_BYTES = 280
export const MAX_SERVICES = 8
export const MAX_LINE_CODE_POINTS = 280
/** Of the top layer of an answer: what a child reads at one glance. */
export const MAX_LINES = 5
export const MAX_PROVISIONS = 8
export const LIKELIHOODS = ['may-fulfil', 'unlikely', 'cannot-tell'] as const
export type Likelihood = (typeof LIKELIHOODS)[number]
export const ANSWER_PARTS = ['did-right', 'legal', 'now', 'protect', 'first-aid', 'tell', 'look-again'] as const
export type AnswerPart = (typeof ANSWER_PARTS)[number]
export const TURN_REASONS = ['departure', 'schedule'] as const
export const CONSENTS = ['all', 'from-here', 'no'] as const
export const ASKED = ['impact', 'later'] as const
export const HELPED = ['helped', 'somewhat', 'no'] as const

interface Situation {
    readonly age: string | null
    /** The author's clock, in seconds since 1970. */
    readonly at: number
    readonly language: string
    readonly role: string | null
    readonly services: readonly string[]
    readonly topic: string | null
}
export interface CardContent extends Situation {
    readonly type: 'card'
    readonly commitment: Commitment
    readonly firstWords: string
    readonly urgent: boolean
}
export interface ReportContent extends Situation {
    readonly type: 'report'
    readonly device: string | null
    readonly help: string | null
    readonly kem: KemKey
    /** From the poster's address; for figures alone. SPEC 5.4 */
    readonly school: string | null
    readonly text: string
}
export interface ChatContent {
    readonly type: 'chat'
    readonly at: number
    readonly text: string
}
/** One row of a legal assessment. What its reader sees comes along, so that they need no law data. */
export interface Provision {
    /** The row's id in the law data, and the data's version. */
    readonly law: string
    readonly version: string
    readonly name: string
    readonly section: string
    /** In plain words, in the reader's language. */
    readonly explained: string
    readonly likely: Likelihood
    /** Since when the section reads so. */
    readonly wording: string | null
    /** The writer's own. */
    readonly words: string | null
}
/** Lines and things to tick on top; the parts and the legal assessment below. */
export interface AnswerContent {
    readonly type: 'answer'
    readonly at: number
    readonly assessment: readonly Provision[]
    readonly plain: readonly string[]
    readonly ticks: readonly string[]
    readonly parts: readonly { readonly part: AnswerPart; readonly text: string }[]
    readonly profession: 'lawyer' | 'psychologist'
}
/** Says nothing but through the heads it carries: what has arrived, and whether it has been on a screen. */
export interface ReceiptContent {
    readonly type: 'receipt'
    readonly at: number
    readonly read: boolean
}
/** An expert's client is about to show the case to its expert. SPEC 4.6 */
export interface OpenedContent {
    readonly type: 'opened'
    readonly at: number
    /** As a member of which queue. */
    readonly queue: QueueId
}
/** The first message of a generation but the first: there is a new key, and its heads say what was before. */
export interface TurnContent {
    readonly type: 'turn'
    readonly at: number
    readonly reason: (typeof TURN_REASONS)[number]
}
/** An expert asks the reporter whether another queue may help. SPEC 4.7 */
export interface AskContent {
    readonly type: 'ask'
    readonly at: number
    /** Who would join. */
    readonly queue: QueueId
    /** Why: the reporter reads it. */
    readonly text: string
}
/** The reporter's answer. A yes is the first message of the generation that the queue can read. SPEC 4.7 */
export interface ConsentContent {
    readonly type: 'consent'
    readonly at: number
    /** The question's head. */
    readonly asked: Head
    readonly what: (typeof CONSENTS)[number]
    /** From here on: the reporter's key, for readers who have no report. */
    readonly kem: KemKey | null
}
/** What the reporter says of the answer, by one tap. SPEC 4.8 */
export interface HelpedContent {
    readonly type: 'helped'
    readonly at: number
    /** With the answer, or two weeks after it. */
    readonly asked: (typeof ASKED)[number]
    readonly answer: (typeof HELPED)[number]
}
/** What a person wrote. */
export type WrittenContent = ReportContent | ChatContent | AnswerContent | AskContent | ConsentContent
/** What has no words: no screen shows it as a line of the conversation. */
export type WordlessContent = ReceiptContent | OpenedContent | HelpedContent
export type MessageContent = WrittenContent | WordlessContent | TurnContent
export type Content = CardContent | MessageContent

export const isWordless = (content: Content): content is WordlessContent =>
    content.type === 'receipt' || content.type === 'opened' || content.type === 'helped'

/** Whether it is a turn message: a new key's, or a yes. SPEC 4.3 */
export const beginsGeneration = (content: Content): boolean =>
    content.type === 'turn' || (content.type === 'consent' && content.what !== 'no')

export const isIdentifier = (value: Json): value is string => typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value)
const isQueue = (value: Json): value is QueueId => typeof value === 'number' && value >= 1 && value <= 0xffff
const isNull = (value: Json): value is null => value === null
export const isOptional = (value: Json): value is string | null => value === null || isIdentifier(value)
const isTextOrNull = (value: Json): value is string | null => value === null || isText(value)
const isLong = (line: string): boolean => Array.from(line).length > MAX_LINE_CODE_POINTS
export const isLine = (value: Json): value is string => isText(value) && !/[\t\n]/.test(value) && !isLong(value)
export const areLines = (value: Json): value is readonly string[] =>
    Array.isArray(value) && value.length <= MAX_LINES && value.every(isLine)
const areFirstWords = (value: Json): value is string => isText(value) && utf8(value).length <= MAX_FIRST_WORDS_BYTES
const areServices = (value: Json): value is readonly string[] =>
    Array.isArray(value) && value.length <= MAX_SERVICES && value.every(isIdentifier)

const readSituation = (fields: FieldReader): Situation => ({
    age: fields.checked('age', isOptional),
    at: fields.count('at'),
    language: fields.checked('language', isIdentifier),
    role: fields.checked('role', isOptional),
    services: fields.checked('services', areServices),
    topic: fields.checked('topic', isOptional),
})

export function readParts(fields: FieldReader): AnswerContent['parts'] {
    const parts = fields.list('parts', (item) =>
        readFields(item, 'envelope-malformed', (part) => ({
            part: part.oneOf('part', ANSWER_PARTS),
            text: part.checked('text', isText),
        })),
    )
    if (parts.length === 0) throw new MalformedError('an answer without parts')
    // SPEC 4.4: distinct and in their order.
    parts.forEach(({ part }, at) => {
        const before = parts[at - 1]
        if (before !== undefined && ANSWER_PARTS.indexOf(before.part) >= ANSWER_PARTS.indexOf(part))
            throw new MalformedError('order of parts')
    })
    return parts
}

function readAssessment(fields: FieldReader): readonly Provision[] {
    const rows = fields.list('assessment', (item) =>
        readFields(item, 'envelope-malformed', (row) => ({
            law: row.checked('law', isIdentifier),
            version: row.checked('version', isIdentifier),
            name: row.checked('name', isLine),
            section: row.checked('section', isLine),
            explained: row.checked('explained', isText),
            likely: row.oneOf('likely', LIKELIHOODS),
            wording: row.checked('wording', isOptional),
            words: row.checked('words', isTextOrNull),
        })),
    )
    if (rows.length > MAX_PROVISIONS || new Set(rows.map(({ law }) => law)).size < rows.length)
        throw new MalformedError('too many rows, or one provision twice')
    return rows
}

function readConsent(fields: FieldReader): ConsentContent {
    const [at, what] = [fields.count('at'), fields.oneOf('what', CONSENTS)]
    const asked = fields.bytes('asked', asHead)
    if (what === 'from-here') return { type: 'consent', at, asked, what, kem: fields.bytes('kem', asKemKey) }
    return { type: 'consent', at, asked, what, kem: fields.checked('kem', isNull) }
}

function read(fields: FieldReader): Content {
    const type = fields.oneOf('type', ['card', 'report', 'chat', 'answer', 'receipt', 'opened', 'turn', 'ask', 'consent', 'helped'] as const)
    switch (type) {
        case 'card':
            return {
                type,
                ...readSituation(fields),
                commitment: fields.bytes('commitment', asCommitment),
                firstWords: fields.checked('first_words', areFirstWords),
                urgent: fields.flag('urgent'),
            }
        case 'report':
            return {
                type,
                ...readSituation(fields),
                device: fields.checked('device', isOptional),
                help: fields.checked('help', isOptional),
                kem: fields.bytes('kem', asKemKey),
                school: fields.checked('school', isOptional),
                text: fields.checked('text', isText),
            }
        case 'chat':
            return { type, at: fields.count('at'), text: fields.checked('text', isText) }
        case 'answer':
            return {
                type,
                at: fields.count('at'),
                assessment: readAssessment(fields),
                parts: readParts(fields),
                plain: fields.checked('plain', areLines),
                ticks: fields.checked('ticks', areLines),
                profession: fields.oneOf('profession', ['lawyer', 'psychologist'] as const),
            }
        case 'receipt':
            return { type, at: fields.count('at'), read: fields.flag('read') }
        case 'opened':
            return { type, at: fields.count('at'), queue: fields.checked('queue', isQueue) }
        case 'turn':
            return { type, at: fields.count('at'), reason: fields.oneOf('reason', TURN_REASONS) }
        case 'ask':
            return { type, at: fields.count('at'), queue: fields.checked('queue', isQueue), text: fields.checked('text', isText) }
        case 'consent':
            return readConsent(fields)
        case 'helped':
            return { type, at: fields.count('at'), asked: fields.oneOf('asked', ASKED), answer: fields.oneOf('answer', HELPED) }
    }
}

export const decodeContent = (bytes: Uint8Array): Content =>
    readFields(parseCanonicalJson(bytes, 'envelope-malformed'), 'envelope-malformed', read)

function toJson(content: Content): Json {
    switch (content.type) {
        case 'card': {
            const { commitment, firstWords, ...rest } = content
            return { ...rest, commitment: b64encode(commitment), first_words: firstWords }
        }
        case 'report':
            return { ...content, kem: b64encode(content.kem) }
        case 'chat':
        case 'receipt':
        case 'opened':
        case 'turn':
        case 'ask':
        case 'helped':
            return { ...content }
        case 'consent':
            return { ...content, asked: b64encode(content.asked), kem: content.kem && b64encode(content.kem) }
        case 'answer':
            return {
                ...content,
                assessment: content.assessment.map((row) => ({ ...row })),
                parts: content.parts.map(({ part, text }) => ({ part, text })),
            }
    }
}

const firstProblem = (texts: readonly string[]): ClientCode | null =>
    texts.map(problemOfText).find((problem) => problem !== null) ?? null

/** Why these lines cannot stand on top of an answer, or null. */
export function problemOfLines(lines: readonly string[]): ClientCode | null {
    if (lines.length > MAX_LINES) return 'lines-too-many'
    return firstProblem(lines) ?? (lines.some(isLong) ? 'line-too-long' : null)
}

/** The texts of a content with the words that a writer is told, SPEC 4.4; everything else is `envelope-malformed`. */
function problemOfContent(content: Content): ClientCode | null {
    switch (content.type) {
        case 'card':
            return (
                problemOfText(content.firstWords) ??
                (utf8(content.firstWords).length > MAX_FIRST_WORDS_BYTES ? 'message-too-long' : null)
            )
        case 'answer':
            return content.parts.length === 0
                ? 'answer-empty'
                : (problemOfLines(content.plain) ??
                      problemOfLines(content.ticks) ??
                      firstProblem([
                          ...content.parts.map(({ text }) => text),
                          ...content.assessment.flatMap(({ words }) => (words === null ? [] : [words])),
                      ]))
        case 'receipt':
        case 'opened':
        case 'turn':
        case 'consent':
        case 'helped':
            return null
        default:
            return problemOfText(content.text)
    }
}

export function encodeContent(content: Content): Uint8Array {
    const problem = problemOfContent(content)
    if (problem !== null) throw new MalformedError('a text that may not be sent', problem)
    const bytes = canonicalJson(toJson(content))
    // Whatever a reader would refuse is not written either.
    decodeContent(bytes)
    return bytes
}
