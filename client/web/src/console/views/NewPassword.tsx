/** Changing one's password, and the device code with it if somebody may have seen the sheet. SPEC 9.4 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { b64encode } from '@lyhty/crypto/encoding'
import { draw } from '@lyhty/crypto/randomness'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { TextKey } from '../../i18n/text'
import { Button } from '../../ui/parts/Button'
import { Dialog } from '../../ui/parts/Dialog'
import { Problem } from '../../ui/parts/Problem'
import { PRIVATE_FIELD } from '../../ui/parts/TextField'
import { useWords } from '../../ui/parts/words'
import { codeOf } from '../code-of'
import { areKeysOld, type Outcome, type Wanted } from '../own-password'
import { useConsole } from './console-context'
import { NewPasswordFields, problemOfPassword, type WrongPassword } from './NewPasswordFields'
import { RecoverySheet } from './RecoverySheet'

type Step =
    | { readonly at: 'form'; readonly refused: ErrorCode | null }
    | { readonly at: 'sheet'; readonly name: string }
    | { readonly at: 'sending'; readonly percent: number | null }
    | { readonly at: 'unknown' | 'changed' | 'unchanged' }

const TITLES = {
    form: 'console.password.title',
    sheet: 'console.join.sheet',
    sending: 'console.password.sending',
    unknown: 'console.password.unknown',
    changed: 'console.password.changed',
    unchanged: 'console.password.unchanged',
} as const satisfies Record<Step['at'], TextKey>

const isOpen = ({ at }: Step): boolean => at === 'sending' || at === 'unknown'

export function NewPassword({ onShut }: { onShut: () => void }) {
    const { t } = useWords()
    const { work, current } = useConsole()
    const { doors: { owner }, password } = work
    const [step, setStep] = useState<Step>(() => password.pending === null ? { at: 'form', refused: null } : { at: 'unknown' })
    const [present, setPresent] = useState('')
    const [typedCode, setTypedCode] = useState('')
    const [next, setNext] = useState('')
    const [again, setAgain] = useState('')
    const [isCodeToo, setCodeToo] = useState(() => password.pending !== null && password.pending.code !== password.pending.nextCode)
    const [newKeys, setNewKeys] = useState(false)
    const [isRenewing, setRenewing] = useState(false)
    const [wrong, setWrong] = useState<WrongPassword | 'same' | null>(null)
    // Drawn once: a sheet that is printed stays right when the present password was mistyped.
    const drawn = useRef('')
    const isPrinted = useRef(false)
    const id = useId()
    useEffect(() => void password.account().then(({ keysHour, renewing }) => {
        setRenewing(renewing)
        setNewKeys(renewing || areKeysOld(keysHour, current().nowS))
    }, () => undefined), [])
    useEffect(() => {
        if (!isOpen(step)) return undefined
        const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
        addEventListener('beforeunload', ask)
        return () => removeEventListener('beforeunload', ask)
    }, [step.at])
    const refuse = (error: unknown): void => {
        const refused = codeOf(error)
        if (refused === 'not-signed-in') void work.readAll()
        setStep({ at: 'form', refused })
    }
    const told = (outcome: Outcome): void => {
        if (outcome === 'changed') for (const empty of [setPresent, setTypedCode, setNext, setAgain]) empty('')
        setStep({ at: outcome })
    }
    const send = (): void => {
        const code = owner?.deviceCode ?? typedCode.trim()
        const wanted: Wanted = { present, next, code, nextCode: isCodeToo ? drawn.current : code, newKeys }
        setStep({ at: 'sending', percent: null })
        password.change(wanted, (percent) => setStep({ at: 'sending', percent })).then(told, refuse)
    }
    const ask = (): void => {
        setStep({ at: 'sending', percent: null })
        password.ask().then(told, refuse)
    }
    const submit = (): void => {
        const found = problemOfPassword(next, again) ?? (next === present && !isCodeToo && !newKeys ? 'same' : null)
        setWrong(found)
        if (found !== null) return
        if (!isCodeToo || isPrinted.current) return send()
        drawn.current ||= b64encode(draw(32))
        password.account().then(({ name }) => setStep({ at: 'sheet', name }), refuse)
    }
    // While it is not known which password holds, only a button leads away.
    const cancel = (): void => { if (!isOpen(step)) onShut() }
    return (
        <Dialog key={step.at} name="password" title={t(TITLES[step.at])} onCancel={cancel}>
            {step.at === 'form' && (
                <form class="stack" data-step="form" onSubmit={(event) => { event.preventDefault(); submit() }}>
                    {step.refused === 'sign-in-failed' && <p role="alert" class="card alarm" data-problem="sign-in-failed">{t(owner === null ? 'console.password.refusedCode' : 'console.password.refused')}</p>}
                    {step.refused !== null && step.refused !== 'sign-in-failed' && <Problem code={step.refused} />}
                    {step.refused !== null && isPrinted.current && <p>{t('console.password.sheetWaits')}</p>}
                    <div class="field">
                        <label for={`${id}-present`}>{t('console.password.present')}</label>
                        <input id={`${id}-present`} class="input" data-field="present" type="password" autocomplete="current-password" required value={present} onInput={(event) => setPresent(event.currentTarget.value)} />
                    </div>
                    {owner === null && (
                        <div class="field">
                            <label for={`${id}-code`}>{t('console.signIn.deviceCode')}</label>
                            <p class="soft small" id={`${id}-code-hint`}>{t('console.signIn.deviceCodeHint')}</p>
                            <input {...PRIVATE_FIELD} id={`${id}-code`} class="input code" data-field="device" autocapitalize="none" maxLength={64} required aria-describedby={`${id}-code-hint`} value={typedCode} onInput={(event) => setTypedCode(event.currentTarget.value)} />
                        </div>
                    )}
                    <NewPasswordFields labels={{ password: 'console.password.next', again: 'console.password.again' }} password={next} again={again} wrong={wrong} onPassword={setNext} onAgain={setAgain} />
                    <Also name="code-too" label="console.password.codeToo" hint="console.password.codeTooText" isOn={isCodeToo} onTurn={setCodeToo} />
                    <Also name="new-keys" label="console.password.newKeys" hint="console.password.newKeysText" isOn={newKeys} onTurn={setNewKeys} />
                    {isRenewing && <p data-part="renewing">{t('console.password.newKeysWait')}</p>}
                    {(isCodeToo || newKeys) && <p class="soft small">{t('console.password.sameMay')}</p>}
                    {wrong !== null && <p role="alert">{t(wrong === 'same' ? 'console.password.same' : `console.join.wrong.${wrong}`)}</p>}
                    <p class="soft small">{t('console.password.ends')}</p>
                    <div class="actions">
                        <Button action="cancel" onPress={onShut}>{t('common.cancel')}</Button>
                        <Button action="change" kind="lead" submits>{t(isCodeToo && !isPrinted.current ? 'console.join.goOn' : 'console.password.change')}</Button>
                    </div>
                </form>
            )}
            {step.at === 'sheet' && (
                <div class="stack" data-step="sheet">
                    <p class="not-printed">{t('console.password.sheetText')}</p>
                    <RecoverySheet made={{ name: step.name, deviceCode: drawn.current }} working={false} onKept={() => { isPrinted.current = true; send() }} />
                    <div class="not-printed"><Button action="cancel" kind="quiet" onPress={onShut}>{t('common.cancel')}</Button></div>
                </div>
            )}
            {step.at === 'sending' && (
                <div data-step="sending">
                    <p role="status">{t('console.join.makingText')}</p>
                    {step.percent !== null && <p class="soft" aria-hidden="true">{t('console.signIn.work', { percent: step.percent })}</p>}
                </div>
            )}
            {step.at === 'unknown' && (
                <div class="stack" data-step="unknown">
                    <p role="alert">{t('console.password.unknownText')}</p>
                    <p>{t(isCodeToo ? 'console.password.unknownCode' : 'console.password.unknownLater')}</p>
                    <div class="actions">
                        <Button action="leave" kind="quiet" onPress={onShut}>{t('common.close')}</Button>
                        <Button action="ask" kind="lead" onPress={ask}>{t('console.password.ask')}</Button>
                    </div>
                </div>
            )}
            {step.at === 'unchanged' && (
                <div class="stack" data-step="unchanged">
                    <p role="alert">{t('console.password.unchangedText')}</p>
                    {isCodeToo && <p>{t('console.password.sheetWaits')}</p>}
                    <div class="actions">
                        <Button action="cancel" onPress={onShut}>{t('common.close')}</Button>
                        <Button action="again" kind="lead" onPress={() => setStep({ at: 'form', refused: null })}>{t('console.password.tryAgain')}</Button>
                    </div>
                </div>
            )}
            {step.at === 'changed' && (
                <div class="stack" data-step="changed">
                    <p role="status">{t('console.password.changedText')}</p>
                    {isCodeToo && <p>{t('console.password.changedCode')}</p>}
                    <p>{t(newKeys ? 'console.password.changedKeys' : 'console.password.changedCheck')}</p>
                    <div class="actions"><Button action="cancel" kind="lead" onPress={onShut}>{t('common.close')}</Button></div>
                </div>
            )}
        </Dialog>
    )
}

interface AlsoProps {
    readonly name: string
    readonly label: TextKey
    readonly hint: TextKey
    readonly isOn: boolean
    readonly onTurn: (on: boolean) => void
}

function Also({ name, label, hint, isOn, onTurn }: AlsoProps) {
    const { t } = useWords()
    const id = useId()
    return (
        <div class="stack tight">
            <label class="choice">
                <input type="checkbox" autocomplete="off" data-field={name} aria-describedby={id} checked={isOn} onChange={(event) => onTurn(event.currentTarget.checked)} />
                <span><span>{t(label)}</span></span>
            </label>
            <p class="soft small" id={id}>{t(hint)}</p>
        </div>
    )
}
