/** Who sees figures: invited for one body, listed, removed. SPEC 12.2 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useId, useMemo, useState } from 'preact/hooks'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import type { Viewer } from '../api-types'
import { codeOf } from '../code-of'
import { dayIn, treeOf, type Branch } from '../organisations'
import type { ViewersView } from '../viewers'
import { useConsole } from './console-context'
import { LinkToGive } from './People'

interface Made { readonly name: string; readonly link: string }

export function ViewersDialog({ onShut }: { onShut: () => void }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [all, setAll] = useState<ViewersView | null>(null)
    const [failed, setFailed] = useState<ErrorCode | null>(null)
    const [said, setSaid] = useState('')
    const [made, setMade] = useState<Made | null>(null)
    const [isBusy, setBusy] = useState(false)
    const fail = (error: unknown): void => {
        const code = codeOf(error)
        // The token has run out: the next call of the desk says so.
        if (code === 'not-signed-in') void work.readAll()
        else setFailed(code)
    }
    const read = (): void => void work.viewers.read().then(setAll, fail)
    /** One thing at a time; then everything is read anew, while the next thing may be typed. */
    const act = async (task: () => Promise<void>, done = ''): Promise<boolean> => {
        if (isBusy) return false
        setBusy(true)
        setFailed(null)
        setSaid('')
        try {
            await task()
            setSaid(done)
            read()
            return true
        } catch (error) {
            fail(error)
            return false
        } finally {
            setBusy(false)
        }
    }
    useEffect(read, [])
    const names = useMemo(() => new Map(all?.bodies.map(({ id, name }) => [id, name])), [all])
    const invite = (name: string, organisation: string): Promise<boolean> =>
        act(async () => setMade({ name, link: await work.viewers.invite(name, organisation) }))
    return (
        <Dialog name="viewers" title={t('console.viewers.title')} onCancel={onShut}>
            <p>{t('console.viewers.what')}</p>
            {failed !== null && <Problem code={failed} />}
            <p role="status" class={said === '' ? 'only-heard' : 'card lit'}>{said}</p>
            {all === null && failed === null && <p class="soft">{t('common.loading')}</p>}
            {all !== null && (all.bodies.length === 0 ? <p><strong>{t('console.viewers.noBodies')}</strong></p> : <InviteViewer all={all} isBusy={isBusy} onInvite={invite} />)}
            {made !== null && (
                <div class="card lit" data-part="made" key={made.link}>
                    <LinkToGive link={made.link} words={t('console.viewers.giveLink', { name: made.name })} isNew />
                </div>
            )}
            {all !== null && all.waiting.length > 0 && (
                <section class="stack tight">
                    <h3>{t('console.viewers.waiting')}</h3>
                    <ul class="plain-rows">
                        {all.waiting.map(({ id, name, organisation, expires }) => (
                            <li key={id} data-invitation={id}>
                                <p><strong>{name}</strong><br /><span class="soft small">{names.get(organisation) ?? organisation} · {t('console.viewers.until', { day: dayIn(new Date(expires * 1_000).toISOString(), language) })}</span></p>
                                <Button action="withdraw" kind="quiet" off={isBusy} onPress={() => void act(async () => { await work.viewers.withdraw(id); setMade(null) }, t('console.viewers.withdrawn'))}>{t('console.viewers.withdraw')}</Button>
                            </li>
                        ))}
                    </ul>
                </section>
            )}
            {all !== null && (
                <section class="stack tight">
                    <h3>{t('console.viewers.here')}</h3>
                    {all.viewers.length === 0 && <p class="soft">{t('console.viewers.nobody')}</p>}
                    <ul class="plain-rows">
                        {all.viewers.map((viewer) => (
                            <OneViewer
                                key={viewer.viewer} viewer={viewer} organisation={names.get(viewer.organisation) ?? viewer.organisation} isBusy={isBusy}
                                onRemove={() => void act(() => work.viewers.remove(viewer.viewer), t('console.viewers.removed', { name: viewer.name }))}
                            />
                        ))}
                    </ul>
                </section>
            )}
            <div class="actions"><Button action="cancel" onPress={onShut}>{t('common.close')}</Button></div>
        </Dialog>
    )
}

