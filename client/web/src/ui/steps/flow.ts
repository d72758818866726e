/** What every step of asking for help is given. */
import type { ReporterSession } from '../../session/types'
import type { LaterViews } from '../later'
import type { Action, State, View } from '../state'

export interface StepProps {
    readonly state: State
    readonly session: ReporterSession
    /** What follows the first load, once it is here. */
    readonly later: LaterViews | null
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
    readonly onNext: () => void
    readonly onBack: () => void
}
