/** A group of options: one of them (radio) or any of them (tick-box), as cards or as chips. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export interface Option<Value extends string> {
    readonly value: Value
    readonly label: ComponentChildren
}

interface ChoiceProps<Value extends string> {
    readonly legend: ComponentChildren
    readonly legendHidden?: boolean
    readonly hint?: string
    readonly options: readonly Option<Value>[]
    readonly chosen: readonly Value[]
    readonly many?: boolean
    readonly chips?: boolean
    readonly onChoose: (value: Value, chosen: boolean) => void
}

export function Choice<Value extends string>({ legend, legendHidden = false, hint, options, chosen, many = false, chips = false, onChoose }: ChoiceProps<Value>) {
    const name = useId()
    return (
        <fieldset class="stack tight" aria-describedby={hint ? `${name}-hint` : undefined}>
            <legend class={legendHidden ? 'only-heard' : ''}>{legend}</legend>
            {hint && <p class="soft small" id={`${name}-hint`}>{hint}</p>}
            <div class={chips ? 'chips' : 'choices'}>
                {options.map(({ value, label }) => (
                    <label class="choice" key={value} data-choice={value}>
                        <input
                            type={many ? 'checkbox' : 'radio'}
                            name={name}
                            autocomplete="off"
                            checked={chosen.includes(value)}
                            onChange={(event) => onChoose(value, event.currentTarget.checked)}
                        />
                        <span><span>{label}</span></span>
                    </label>
                ))}
            </div>
        </fieldset>
    )
}
