/** The name one signs in with, and a password, twice. */
import type { Offer } from '@lyhty/crypto/invitations'
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Heading } from '../../ui/parts/Heading'
import { useWords } from '../../ui/parts/words'
import { LAWYER } from '../places'
import { NewPasswordFields, problemOfPassword, type WrongPassword } from './NewPasswordFields'

type Wrong = 'name' | WrongPassword | null

export function JoinForm({ offer, nameTaken, onMake }: { offer: Offer; nameTaken: boolean; onMake: (name: string, password: string) => void }) {
    const { t } = useWords()
    const [name, setName] = useState('')
    const [password, setPassword] = useState('')
    const [again, setAgain] = useState('')
    const [wrong, setWrong] = useState<Wrong>(null)
    const id = useId()
    const submit = (): void => {
        const found: Wrong = name.trim() === '' ? 'name' : problemOfPassword(password, again)
        setWrong(found)
        if (found === null) onMake(name, password)
    }
    const professions = offer.queues.map((queue) => t(queue === LAWYER ? 'console.people.lawyer' : 'console.people.psychologist')).join(', ')
    return (
        <form class="stack" onSubmit={(event) => { event.preventDefault(); submit() }}>
            <Heading>{t('console.join.welcome', { name: offer.name })}</Heading>
            <p>{t('console.join.welcomeText', { professions })}</p>
            {nameTaken && <p role="alert" class="card alarm">{t('console.join.nameTaken')}</p>}
            <div class="field">
                <label for={`${id}-name`}>{t('console.join.name')}</label>
                <p class="soft small" id={`${id}-name-hint`}>{t('console.join.nameHint')}</p>
                <input id={`${id}-name`} class="input" data-field="name" autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={200} aria-describedby={`${id}-name-hint`} aria-invalid={wrong === 'name'} value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
            <NewPasswordFields labels={{ password: 'console.join.password', again: 'console.join.again' }} password={password} again={again} wrong={wrong} onPassword={setPassword} onAgain={setAgain} />
            {wrong !== null && <p role="alert">{t(`console.join.wrong.${wrong}`)}</p>}
            <Button action="make" kind="lead" large submits>{t('console.join.make')}</Button>
        </form>
    )
}
