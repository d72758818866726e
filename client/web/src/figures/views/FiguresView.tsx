/** Figures of the bodies a viewer may see: which page is looked at, as the address says. SPEC 12.5 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import { addressIn, fragmentOf, type Address } from '../address'
import type { Mine } from '../choosing'
import type { Asked, FiguresDesk } from '../desk'
import type { MethodsPage } from '../methods'
import type { FiguresPage } from '../page'
import { Ways, When, Whose } from './Choosers'
import { Methods } from './Methods'
import { Page } from './Page'
import { useOpenOnPaper } from './paper'

interface FiguresViewProps {
    readonly desk: FiguresDesk
    /** In the order in which they are offered; the first is the viewer's own. */
    readonly mine: readonly Mine[]
    readonly codeOf: (error: unknown) => ErrorCode
    /** The session has ended. */
    readonly onOut: (code: ErrorCode) => void
}

type Shown =
    | { readonly is: 'loading' }
    | { readonly is: 'failed'; readonly code: ErrorCode }
    | { readonly is: 'figures'; readonly page: FiguresPage; readonly asked: Asked }
    | { readonly is: 'methods'; readonly page: MethodsPage; readonly asked: Asked }

export function FiguresView({ desk, mine, codeOf, onOut }: FiguresViewProps) {
    const { t, language } = useWords()
    const [address, setAddress] = useState(() => addressIn(location.hash))
    const [shown, setShown] = useState<Shown>({ is: 'loading' })
    /** What was there before stays until the next is read, and so does the focus. */
    const [isBusy, setBusy] = useState(true)
    const [tries, setTries] = useState(0)
    const heading = useRef<HTMLHeadingElement>(null)
    const article = useRef<HTMLElement>(null)
    const choosers = useRef<HTMLDivElement>(null)
    const own = mine[0]?.id ?? ''
    const organisation = address.organisation ?? own
    const isMine = mine.some(({ id }) => id === organisation)
    useOpenOnPaper()
    useEffect(() => {
        const follow = (): void => setAddress(addressIn(location.hash))
        addEventListener('hashchange', follow)
        return () => removeEventListener('hashchange', follow)
    }, [])
    useEffect(() => {
        let isCurrent = true
        const asked: Asked = { organisation, period: address.period, language: language === 'fi-simple' ? 'fi' : language }
        const read = async (): Promise<Shown> => {
            if (address.methods) return { is: 'methods', page: await desk.methods(asked.language), asked }
            const page = await desk.page(asked)
            return { is: 'figures', page, asked: { ...asked, period: page.period.name } }
        }
        // The server refuses it too; it need not hear of every slip in the address.
        const show = (next: Shown): void => {
            if (!isCurrent) return
            setShown(next)
            setBusy(false)
        }
        if (!isMine) return show({ is: 'failed', code: 'organisation-unknown' })
        setBusy(true)
        read().then(show, (error: unknown) => {
            const code = codeOf(error)
            if (code === 'not-signed-in') onOut(code)
            else show({ is: 'failed', code })
        })
        return () => { isCurrent = false }
    }, [desk, organisation, isMine, address.period, address.methods, language, tries])
    const title = shown.is === 'figures' || shown.is === 'methods' ? shown.page.title : t(shown.is === 'failed' && shown.code === 'organisation-unknown' ? 'viewer.notSeen' : 'figures.title')
    useEffect(() => { document.title = `${title} · Lyhty` }, [title])
    useEffect(() => {
        if (shown.is === 'loading') return
        // Whoever chooses by arrow keys goes on from there, and so does who was busy elsewhere while this came.
        const { activeElement } = document
        const isElsewhere = activeElement !== null && activeElement !== document.body && !article.current?.contains(activeElement)
        if (isElsewhere || choosers.current?.contains(activeElement)) return
        scrollTo(0, 0)
        heading.current?.focus({ preventScroll: true })
    }, [shown])
    const go = (next: Partial<Address>): void => { location.hash = fragmentOf({ organisation, period: address.period, methods: false, ...next }) }
    return (
        <article ref={article} class="figures-page stack" data-page={shown.is} data-organisation={shown.is === 'figures' ? shown.page.organisation.id : undefined} data-period={shown.is === 'figures' ? shown.page.period.name : undefined} aria-busy={isBusy}>
            {shown.is === 'figures' && <Ways above={shown.page.above} onChoose={(id) => go({ organisation: id, period: shown.page.period.name })} />}
            <h1 ref={heading} tabIndex={-1}>{title}</h1>
            {shown.is === 'figures' && shown.page.whose !== shown.page.organisation.name && <p class="whose">{t('figures.together', { names: shown.page.whose })}</p>}
            {shown.is !== 'methods' && (
                <div class="choosers not-printed" ref={choosers}>
                    {shown.is === 'figures' && <When periods={shown.page.periods} chosen={shown.page.periods.find(({ name }) => name === address.period) ?? shown.page.period} onChoose={(period) => go({ period })} />}
                    <Whose mine={mine} chosen={organisation} onChoose={(id) => go({ organisation: id })} />
                </div>
            )}
            <p role="status" class={isBusy ? 'soft' : 'only-heard'}>{isBusy ? t('figures.loading') : title}</p>
            {shown.is === 'failed' && (
                <Problem code={shown.code}>
                    {organisation !== own && <Button action="own" kind="lead" onPress={() => go({ organisation: own, period: null })}>{t('figures.toOwn')}</Button>}
                    <Button action="retry" onPress={() => setTries(tries + 1)}>{t('common.retry')}</Button>
                </Problem>
            )}
            {shown.is === 'figures' && <Page page={shown.page} asked={shown.asked} desk={desk} codeOf={codeOf} onMethods={() => go({ methods: true })} />}
            {shown.is === 'methods' && <Methods page={shown.page} asked={shown.asked} desk={desk} codeOf={codeOf} onBack={() => go({})} />}
        </article>
    )
}
