/** Searching while typing: every word must be found, however it is capitalized or accented. Pure. */
const plain = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')

export function isFoundBy(words: string, texts: readonly string[]): boolean {
    const within = plain(texts.join(' '))
    return plain(words).split(/\s+/).every((word) => within.includes(word))
}
