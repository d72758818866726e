/** A code for another device's camera: black on white whatever the theme, with the empty rim that scanners need. */
import { generate } from 'lean-qr'
import { toSvgPath } from 'lean-qr/extras/svg'
import { useMemo } from 'preact/hooks'

const RIM = 4

export function QrCode({ text, label }: { text: string; label: string }) {
    const { size, path } = useMemo(() => {
        const code = generate(text)
        return { size: code.size + 2 * RIM, path: toSvgPath(code) }
    }, [text])
    return (
        <svg class="qr" role="img" aria-label={label} viewBox={`${-RIM} ${-RIM} ${size} ${size}`}>
            <rect class="qr-paper" x={-RIM} y={-RIM} width={size} height={size} />
            <path class="qr-ink" d={path} />
        </svg>
    )
}
