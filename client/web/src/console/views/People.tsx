/** Who is here; and for coordinators, who is invited and who has answered. SPEC 5.7 */
import type { Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { NamedPicture } from '../../ui/parts/Picture'
import { Problem } from '../../ui/parts/Problem'
import { QrCode } from '../../ui/parts/QrCode'
import { useWords } from '../../ui/parts/words'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { codeOf } from '../code-of'
import { lossesOf } from '../losses'
import type { WaitingView } from '../people'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { InviteForm } from './InviteForm'
import { LetGo } from './LetGo'
import { professionKey } from './queue-names'
import { Recovery } from './Recovery'
import { Turning } from './Turning'

export function People({ state, onShut }: { state: ConsoleState; onShut: () => void }) {
    const { t } = useWords()
    const { work } = useConsole()
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const [said, setSaid] = useState('')
    const [isBusy, setBusy] = useState(false)
    const [invited, setInvited] = useState<string | null>(null)
    const isCoordinator = state.me?.coordinator === true
    /** One thing at a time, with its failure told here. */
    const act = async (task: () => Promise<void>, done: string): Promise<boolean> => {
        if (isBusy) return false
        setBusy(true)
        setFailed(null)
        setSaid('')
        try {
            await task()
            setSaid(done)
            return true
        } catch (error) {
            setFailed(codeOf(error))
            return false
        } finally {
            setBusy(false)
        }
    }
    return (
        <Dialog name="people" title={t('console.people.title')} onCancel={onShut}>
            <div class="people-news">
                {failed !== null && <Problem code={failed} />}
                <p role="status" class={(said === '' && !isBusy) || state.turning !== null ? 'only-heard' : 'card lit'}>{isBusy ? t('console.people.working') : said}</p>
                <Turning state={state} />
            </div>
            {isCoordinator && state.waiting.length > 0 && (
                <section class="stack tight">
                    <h3>{t('console.people.waiting')}</h3>
                    <ul class="people">
                        {state.waiting.map((one) => (
                            <li key={one.id} class="card stack tight" data-invitation={one.id}>
                                <WaitingCard
                                    one={one}
                                    isNew={one.offer !== null && one.offer.name === invited}
                                    onAdmit={() => void act(() => work.people.admit(one.id), t('console.people.admitted', { name: one.offer?.name ?? '' }))}
                                    onWithdraw={() => void act(() => work.people.withdraw(one.id), t('console.people.withdrawn'))}
                                />
                            </li>
                        ))}
                    </ul>
                </section>
            )}
            {isCoordinator && state.me !== null && (
                <InviteForm ownQueues={state.me.queues} isBusy={isBusy} onInvite={(offer) => { setInvited(offer.name); return act(() => work.people.invite(offer), t('console.people.invited')) }} />
            )}
            <section class="stack tight">
                <h3>{t('console.people.here')}</h3>
                <ul class="people">
                    {(state.directory?.experts ?? []).map((expert) => (
                        <li key={b64encode(expert.id)} class="card person" data-person={expert.name}>
                            <Person expert={expert} />
                            {isCoordinator && b64encode(expert.id) !== state.me?.expert && (
                                <LetGo
                                    expert={expert}
                                    losses={lossesOf(expert, state.directory?.experts ?? [], state.recovery)}
                                    onSignOut={() => void act(() => work.people.signOutEverywhere(expert), t('console.people.signedOut', { name: expert.name }))}
                                    onDepart={() => void act(() => work.people.depart(expert), t('console.people.departed', { name: expert.name }))}
                                />
                            )}
                        </li>
                    ))}
                </ul>
            </section>
            {isCoordinator && <Recovery state={state} onAsk={(queue) => void act(() => work.recovery.ask(queue), t('console.recovery.asked'))} />}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function Person({ expert: { name, queues, languages, coordinator } }: { expert: Pick<Expert, 'name' | 'queues' | 'languages' | 'coordinator'> }) {
    const { t, language } = useWords()
    const professions = queues.map((queue) => t(professionKey(queue)))
    const spoken = new Intl.DisplayNames([language === 'fi-simple' ? 'fi' : language], { type: 'language' })
    return (
        <>
            <strong>{name}</strong>
            <span class="soft small">{[...professions, ...(coordinator ? [t('console.people.coordinator')] : []), ...languages.map((one) => (one === 'se' ? t('console.people.sami') : spoken.of(one) ?? one))].join(' · ')}</span>
        </>
    )
}

interface WaitingProps {
    readonly one: WaitingView
    /** The link was made just now. */
    readonly isNew: boolean
    readonly onAdmit: () => void
    readonly onWithdraw: () => void
}

function WaitingCard({ one, isNew, onAdmit, onWithdraw }: WaitingProps) {
    const { t } = useWords()
    const { offer, pictures, secret, alarm } = one
    const withdraw = <Button action="withdraw" kind="quiet" onPress={onWithdraw}>{t('console.people.withdraw')}</Button>
    if (alarm !== null || offer === null || secret === null) {
        return <><Problem code={alarm ?? 'internal'} /><p>{t('console.people.alarm')}</p><div class="actions">{withdraw}</div></>
    }
    if (pictures === null) return <><Person expert={offer} /><LinkToGive link={`${location.origin}/console#i=${secret}`} words={t('console.people.giveLink')} isNew={isNew}>{withdraw}</LinkToGive></>
    return (
        <>
            <Person expert={offer} />
            <p>{t('console.people.compare', { name: offer.name })}</p>
            <ol class="six" aria-label={t('console.people.pictures')}>
                {pictures.map((index, position) => <li key={position}><NamedPicture index={index} /></li>)}
            </ol>
            <div class="actions">
                <Button action="different" onPress={onWithdraw}>{t('console.people.different')}</Button>
                <Button action="same" kind="lead" onPress={onAdmit}>{t('console.people.same')}</Button>
            </div>
        </>
    )
}

export function LinkToGive({ link, words, isNew, children }: { link: string; words: string; isNew: boolean; children?: ComponentChildren }) {
    const { t } = useWords()
    const field = useRef<HTMLInputElement>(null)
    useEffect(() => { if (isNew) field.current?.focus() }, [])
    const [isCopied, setCopied] = useState(false)
    const copy = (): void => void navigator.clipboard.writeText(link).then(() => setCopied(true), () => setCopied(false))
    return (
        <div class="stack tight">
            <p>{words}</p>
            <input ref={field} class="input code" readOnly autocomplete="off" spellcheck={false} data-field="link" aria-label={t('console.people.link')} value={link} onFocus={(event) => event.currentTarget.select()} />
            <div class="actions">
                <Button action="copy-link" onPress={copy}>{t(isCopied ? 'console.people.copied' : 'console.people.copy')}</Button>
                {children}
            </div>
            <details><summary class="button quiet">{t('console.people.showCode')}</summary><QrCode text={link} label={t('console.people.link')} /></details>
        </div>
    )
}
