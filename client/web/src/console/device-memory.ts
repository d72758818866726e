/**
 * What this device remembers for one expert besides drafts: hashes and times, no name and no word. Beside the account,
 * because two experts may share a device.
 */
export class DeviceMemory {
    readonly #storage: Storage | null
    readonly #key: string

    constructor(storage: Storage | null, topic: string, expert: string) {
        this.#storage = storage
        this.#key = `lyhty-${topic}/${expert}`
    }

    /** Null: nothing is there that can be read. */
    read(): Readonly<Record<string, unknown>> | null {
        try {
            const value: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? 'null')
            return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null
        } catch (error) {
            if (error instanceof SyntaxError) return null
            throw error
        }
    }

    write(value: object): void {
        try {
            this.#storage?.setItem(this.#key, JSON.stringify(value))
        } catch (error) {
            // A full storage remembers nothing: whoever asks it later is told so.
            if (!(error instanceof DOMException)) throw error
        }
    }
}
