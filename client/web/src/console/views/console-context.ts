/** What every view of the console may ask for: work with the desk, and changes of what is shown. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ConsoleEvent, ConsoleState } from '../state'
import type { Duty } from '../duty'
import type { Session } from '../session'

export interface ConsoleTools {
    readonly work: Session
    readonly duty: Duty
    readonly tell: (event: ConsoleEvent) => void
    /** As it is now; what a view was drawn from may be a moment older. */
    readonly current: () => ConsoleState
}

export const ConsoleContext = createContext<ConsoleTools | null>(null)

export function useConsole(): ConsoleTools {
    const tools = useContext(ConsoleContext)
    if (tools === null) throw new Error('a view of the console stands outside the console')
    return tools
}
