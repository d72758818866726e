/**
 * Starting templates for answers: what there is for a topic, a profession and a reader's language. Pure.
 *
 * A template has a text for each part of an answer and for its top layer. A psychologist gets no legal assessment from it,
 * and their own words where the file has some.
 */
import { ANSWER_PARTS } from '@lyhty/crypto/contents'
import type { AnswerPart, Language, Profession } from '../../session/types'
import type { DeskLanguage } from '../languages'
import type { ReplyDraft } from '../state'
import { filled, type Values } from '../variables'
import { isFoundBy } from './searching'

type Texts = Readonly<Partial<Record<AnswerPart, string>>>

/** One template in one language, as its file has it. */
export interface WrittenTemplate {
    readonly title: string
    /** Other words somebody may look for it by. */
    readonly find: string
    readonly plain: readonly string[]
    readonly ticks: readonly string[]
    readonly parts: Texts
    readonly psychologist: Texts
}
export type TemplateFile = Readonly<Record<string, WrittenTemplate>>
export type TemplateFiles = Readonly<Record<Language, TemplateFile>>

export interface Template {
    readonly id: string
    readonly title: string
    readonly find: string
    readonly plain: string
    readonly ticks: string
    readonly parts: Texts
    /** For which it is offered first. */
    readonly topics: readonly string[]
    /** Of one that the team wrote itself: who changed it last, and when. */
    readonly team?: { readonly writer: string; readonly at: number }
}

/** For which topics a template is offered first. */
export const TEMPLATE_TOPICS: Readonly<Record<string, readonly string[]>> = {
    'sexual-image-shared': ['picture-shared'],
    'sextortion': ['blackmail'],
    'group-chat-bullying': ['bullying', 'left-out'],
    'hate': ['bullying', 'disturbing'],
    'fake-account': ['fake-profile'],
    'stolen-account': ['account-taken'],
    'scam': ['scam'],
    'grooming': ['adult-contact'],
    'violence-threat': ['threats'],
    'address-shared': ['threats', 'disturbing'],
    'ai-image': ['picture-shared', 'fake-profile'],
    'staff-harassed': ['threats', 'bullying', 'fake-profile'],
    'self-harm': ['disturbing', 'other'],
    'left-out': ['left-out'],
}

/** Everything there is for a profession: titles as the desk speaks, texts as the reader does. */
export function templatesFor(files: TemplateFiles, profession: Profession, reader: Language, desk: DeskLanguage): readonly Template[] {
    return Object.entries(files[reader]).map(([id, { title, find, plain, ticks, parts, psychologist }]) => {
        const shown = files[desk][id] ?? { title, find }
        const { legal: _, ...withoutLaw } = parts
        return {
            id, topics: TEMPLATE_TOPICS[id] ?? [], title: shown.title, find: `${shown.find} ${title} ${find}`, plain: plain.join('\n'), ticks: ticks.join('\n'),
            parts: profession === 'lawyer' ? parts : { ...withoutLaw, ...psychologist },
        }
    })
}

/** Those that have something for this part, the ones of the topic first. */
export function searchTemplates(all: readonly Template[], part: AnswerPart, words: string, topic: string | null): readonly Template[] {
    const found = all.filter(({ title, find, parts }) => parts[part] !== undefined && isFoundBy(words, [title, find]))
    const isOfTopic = ({ topics }: Template): boolean => topic !== null && topics.includes(topic)
    return [...found.filter(isOfTopic), ...found.filter((template) => !isOfTopic(template))]
}

/** The part begins with the template's text; with `whole`, everything else that is still empty is filled in too. */
export function withTemplate(draft: ReplyDraft, template: Template, part: AnswerPart, values: Values, whole: boolean): ReplyDraft {
    const written = (draft.parts[part] ?? '').trim()
    const inserted = filled(template.parts[part] ?? '', values)
    const parts = { ...draft.parts, [part]: written === '' ? inserted : `${inserted}\n${written}` }
    if (!whole) return { ...draft, parts }
    for (const other of ANSWER_PARTS) {
        const text = template.parts[other]
        if (text !== undefined && (parts[other] ?? '').trim() === '') parts[other] = filled(text, values)
    }
    const kept = (now: string, text: string): string => (now.trim() === '' ? filled(text, values) : now)
    return { ...draft, parts, plain: kept(draft.plain, template.plain), ticks: kept(draft.ticks, template.ticks) }
}
