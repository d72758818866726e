/** The exit: always in sight, works at once; three presses of Shift do the same, and the lights count them. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { Announcer } from './Announcer'
import { Lights } from './Lights'
import { useWords } from './words'

/** How to leave at once, for what stands above the page: a dialog makes the page behind it deaf. */
export const ExitContext = createContext<(() => void) | null>(null)

/** The exit again, inside a dialog. */
export function DialogExit() {
    const { t } = useWords()
    const exit = useContext(ExitContext)
    return exit && <button type="button" class="exit-button in-dialog" data-action="exit" onClick={exit}>{t('exit.button')}</button>
}

export function Exit({ presses, onExit }: { presses: number; onExit: () => void }) {
    const { t } = useWords()
    return (
        <div class="exit">
            <button type="button" class="exit-button" data-action="exit" aria-describedby="exit-hint" onClick={onExit}>
                <span>{t('exit.button')}</span>
                <span class={presses > 0 ? 'exit-lights counting' : 'exit-lights'}><Lights lit={presses} of={3} /></span>
            </button>
            <span id="exit-hint" class="only-heard">{t('exit.hint')}</span>
            <Announcer>{presses > 0 ? t('exit.pressMore', { count: 3 - presses }) : ''}</Announcer>
        </div>
    )
}
