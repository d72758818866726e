/** That the number of the school, from the poster, goes along sealed; one tap takes it away. */
import { useState } from 'preact/hooks'
import { Announcer } from './Announcer'
import { Button } from './Button'
import { useWords } from './words'

export function SchoolNote({ school, onTakeAway }: { school: string | null; onTakeAway: () => void }) {
    const { t } = useWords()
    const [taken, setTaken] = useState(false)
    if (school === null && !taken) return null
    return (
        <section class="card plain stack tight" data-part="school">
            {school !== null && (
                <>
                    <h2>{t('school.title')}</h2>
                    <p>{t('school.text', { school })}</p>
                    <p>{t('school.sealed')}</p>
                    <div><Button action="no-school" onPress={() => { setTaken(true); onTakeAway() }}>{t('school.takeAway')}</Button></div>
                </>
            )}
            <Announcer shown>{school === null && <p>{t('school.gone')}</p>}</Announcer>
        </section>
    )
}
