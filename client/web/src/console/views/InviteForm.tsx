/** What a coordinator says of somebody they invite, for any queue: one whose keys they lack gets new ones. SPEC 9.7 */
import type { Offer } from '@lyhty/crypto/invitations'
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { QUEUES } from '../places'
import { professionKey } from './queue-names'

const LANGUAGES: readonly string[] = ['fi', 'sv', 'en', 'se', 'ar', 'et', 'fa', 'ru', 'so', 'uk']

interface InviteFormProps {
    /** Those whose keys the coordinator has. */
    readonly ownQueues: readonly number[]
    readonly isBusy: boolean
    /** Whether it was made. */
    readonly onInvite: (offer: Offer) => Promise<boolean>
}

export function InviteForm({ ownQueues, isBusy, onInvite }: InviteFormProps) {
    const { t, language } = useWords()
    const [name, setName] = useState('')
    const [chosen, setChosen] = useState<readonly number[]>([])
    const [spoken, setSpoken] = useState<readonly string[]>(['fi'])
    const [coordinator, setCoordinator] = useState(false)
    const [isIncomplete, setIncomplete] = useState(false)
    const id = useId()
    const named = new Intl.DisplayNames([language === 'fi-simple' ? 'fi' : language], { type: 'language' })
    const toggled = <T,>(list: readonly T[], item: T): readonly T[] => (list.includes(item) ? list.filter((one) => one !== item) : [...list, item].toSorted())
    const invite = async (): Promise<void> => {
        const offer: Offer = { name: name.trim(), queues: chosen, languages: spoken.slice(0, 8), coordinator }
        const isWhole = offer.name !== '' && offer.queues.length > 0
        setIncomplete(!isWhole)
        if (!isWhole || !await onInvite(offer)) return
        setName('')
        setChosen([])
        // The next one is no coordinator unless somebody means it.
        setCoordinator(false)
    }
    return (
        <form class="stack tight" data-part="invite" onSubmit={(event) => { event.preventDefault(); void invite() }}>
            <h3>{t('console.people.invite')}</h3>
            <div class="field">
                <label for={`${id}-name`}>{t('console.people.name')}</label>
                <p class="soft small" id={`${id}-hint`}>{t('console.people.nameHint')}</p>
                <input {...PRIVATE_FIELD} id={`${id}-name`} class="input" data-field="invited-name" maxLength={200} aria-describedby={`${id}-hint`} aria-invalid={isIncomplete && name.trim() === ''} value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
            <fieldset class="choices"><legend>{t('console.people.profession')}</legend>
                {QUEUES.map((queue) => (
                    <label class="choice" key={queue}>
                        <input type="checkbox" autocomplete="off" data-queue={queue} checked={chosen.includes(queue)} onChange={() => setChosen(toggled(chosen, queue))} />
                        <span><span>{t(professionKey(queue))}</span></span>
                    </label>
                ))}
                {chosen.some((queue) => !ownQueues.includes(queue)) && <p class="soft small" data-part="without-keys">{t('console.people.withoutKeys')}</p>}
            </fieldset>
            <fieldset class="choices"><legend>{t('console.people.languages')}</legend>
                {LANGUAGES.map((one) => (
                    <label class="choice" key={one}>
                        <input type="checkbox" autocomplete="off" data-language={one} checked={spoken.includes(one)} onChange={() => setSpoken(toggled(spoken, one))} />
                        <span><span>{one === 'se' ? t('console.people.sami') : named.of(one) ?? one}</span></span>
                    </label>
                ))}
            </fieldset>
            <label class="choice">
                <input type="checkbox" autocomplete="off" data-field="coordinator" checked={coordinator} onChange={(event) => setCoordinator(event.currentTarget.checked)} />
                <span><span>{t('console.people.asCoordinator')}</span></span>
            </label>
            {isIncomplete && <p role="alert">{t('console.people.incomplete')}</p>}
            <div class="actions"><Button action="invite" kind="lead" submits off={isBusy}>{t('console.people.makeLink')}</Button></div>
        </form>
    )
}
