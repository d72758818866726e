/** The console as a whole: signing in, then the desk, in the chosen language. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { InLanguage } from '../../ui/parts/words'
import type { DeviceCode } from '../device-code'
import type { Session } from '../session'
import { hasUnsent, type ConsoleEvent, type ConsoleState } from '../state'
import type { Store } from '../store'
import { ConsoleContext } from './console-context'
import { DeskView } from './DeskView'
import { ChooseLanguage, type DeskLanguage } from './LanguageSwitch'
import { SignIn } from './SignIn'

interface ConsoleAppProps {
    readonly store: Store<ConsoleState, ConsoleEvent>
    readonly work: Session
    readonly device: DeviceCode
    readonly language: DeskLanguage
}

export function ConsoleApp({ store, work, device, language: first }: ConsoleAppProps) {
    const [state, setState] = useState(store.state)
    const [language, setLanguage] = useState(first)
    const tools = useMemo(() => ({ work, tell: store.tell, current: store.state }), [work, store])
    useEffect(() => store.listen(setState), [store])
    const unsent = hasUnsent(state)
    useEffect(() => {
        if (!unsent) return undefined
        const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
        addEventListener('beforeunload', ask)
        return () => removeEventListener('beforeunload', ask)
    }, [unsent])
    return (
        <InLanguage language={language}>
            <ChooseLanguage value={setLanguage}>
                <ConsoleContext value={tools}>
                    {state.me === null ? <SignIn state={state} device={device} /> : <DeskView state={state} />}
                </ConsoleContext>
            </ChooseLanguage>
        </InLanguage>
    )
}
