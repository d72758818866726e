/** Views that are drawn again only when what they show has changed: a key press must not redraw the queue. */
import type { FunctionComponent } from 'preact'
import { memo } from 'preact/compat'
import type { Place } from '../places'
import type { ConsoleState } from '../state'

interface DrawnProps { readonly state: ConsoleState; readonly place?: Place }

/** `view` shows nothing of the state but these fields. */
export function drawnFrom<Props extends DrawnProps>(fields: readonly (keyof ConsoleState)[], view: FunctionComponent<Props>): FunctionComponent<Props> {
    return memo(view, (before, after) => before.place === after.place && fields.every((field) => before.state[field] === after.state[field]))
}
