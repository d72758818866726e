/** The console as a whole: signing in, then the desk, in the chosen language. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useLater } from '../../ui/parts/later'
import { InLanguage } from '../../ui/parts/words'
import { isOnBreak } from '../care'
import type { DeviceCode } from '../device-code'
import type { Duty } from '../duty'
import type { Session } from '../session'
import { countUnread, hasUnkept } from '../questions'
import type { ConsoleEvent, ConsoleState } from '../state'
import type { Store } from '../store'
import { ConsoleContext } from './console-context'
import { BooksContext } from './books-context'
import { DeskView } from './DeskView'
import { Locked } from './Locked'
import { SignIn } from './SignIn'

const TITLE = 'Lyhty'
/** The same width as in console.css. */
const ONE_PANE = '(max-width: 56rem)'

interface ConsoleAppProps {
    readonly store: Store<ConsoleState, ConsoleEvent>
    readonly work: Session
    readonly duty: Duty
    readonly device: DeviceCode
}

export function ConsoleApp({ store, work, duty, device }: ConsoleAppProps) {
    const [state, setState] = useState(store.state)
    const tools = useMemo(() => ({ work, duty, tell: store.tell, current: store.state }), [work, duty, store])
    useEffect(() => store.listen(setState), [store])
    const unsent = hasUnkept(state)
    useEffect(() => {
        if (!unsent) return undefined
        const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
        addEventListener('beforeunload', ask)
        return () => removeEventListener('beforeunload', ask)
    }, [unsent])
    const news = isOnBreak(state) ? 0 : countUnread(state)
    useEffect(() => { document.title = news > 0 ? `(${news}) ${TITLE}` : TITLE }, [news])
    useEffect(() => {
        const look = (): void => store.tell({ type: 'looking', on: document.visibilityState === 'visible' && document.hasFocus() })
        const moments = ['focus', 'blur', 'visibilitychange'] as const
        look()
        moments.forEach((moment) => addEventListener(moment, look))
        return () => moments.forEach((moment) => removeEventListener(moment, look))
    }, [store])
    useEffect(() => {
        const room = matchMedia(ONE_PANE)
        const measure = (): void => store.tell({ type: 'room', onePane: room.matches })
        measure()
        room.addEventListener('change', measure)
        return () => room.removeEventListener('change', measure)
    }, [store])
    return (
        <InLanguage language={state.language}>
            <ConsoleContext value={tools}>
                {state.me !== null ? <WithBooks><DeskView state={state} /></WithBooks> : state.locked !== null ? <Locked state={state} owner={state.locked} /> : <SignIn state={state} device={device} />}
            </ConsoleContext>
        </InLanguage>
    )
}

/** Every desk fetches them as soon as it stands. */
function WithBooks({ children }: { children: ComponentChildren }) {
    const books = useLater(() => import('../answering/books'))
    return <BooksContext value={books.part}>{children}</BooksContext>
}
