/** Eight places that fill with pictures; a tap on one takes it away. */
import { PHRASE_LENGTH } from '../entry'
import { wordOf } from '../pictures'
import { Picture } from './Picture'
import { useWords } from './words'

export function EntrySlots({ chosen, onRemove, off }: { chosen: readonly number[]; onRemove: (position: number) => void; off: boolean }) {
    const { t, language } = useWords()
    const places = Math.max(PHRASE_LENGTH, chosen.length)
    return (
        <ol class="slots">
            {Array.from({ length: places }, (_, position) => {
                const index = chosen[position]
                const excess = position >= PHRASE_LENGTH
                return (
                    <li key={position} class={index === undefined ? 'slot' : excess ? 'slot full excess' : 'slot full'} data-slot={position}>
                        {index === undefined
                            ? <span class="slot-number"><span class="only-heard">{t('continue.position', { number: position + 1 })}</span><span aria-hidden="true">{position + 1}</span></span>
                            : (
                                <button
                                    type="button" class="slot-button" data-action="remove" disabled={off}
                                    aria-label={`${position + 1}. ${t('continue.removeWord', { word: wordOf(index, language) })}`} onClick={() => onRemove(position)}
                                >
                                    <Picture index={index} />
                                    <span class="slot-word" aria-hidden="true">{wordOf(index, language)}</span>
                                </button>
                            )}
                    </li>
                )
            })}
        </ol>
    )
}
