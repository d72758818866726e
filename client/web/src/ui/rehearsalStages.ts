/** What a class that practices does next, and which sentence tells it so: pure. */
import type { View } from './state'

export type Stage = 'intro' | 'tell' | 'keep' | 'sent' | 'wait' | 'read' | 'leave' | 'back' | 'erase' | 'end'

export interface MadeUpCase {
    readonly isThere: boolean
    readonly isAnswered: boolean
    /** The class has written back, and was told more. */
    readonly isFollowedUp: boolean
    readonly hasComeBack: boolean
}

export function stageOf(view: View, { isThere, isAnswered, isFollowedUp, hasComeBack }: MadeUpCase): Stage {
    switch (view) {
        case 'phrase':
        case 'practice':
            return 'keep'
        case 'sending':
        case 'sent':
            return 'sent'
        case 'case':
            return hasComeBack ? 'erase' : isFollowedUp ? 'leave' : isAnswered ? 'read' : 'wait'
        case 'erased':
            return 'end'
        case 'home':
            return isThere ? 'back' : 'intro'
        case 'continue':
            return 'back'
        default:
            return 'tell'
    }
}
