/** Why signing in takes as long as it does. */
import { useWords } from '../../ui/parts/words'
import type { ConsoleState } from '../state'

export function SignInProgress({ state }: { state: ConsoleState }) {
    const { t } = useWords()
    const { working, percent } = state.signIn
    const heard = percent === null ? t('console.signIn.working') : t('console.signIn.workHeard')
    return (
        <>
            {working && percent !== null && <p class="soft" data-part="work" aria-hidden="true">{t('console.signIn.work', { percent })}</p>}
            <p class="only-heard" role="status">{working ? heard : ''}</p>
        </>
    )
}
