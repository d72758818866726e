/** What every step of asking for help is given. */
import type { ReporterSession } from '../../session/types'
import type { Action, State, View } from '../state'

export interface StepProps {
    readonly state: State
    readonly session: ReporterSession
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
    readonly onNext: () => void
    readonly onBack: () => void
}
