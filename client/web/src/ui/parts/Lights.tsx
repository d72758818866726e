/** Progress as a string of lights. The words beside it say the same, so it is hidden from screen readers. */
export function Lights({ lit, of }: { lit: number; of: number }) {
    return (
        <ol class="lights" aria-hidden="true">
            {Array.from({ length: of }, (_, index) => <li key={index} class={index < lit ? 'lit' : ''} />)}
        </ol>
    )
}
