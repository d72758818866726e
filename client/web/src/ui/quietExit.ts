/**
 * Makes leaving silent. When all files are here, every page, whatever the person does, asks for an answer that empties
 * the browser's cache of this site, then for the page behind the exit, and holds it in memory. The exit shows it in the
 * place of this one: a browser that goes to another address greets the server first, even when it has the page
 * already. So leaving asks the network for nothing, no file of Lyhty stays on the device, and a second visit looks like
 * a first one. SPEC 6.6
 */
const EMPTIES_CACHE = '/clean'
export const BEHIND = '/bye'
/** A browser may ask for it again at any moment: then it must be there. */
const ICON = '/favicon.svg'

interface Behind {
    readonly page: Document
    readonly style: CSSStyleSheet
    readonly picture: string
}

let behind: Behind | null = null

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
    for (const path of [EMPTIES_CACHE, ICON]) await (await fetch(path)).arrayBuffer()
    const page = await documentAt(BEHIND)
    const style = await new CSSStyleSheet().replace(await (await fetch('/bye.css')).text())
    behind = { page, style, picture: URL.createObjectURL(await (await fetch('/bye.svg')).blob()) }
}

/** The only way to a document from bytes that the content security policy leaves open. */
function documentAt(path: string): Promise<Document> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest()
        request.open('GET', path)
        request.responseType = 'document'
        request.onload = () => (request.responseXML === null ? reject(new TypeError('no document')) : resolve(request.responseXML))
        request.onerror = () => reject(new TypeError('no answer'))
        request.send()
    })
}

/** Puts the page behind the exit in the place of this one. False while it is not here yet. */
export function showBehind(): boolean {
    if (behind === null) return false
    const { page, style, picture } = behind
    for (const link of page.querySelectorAll<HTMLLinkElement>('link')) {
        if (link.rel === 'icon') link.href = picture
        else link.remove()
    }
    for (const image of page.images) image.src = picture
    document.documentElement.lang = page.documentElement.lang
    document.head.replaceWith(document.adoptNode(page.head))
    document.body.replaceWith(document.adoptNode(page.body))
    document.adoptedStyleSheets = [style]
    behind = null
    return true
}
