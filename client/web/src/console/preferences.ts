/** How somebody likes their desk: kept on the device, because it says nothing about anybody's case. */
import { ALL_TOPICS, HEAVY_TOPICS } from './care'
import { DESK_LANGUAGES, type DeskLanguage } from './languages'

const STORED_AS = 'lyhty-desk'

export interface Preferences {
    readonly lettersOn: boolean
    readonly bellOn: boolean
    readonly language: DeskLanguage
    /** The topics whose words are covered at first. */
    readonly warned: ReadonlySet<string>
}

/** Anything that is not there, or is not what it should be, is as the browser's language says or as most people like it. */
export function readPreferences(storage: Storage | null, browserLanguage: string): Preferences {
    const stored = parsed(storage?.getItem(STORED_AS) ?? null)
    const spoken = (text: unknown): DeskLanguage | undefined => DESK_LANGUAGES.find((language) => language === text)
    return {
        lettersOn: stored['lettersOn'] !== false,
        bellOn: stored['bellOn'] !== false,
        warned: new Set(Array.isArray(stored['warned']) ? ALL_TOPICS.filter((topic) => (stored['warned'] as unknown[]).includes(topic)) : HEAVY_TOPICS),
        language: spoken(stored['language']) ?? spoken(browserLanguage.slice(0, 2)) ?? 'fi',
    }
}

export function keepPreferences(storage: Storage | null, { lettersOn, bellOn, language, warned }: Preferences): void {
    try {
        storage?.setItem(STORED_AS, JSON.stringify({ lettersOn, bellOn, language, warned: [...warned] }))
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