function OneViewer({ viewer, organisation, isBusy, onRemove }: { viewer: Viewer; organisation: string; isBusy: boolean; onRemove: () => void }) {
    const { t } = useWords()
    const [isAsked, setAsked] = useState(false)
    const entry = viewer.account === null ? t('console.viewers.municipal') : t('console.viewers.account', { account: viewer.account })
    return (
        <li data-viewer={viewer.name}>
            <p><strong>{viewer.name}</strong><br /><span class="soft small">{organisation} · {entry}</span></p>
            {isAsked
                ? (
                    <div role="alert" class="stack tight">
                        <p>{t('console.viewers.sure', { name: viewer.name })}</p>
                        <div class="actions">
                            <Button action="keep" onPress={() => setAsked(false)}>{t('console.viewers.keep')}</Button>
                            <Button action="remove-now" kind="grave" off={isBusy} onPress={onRemove}>{t('console.viewers.remove')}</Button>
                        </div>
                    </div>
                )
                : <Button action="remove" kind="quiet" label={`${t('console.viewers.remove')}: ${viewer.name}`} onPress={() => setAsked(true)}>{t('console.viewers.remove')}</Button>}
        </li>
    )
}

function InviteViewer({ all, isBusy, onInvite }: { all: ViewersView; isBusy: boolean; onInvite: (name: string, organisation: string) => Promise<boolean> }) {
    const { t, language } = useWords()
    const [name, setName] = useState('')
    const [organisation, setOrganisation] = useState('')
    const [isIncomplete, setIncomplete] = useState(false)
    const id = useId()
    const tree = useMemo(() => treeOf({ organisations: all.bodies, agreements: [] }, language), [all.bodies, language])
    const invite = async (): Promise<void> => {
        const isWhole = name.trim() !== '' && organisation !== ''
        setIncomplete(!isWhole)
        if (!isWhole || !await onInvite(name.trim(), organisation)) return
        setName('')
        setOrganisation('')
    }
    return (
        <form class="stack tight" data-part="invite-viewer" onSubmit={(event) => { event.preventDefault(); void invite() }}>
            <h3>{t('console.viewers.invite')}</h3>
            <div class="field">
                <label for={`${id}-name`}>{t('console.viewers.name')}</label>
                <p class="soft small" id={`${id}-hint`}>{t('console.viewers.nameHint')}</p>
                <input {...PRIVATE_FIELD} id={`${id}-name`} class="input" data-field="viewer-name" maxLength={200} aria-describedby={`${id}-hint`} aria-invalid={isIncomplete && name.trim() === ''} value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
            <div class="field">
                <label for={`${id}-body`}>{t('console.viewers.organisation')}</label>
                <select id={`${id}-body`} class="input" data-field="viewer-organisation" autocomplete="off" aria-invalid={isIncomplete && organisation === ''} value={organisation} onChange={(event) => setOrganisation(event.currentTarget.value)}>
                    <option value="">{t('console.viewers.choose')}</option>
                    {tree.map((county) => <Choices key={county.body.id} branch={county} depth={0} />)}
                </select>
            </div>
            {isIncomplete && <p role="alert">{t('console.viewers.incomplete')}</p>}
            <div class="actions"><Button action="invite-viewer" kind="lead" submits off={isBusy}>{t('console.viewers.make')}</Button></div>
        </form>
    )
}

/** A body, and those below it further in. */
function Choices({ branch: { body, below }, depth }: { branch: Branch; depth: number }) {
    return (
        <>
            <option value={body.id}>{`${'\u00a0\u00a0'.repeat(depth)}${body.name} (${body.id})`}</option>
            {below.map((each) => <Choices key={each.body.id} branch={each} depth={depth + 1} />)}
        </>
    )
}
