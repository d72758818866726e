/** What experts write where no reporter reads, as canonical JSON with a closed set of fields. SPEC 3.6, 3.7 */
import { areLines, decodeContent, encodeContent, isIdentifier, isLine, isOptional, isText, readParts } from './contents.ts'
import type { AnswerContent, ChatContent, ReceiptContent } from './contents.ts'
import { b64encode, canonicalJson, parseCanonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import type { ErrorCode } from './codes.ts'
import { MalformedError } from './errors.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { asCaseId, asHash, asHead } from './ids.ts'
import type { Head, RoomId } from './ids.ts'

/** Where a shelf stood before its key was changed: opens what was written there, and says where it ends. */
export interface ShelfBefore {
    readonly room: RoomId
    readonly key: Uint8Array
    /** Of the writings that count. */
    readonly count: number
    /** A hash of their heads, in their order. */
    readonly end: Uint8Array
}
/** The first writing under every key of a shelf. */
export interface ShelfContent {
    readonly type: 'shelf'
    readonly at: number
    readonly before: ShelfBefore | null
}
/** One version of a team's answer template; the next one follows it, and nothing is overwritten. */
export interface TemplateContent {
    readonly type: 'template'
    readonly at: number
    /** 16 random bytes, the same in all versions. */
    readonly template: Uint8Array
    /** From 1. */
    readonly version: number
    readonly removed: boolean
    readonly language: string
    readonly title: string
    readonly topic: string | null
    readonly plain: readonly string[]
    readonly ticks: readonly string[]
    readonly parts: AnswerContent['parts']
}
/** What stands on a shelf. */
export type RoomContent = ShelfContent | TemplateContent

export const DUTY_ANSWERS = ['yes', 'no', 'at-once'] as const
/** What a holder says of one step of a duty; null takes it back. */
export interface DutyContent {
    readonly type: 'duty'
    readonly at: number
    readonly duty: string
    readonly step: string
    readonly answer: (typeof DUTY_ANSWERS)[number] | null
}
/** A holder asks for a second pair of eyes before a notice to an authority, in words of their own. */
export interface NoticeContent {
    readonly type: 'notice'
    readonly at: number
    readonly duty: string
    readonly reason: string
}
/** Another expert's answer to exactly that request. */
export interface SeenContent {
    readonly type: 'seen'
    readonly at: number
    readonly notice: Head
    readonly agree: boolean
    /** Why not. */
    readonly reason: string | null
}
/** What stands in notes and consultations. */
export type AsideContent = ChatContent | ReceiptContent | DutyContent | NoticeContent | SeenContent

const asTemplateId = (bytes: Uint8Array, code: ErrorCode): Uint8Array => {
    if (bytes.length !== 16) throw new MalformedError('a template id needs 16 bytes', code)
    return bytes
}

const readBefore = (fields: FieldReader): ShelfBefore => ({
    room: fields.bytes('room', asCaseId) as RoomId,
    key: fields.bytes('key', asHash),
    count: fields.u32('count'),
    end: fields.bytes('end', asHash),
})

function read(fields: FieldReader): RoomContent {
    const type = fields.oneOf('type', ['shelf', 'template'] as const)
    switch (type) {
        case 'shelf': {
            const before = fields.any('before')
            return { type, at: fields.count('at'), before: before === null ? null : readFields(before, 'envelope-malformed', readBefore) }
        }
        case 'template':
            return {
                type,
                at: fields.count('at'),
                template: fields.bytes('template', asTemplateId),
                version: fields.u32('version'),
                removed: fields.flag('removed'),
                language: fields.checked('language', isIdentifier),
                title: fields.checked('title', isLine),
                topic: fields.checked('topic', isOptional),
                plain: fields.checked('plain', areLines),
                ticks: fields.checked('ticks', areLines),
                parts: readParts(fields),
            }
    }
}

export const decodeRoomContent = (bytes: Uint8Array): RoomContent =>
    readFields(parseCanonicalJson(bytes, 'envelope-malformed'), 'envelope-malformed', read)

function toJson(content: RoomContent): Json {
    switch (content.type) {
        case 'shelf': {
            const { before } = content
            if (before === null) return { ...content, before }
            const { room, key, count, end } = before
            return { ...content, before: { room: b64encode(room), key: b64encode(key), count, end: b64encode(end) } }
        }
        case 'template':
            return { ...content, template: b64encode(content.template), parts: content.parts.map(({ part, text }) => ({ part, text })) }
    }
}

/** What a reader would refuse is not written. */
export function encodeRoomContent(content: RoomContent): Uint8Array {
    const bytes = canonicalJson(toJson(content))
    decodeRoomContent(bytes)
    return bytes
}

const isAnswer = (value: Json): value is DutyContent['answer'] =>
    value === null || (DUTY_ANSWERS as readonly Json[]).includes(value)
const isTextOrNull = (value: Json): value is string | null => value === null || isText(value)

function readAside(fields: FieldReader): DutyContent | NoticeContent | SeenContent {
    const type = fields.oneOf('type', ['duty', 'notice', 'seen'] as const)
    const at = fields.count('at')
    switch (type) {
        case 'duty':
            return { type, at, duty: fields.checked('duty', isIdentifier), step: fields.checked('step', isIdentifier), answer: fields.checked('answer', isAnswer) }
        case 'notice':
            return { type, at, duty: fields.checked('duty', isIdentifier), reason: fields.checked('reason', isText) }
        case 'seen': {
            const seen = { type, at, notice: fields.bytes('notice', asHead), agree: fields.flag('agree'), reason: fields.checked('reason', isTextOrNull) }
            if (seen.agree !== (seen.reason === null)) throw new MalformedError('who does not agree says why, and nobody else does')
            return seen
        }
    }
}

export function decodeAside(bytes: Uint8Array): AsideContent {
    const value = parseCanonicalJson(bytes, 'envelope-malformed')
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : null
    if (type !== 'chat' && type !== 'receipt') return readFields(value, 'envelope-malformed', readAside)
    const content = decodeContent(bytes)
    if (content.type !== 'chat' && content.type !== 'receipt') throw new MalformedError('no such content of a room')
    return content
}

/** What a reader would refuse is not written. */
export function encodeAside(content: AsideContent): Uint8Array {
    if (content.type === 'chat' || content.type === 'receipt') return encodeContent(content)
    const bytes = canonicalJson(content.type === 'seen' ? { ...content, notice: b64encode(content.notice) } : { ...content })
    decodeAside(bytes)
    return bytes
}
