/** The answer templates that a team wrote itself, as the console shows them, and what is being written of one. Pure. */
import { ANSWER_PARTS } from '@lyhty/crypto/contents'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64encode } from '@lyhty/crypto/encoding'
import type { TemplateContent } from '@lyhty/crypto/room-contents'
import type { AnswerPart, Language } from '../session/types'
import { LANGUAGES } from '../i18n/text'
import type { Template } from './answering/templates'
import { linesIn } from './replies'

/** Of one queue, the removed ones not counted. */
export const MAX_TEMPLATES = 64

/** What is written of a template, in the fields of its form. */
export interface TemplateDraft {
    /** 16 random bytes, base64url; drawn when somebody begins to write it. */
    readonly id: string
    readonly queue: number
    /** The version it changes; 0: there is none yet. */
    readonly version: number
    readonly removed: boolean
    readonly language: Language
    readonly topic: string | null
    readonly title: string
    readonly plain: string
    readonly ticks: string
    readonly parts: Readonly<Partial<Record<AnswerPart, string>>>
}

/** The newest version of one, and who wrote it when. */
export interface TeamTemplate extends TemplateDraft {
    readonly writer: string
    readonly at: number
}

export interface ShelfView {
    readonly templates: readonly TeamTemplate[]
    /** Something was left out, moved, forged or put back; what is shown was verified. */
    readonly alarms: readonly ErrorCode[]
    /** Why nothing of it can be read. */
    readonly unreadable: ErrorCode | null
}

export const newTemplate = (id: Uint8Array, queue: number, language: Language): TemplateDraft =>
    ({ id: b64encode(id), queue, version: 0, removed: false, language, topic: null, title: '', plain: '', ticks: '', parts: {} })

export const draftOf = ({ writer: _writer, at: _at, ...draft }: TeamTemplate): TemplateDraft => draft

/** Why it cannot be saved yet. */
export const lacks = ({ title, parts }: TemplateDraft): 'title' | 'parts' | null =>
    title.trim() === '' ? 'title' : Object.values(parts).every((text) => text.trim() === '') ? 'parts' : null

export function contentOfTemplate(draft: TemplateDraft, template: Uint8Array, at: number): TemplateContent {
    const parts = ANSWER_PARTS.flatMap((part) => {
        const text = (draft.parts[part] ?? '').trim()
        return text === '' ? [] : [{ part, text }]
    })
    const { language, topic, removed, version } = draft
    return {
        type: 'template', at, template, version: version + 1, removed, language, topic, parts,
        title: draft.title.trim(), plain: linesIn(draft.plain), ticks: linesIn(draft.ticks),
    }
}

export function teamTemplate(queue: number, content: TemplateContent, writer: string): TeamTemplate {
    const { at, version, removed, topic, title } = content
    return {
        id: b64encode(content.template), queue, version, removed, topic, title, writer, at,
        language: LANGUAGES.find((language) => language === content.language) ?? 'en',
        plain: content.plain.join('\n'), ticks: content.ticks.join('\n'),
        parts: Object.fromEntries(content.parts.map(({ part, text }) => [part, text])),
    }
}

const isFinnish = (language: Language): boolean => language === 'fi' || language === 'fi-simple'

/** What is offered at a slash to whoever answers a reader of this language: of both kinds of Finnish, their own first. */
export function offered(view: ShelfView | undefined, reader: Language): readonly Template[] {
    const fits = (view?.templates ?? []).filter(({ removed, language }) => !removed && (language === reader || (isFinnish(language) && isFinnish(reader))))
    return fits.toSorted((one, other) => Number(other.language === reader) - Number(one.language === reader))
        .map(({ id, title, topic, plain, ticks, parts, writer, at }) => ({ id, title, find: '', topics: topic === null ? [] : [topic], plain, ticks, parts, team: { writer, at } }))
}

/** A form that was interrupted by a lock, as it was kept; null for anything else. */
export function keptDraft(words: string | undefined): TemplateDraft | null {
    if (words === undefined || words === '') return null
    return JSON.parse(words) as TemplateDraft
}
