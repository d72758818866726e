/** Whose figures one may look at, found by name: a county has a thousand schools. */

export interface Mine { readonly id: string; readonly kind: string; readonly name: string }

/** So many can be chosen from one list. */
export const FEW = 30
/** So many of more are shown at once, below the field that narrows them down. */
export const SHOWN_AT_ONCE = 12

/** Whose name, or a word of it, begins with what was typed; in the given order. */
export function found(mine: readonly Mine[], typed: string): readonly Mine[] {
    const sought = folded(typed).split(' ').filter((word) => word !== '')
    return mine.filter(({ name }) => {
        const words = folded(name).split(/[^\p{L}\p{N}]+/u)
        return sought.every((one) => words.some((word) => word.startsWith(one)))
    })
}

const folded = (text: string): string => text.trim().toLocaleLowerCase('fi')

/** Of the same kind as the one before or another: where a heading comes. */
export function byKind(mine: readonly Mine[]): ReadonlyMap<string, readonly Mine[]> {
    const kinds = new Map<string, Mine[]>()
    for (const one of mine) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one])
    return kinds
}
