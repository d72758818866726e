/** One value, changed by events through one pure function, and whoever listens to it. */
export interface Store<State, Event> {
    readonly state: () => State
    readonly tell: (event: Event) => void
    readonly listen: (listener: (state: State) => void) => () => void
}

export function createStore<State, Event>(first: State, next: (state: State, event: Event) => State): Store<State, Event> {
    let state = first
    const listeners = new Set<(state: State) => void>()
    return {
        state: () => state,
        tell: (event) => {
            state = next(state, event)
            listeners.forEach((listener) => listener(state))
        },
        listen: (listener) => {
            listeners.add(listener)
            listener(state)
            return () => listeners.delete(listener)
        },
    }
}
