/** Sends what is written; and while a place in braces is still open, which nothing is sent with, brings the writer to it. */
import type { PlaceKey } from '../places'
import type { Session } from '../session'
import { focusUnfilled } from './Unfilled'

export function sendFrom(work: Session, key: PlaceKey): void {
    void work.send(key)
    focusUnfilled()
}
