/** The browser's storage, or null where it keeps nothing for pages: asking is an error there. */
export function deviceStorage(): Storage | null {
    try {
        return localStorage
    } catch (error) {
        if (error instanceof DOMException) return null
        throw error
    }
}
