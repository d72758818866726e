/**
 * Makes leaving silent. When all files are here, every page, whatever the person does, asks for an answer that empties
 * the browser's cache of this site, then for the page behind the exit, which the browser keeps: so the exit asks the
 * network for nothing, no file of Lyhty stays on the device, and a second visit looks like a first one. SPEC 6.6
 */
const EMPTIES_CACHE = '/clean'
const BEHIND_THE_EXIT = ['/bye', '/bye.css', '/bye.svg'] as const
/** A browser may ask for it again at any moment: then it must be there. */
const ICON = '/favicon.svg'

export async function prepareExit(): Promise<void> {
    // There the page stops anyway, and browsers refuse to empty anything.
    if (!isSecureContext) return
    await Promise.all([
        import('./later'),
        new Promise((loaded) => {
            if (document.readyState === 'complete') loaded(null)
            else addEventListener('load', loaded, { once: true })
        }),
    ])
    for (const path of [EMPTIES_CACHE, ICON, ...BEHIND_THE_EXIT]) await (await fetch(path)).arrayBuffer()
}
