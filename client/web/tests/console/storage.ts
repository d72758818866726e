/** Keeps what is put into it, as a browser's. */
export function storage(): Storage {
    const kept: Record<string, unknown> = {}
    const give = (name: string, value: unknown): void => void Object.defineProperty(kept, name, { value, enumerable: false })
    give('getItem', (name: string) => (Object.hasOwn(kept, name) ? kept[name] : null))
    give('setItem', (name: string, value: string) => { kept[name] = value })
    give('removeItem', (name: string) => { delete kept[name] })
    return kept as unknown as Storage
}
