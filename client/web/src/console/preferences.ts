/** How somebody likes their desk: kept on the device, because it says nothing about anybody's case. */
import { DESK_LANGUAGES, type DeskLanguage } from './languages'

const STORED_AS = 'lyhty-desk'

export interface Preferences {
    readonly lettersOn: boolean
    readonly bellOn: boolean
    readonly language: DeskLanguage
}

/** Anything that is not there, or is not what it should be, is as the browser's language says or as most people like it. */
export function readPreferences(storage: Storage | null, browserLanguage: string): Preferences {
    const stored = parsed(storage?.getItem(STORED_AS) ?? null)
    const spoken = (text: unknown): DeskLanguage | undefined => DESK_LANGUAGES.find((language) => language === text)
    return {
        lettersOn: stored['lettersOn'] !== false,
        bellOn: stored['bellOn'] !== false,
        language: spoken(stored['language']) ?? spoken(browserLanguage.slice(0, 2)) ?? 'fi',
    }
}

export function keepPreferences(storage: Storage | null, { lettersOn, bellOn, language }: Preferences): void {
    try {
        storage?.setItem(STORED_AS, JSON.stringify({ lettersOn, bellOn, language }))
    } catch (error) {
        // A full storage costs a habit, nothing else.
        if (!(error instanceof DOMException)) throw error
    }
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
    try {
        const value: unknown = JSON.parse(text ?? '{}')
        return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
    } catch (error) {
        if (error instanceof SyntaxError) return {}
        throw error
    }
}
