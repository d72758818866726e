/**
 * What makes, opens and keeps a case is no part of the first load: the views that lead to a case come in a later file that
 * every page fetches, and bring it.
 */
import type { CASE_PARTS } from './cases.ts'
import { SessionFailure } from './failure.ts'

type CaseParts = typeof CASE_PARTS

let parts: CaseParts | null = null

export function provideCases(provided: CaseParts): void {
    parts = provided
}

export function caseParts(): CaseParts {
    if (parts === null) throw new SessionFailure('connection-lost')
    return parts
}
