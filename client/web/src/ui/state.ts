/**
 * What the reporter's pages show, and when leaving a page would lose something.
 *
 * A pure reducer: no DOM, no session, no clock. Nothing in it is ever written to the device.
 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { LinkedHalf } from '../session/link'
import type { Connection, Draft, Language, Service } from '../session/types'

export const ASK_STEPS = ['device', 'danger', 'what', 'help', 'who-reads', 'phrase', 'practice'] as const
/** What there is to learn, each a view of its own. */
export const LESSONS = ['pictures', 'bullying'] as const
export type AskStep = (typeof ASK_STEPS)[number]
export type LessonView = `lesson-${(typeof LESSONS)[number]}`
export type View = 'home' | LessonView | AskStep | 'sending' | 'sent' | 'continue' | 'copy' | 'case' | 'erased' | 'stop' | 'rehearsal'

/** SPEC 4.4: longer texts and lists are refused by every reader. */
export const TEXT_CODE_POINTS = 10_000
const SERVICES_AT_MOST = 8

/** What would be gone: an unsent text, an unsaved phrase, or the open case, which needs the phrase again. */
export type Loss = 'text' | 'phrase' | 'case'

export interface State {
    readonly view: View
    readonly draft: Draft
    readonly phrase: readonly number[] | null
    /** What the address brought along of a phrase. */
    readonly linked: LinkedHalf
    /** The person has said that the phrase is saved, or chose to go on without it. */
    readonly saved: boolean
    readonly caseOpen: boolean
    /** The composer of the open case holds words that have not arrived. */
    readonly writing: boolean
    readonly leavingFor: View | null
    readonly stopCode: ErrorCode | null
    readonly clockOff: boolean
    readonly connection: Connection
}

export type Action =
    | { readonly type: 'fill'; readonly part: Partial<Draft> }
    | { readonly type: 'service'; readonly service: Service; readonly chosen: boolean }
    | { readonly type: 'draw'; readonly phrase: readonly number[] }
    | { readonly type: 'save' }
    | { readonly type: 'go'; readonly to: View }
    | { readonly type: 'pop'; readonly to: View }
    | { readonly type: 'stay' | 'leave' | 'sent' | 'resumed' | 'erased' | 'clock-off' }
    | { readonly type: 'writing'; readonly on: boolean }
    | { readonly type: 'stop'; readonly code: ErrorCode }
    | { readonly type: 'connection'; readonly connection: Connection }

const isLesson = (view: View): view is LessonView => view.startsWith('lesson-')

const emptyDraft = (language: Language, school: string | null): Draft => ({
    text: '', topic: null, services: [], role: null, age: null, device: null, inDanger: null, help: null, school, language,
})

/** Who comes by a link begins where the rest of the phrase is asked for; a lesson, where it is practiced. */
export const begin = (language: Language, linked: LinkedHalf = null, school: string | null = null, practices = false): State => ({
    view: practices ? 'rehearsal' : linked === null ? 'home' : 'continue', linked, draft: emptyDraft(language, school), phrase: null, saved: false, caseOpen: false, writing: false,
    leavingFor: null, stopCode: null, clockOff: false, connection: 'connecting',
})

export const isAskStep = (view: View): view is AskStep => (ASK_STEPS as readonly View[]).includes(view)

/** The ask step `offset` after `view`; what follows the last one is sending. */
export function stepFrom(view: AskStep, offset: 1 | -1): View {
    const index = ASK_STEPS.indexOf(view) + offset
    return ASK_STEPS[index] ?? (offset === 1 ? 'sending' : 'home')
}

/** What the person would lose by closing the page now. */
export function unsaved(state: State): Loss | null {
    if (state.writing) return 'text'
    if (!state.caseOpen) return state.draft.text.trim() === '' ? null : 'text'
    return state.phrase !== null && !state.saved ? 'phrase' : null
}

/** What the person would lose by going to `to`. Moving between the ask steps loses nothing. */
export function lossOfGoing(state: State, to: View): Loss | null {
    const amongSteps = isAskStep(state.view) && (isAskStep(to) || to === 'sending')
    const backToWords = state.view === 'sending' && to === 'what'
    return amongSteps || backToWords || to === 'case' || to === 'sent' ? null : unsaved(state)
}

/** A browser's Back button is easily hit by accident: it never closes an open case unasked. */
function lossOfPopping(state: State, to: View): Loss | null {
    if (state.view === 'sending' && to !== 'sent') return 'text'
    const loss = lossOfGoing(state, to)
    return loss ?? (state.caseOpen && to !== 'case' && to !== 'sent' ? 'case' : null)
}

/** The view a wish leads to: steps whose ground is gone lead home. */
function reachable(state: State, to: View): View {
    if (to === 'case' || to === 'sent') return state.caseOpen ? to : 'home'
    const needsText = to === 'who-reads' || to === 'phrase' || to === 'practice' || to === 'help' || to === 'sending'
    return needsText && state.draft.text.trim() === '' ? 'home' : to
}

/** Everything the person has told, gone; the language, the poster's school and the state of the line stay. */
const forgotten = (state: State, view: View): State => ({
    ...begin(state.draft.language, null, state.draft.school), view, clockOff: state.clockOff, connection: state.connection,
})

function move(state: State, wish: View): State {
    const to = reachable(state, wish)
    const leavesFlow = !isAskStep(to) && to !== 'sending' && to !== 'sent' && to !== 'case'
    const startsAnew = to === 'device' && !isAskStep(state.view)
    return leavesFlow || startsAnew ? forgotten(state, to) : { ...state, view: to, leavingFor: null }
}

export function reduce(state: State, action: Action): State {
    if (state.stopCode !== null && action.type !== 'fill') return state
    switch (action.type) {
        case 'fill': return { ...state, draft: { ...state.draft, ...action.part } }
        case 'service': {
            const others = state.draft.services.filter((service) => service !== action.service)
            const services = action.chosen ? [...others, action.service].slice(-SERVICES_AT_MOST) : others
            return { ...state, draft: { ...state.draft, services } }
        }
        case 'draw': return { ...state, phrase: action.phrase, saved: false }
        case 'save': return { ...state, saved: true }
        case 'go': return lossOfGoing(state, action.to) === null ? move(state, action.to) : { ...state, leavingFor: action.to }
        case 'pop': return lossOfPopping(state, action.to) === null ? move(state, action.to) : { ...state, leavingFor: action.to }
        case 'stay': return { ...state, leavingFor: null }
        case 'leave': {
            const to = state.leavingFor ?? 'home'
            return forgotten(state, isLesson(to) || to === 'rehearsal' || to === 'continue' || to === 'copy' || to === 'device' ? to : 'home')
        }
        case 'sent': return { ...state, view: 'sent', caseOpen: true, leavingFor: null, draft: { ...state.draft, text: '' } }
        case 'resumed': return { ...state, view: 'case', caseOpen: true, leavingFor: null }
        case 'erased': return forgotten(state, 'erased')
        case 'writing': return { ...state, writing: action.on }
        case 'stop': return { ...forgotten(state, 'stop'), stopCode: action.code }
        case 'clock-off': return { ...state, clockOff: true }
        case 'connection': return { ...state, connection: action.connection }
    }
}
