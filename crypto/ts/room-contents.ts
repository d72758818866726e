/** What experts write where no reporter reads, as canonical JSON with a closed set of fields. SPEC 3.6 */
import { areLines, isIdentifier, isLine, isOptional, readParts } from './contents.ts'
import type { AnswerContent } from './contents.ts'
import { b64encode, canonicalJson, parseCanonicalJson } from './encoding.ts'
import type { Json } from './encoding.ts'
import type { ErrorCode } from './codes.ts'
import { MalformedError } from './errors.ts'
import { readFields } from './fields.ts'
import type { FieldReader } from './fields.ts'
import { asCaseId, asHash } from './ids.ts'
import type { RoomId } from './ids.ts'

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
export type RoomContent = ShelfContent | TemplateContent

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
