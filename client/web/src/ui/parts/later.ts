/**
 * Parts of the program that follow when the page stands: every page fetches them at once, whatever the person does.
 *
 * A failed try is made again in an even rhythm and never by a button, so that no request tells what somebody looks at.
 */
import { useEffect, useState } from 'preact/hooks'

const AGAIN_MS = 4_000

export interface Later<Part> {
    readonly part: Part | null
    readonly failed: boolean
}

export function useLater<Part>(fetchPart: () => Promise<Part>): Later<Part> {
    const [later, setLater] = useState<Later<Part>>({ part: null, failed: false })
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined
        const start = () => {
            fetchPart().then((part) => setLater({ part, failed: false }), () => {
                setLater({ part: null, failed: true })
                timer = setTimeout(start, AGAIN_MS)
            })
        }
        start()
        return () => clearTimeout(timer)
    }, [])
    return later
}
