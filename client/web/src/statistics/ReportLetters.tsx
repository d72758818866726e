/** Where a viewer wants to be told by e-mail that a report can be downloaded. SPEC 12.2 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useState } from 'preact/hooks'
import type { ReportNotices } from '../console/api-types'
import { codeOf } from '../console/code-of'
import { isAddress } from '../console/duty'
import { Button } from '../ui/parts/Button'
import { Problem } from '../ui/parts/Problem'
import { TextField } from '../ui/parts/TextField'
import { useWords } from '../ui/parts/words'
import type { ViewersDoor } from './viewers-door'

interface ReportLettersProps {
    readonly door: ViewersDoor
    /** The session has ended. */
    readonly onOut: (code: ErrorCode) => void
}

type Ask = (work: () => Promise<ReportNotices>) => Promise<boolean>

export function ReportLetters({ door, onOut }: ReportLettersProps) {
    const { t } = useWords()
    const [notices, setNotices] = useState<ReportNotices | null>(null)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const ask: Ask = async (work) => {
        setProblem(null)
        try {
            setNotices(await work())
            return true
        } catch (error) {
            const code = codeOf(error)
            if (code === 'not-signed-in') onOut(code)
            else setProblem(code)
            return false
        }
    }
    const read = (isOpen: boolean): void => { if (isOpen && notices === null) void ask(() => door.notices()) }
    return (
        <details class="opens whose-box not-printed" data-part="report-letters" onToggle={(event) => read(event.currentTarget.open)}>
            <summary>{t('viewer.letters.title')}</summary>
            <div class="stack tight">
                {problem !== null && <Problem code={problem} />}
                {notices === null
                    ? problem === null && <p class="soft" role="status">{t('common.loading')}</p>
                    : notices.sends ? <Wish door={door} notices={notices} ask={ask} /> : <p>{t('console.notices.none')}</p>}
            </div>
        </details>
    )
}

function Wish({ door, notices: { wish }, ask }: { door: ViewersDoor; notices: ReportNotices; ask: Ask }) {
    const { t, language } = useWords()
    const [address, setAddress] = useState(wish.address ?? '')
    const [saved, setSaved] = useState(false)
    const [isWrong, setWrong] = useState(false)
    const typed = address.trim()
    const put = async (): Promise<void> => {
        const wrong = typed !== '' && !isAddress(typed)
        setSaved(false)
        setWrong(wrong)
        const changed = { address: typed === '' ? null : typed, language: language === 'fi-simple' ? 'fi' : language }
        if (!wrong) setSaved(await ask(() => door.putNotices(changed)))
    }
    return (
        <form class="stack tight" noValidate onSubmit={(event) => { event.preventDefault(); void put() }}>
            <p>{t('viewer.letters.what')}</p>
            <p>{t('viewer.letters.kept')}</p>
            <TextField name="letter-address" label={t('console.notices.address')} value={address} invalid={isWrong} onInput={(text) => { setSaved(false); setWrong(false); setAddress(text) }} />
            {isWrong && <p role="alert">{t('console.notices.wrong')}</p>}
            <div class="actions"><Button action="tell-me" kind="lead" submits>{t('console.notices.save')}</Button></div>
            <p role="status">{saved && (wish.address === null ? t('viewer.letters.off') : t('viewer.letters.saved', { address: wish.address }))}</p>
        </form>
    )
}
