/** Things to do, each with a box to tick. */
interface TicksProps {
    readonly name: string
    readonly lines: readonly string[]
    readonly done: ReadonlySet<string>
    readonly onTick: (key: string, on: boolean) => void
}

export function Ticks({ name, lines, done, onTick }: TicksProps) {
    return (
        <>
            {lines.map((line, nth) => {
                const key = `${name} ${nth}`
                return (
                    <label key={key} class="choice tick">
                        <input type="checkbox" autocomplete="off" checked={done.has(key)} onChange={(event) => onTick(key, event.currentTarget.checked)} />
                        <span><span dir="auto">{line}</span></span>
                    </label>
                )
            })}
        </>
    )
}
