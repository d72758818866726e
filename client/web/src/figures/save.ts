/** A file that was fetched with the token, given to the browser to keep. The address lives until it has been read. */
const FORGOTTEN_AFTER_MS = 60_000

export function save(file: Blob, name: string): void {
    const url = URL.createObjectURL(file)
    const link = document.createElement('a')
    link.href = url
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), FORGOTTEN_AFTER_MS)
}
