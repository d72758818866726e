/** Reads a locked copy from a file, here on the device: nothing of it is sent anywhere. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { Secret } from '@lyhty/crypto/exports'
import { useState } from 'preact/hooks'
import { openCopy, secretOf } from '../../session/copies'
import type { Evidence } from '../../session/evidence'
import type { ReporterSession } from '../../session/types'
import { codeOf } from '../codeOf'
import { phraseOf, readWords } from '../entry'
import { match } from '../matching'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Problem } from '../parts/Problem'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'
import type { View } from '../state'
import { Binder } from './Binder'

interface Chosen { readonly name: string; readonly file: Uint8Array; readonly secret: Secret }

export function OpenCopy({ session, go }: { session: ReporterSession; go: (to: View) => void }) {
    const { t, language } = useWords()
    const [chosen, setChosen] = useState<Chosen | null>(null)
    const [typed, setTyped] = useState('')
    const [isOpening, setOpening] = useState(false)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const [evidence, setEvidence] = useState<Evidence | null>(null)

    const told = (error: unknown): void => setProblem(codeOf(error))
    const choose = async (picked: File | undefined) => {
        setProblem(null)
        setChosen(null)
        setTyped('')
        if (picked === undefined) return
        try {
            const file = new Uint8Array(await picked.arrayBuffer())
            setChosen({ name: picked.name, file, secret: secretOf(file) })
        } catch (error) {
            told(error)
        }
    }
    const open = async ({ file, secret }: Chosen) => {
        const read = secret === 'password' ? { phrase: typed } : phraseOf(readWords(typed, (word) => match(word, language)))
        if ('code' in read) { setProblem(read.code); return }
        setProblem(null)
        setOpening(true)
        try {
            setEvidence(await openCopy(await session.copying(), file, read.phrase))
            setTyped('')
        } catch (error) {
            told(error)
        } finally {
            setOpening(false)
        }
    }
    if (evidence !== null) return <Binder evidence={evidence} onBack={() => setEvidence(null)} />
    return (
        <form class="stack step" autocomplete="off" noValidate onSubmit={(event) => { event.preventDefault(); if (chosen !== null && !isOpening) void open(chosen) }}>
            <Heading>{t('copies.openTitle')}</Heading>
            <p class="lead-text">{t('copies.openIntro')}</p>
            <div>
                <label class="button plain file-button">
                    <input type="file" accept=".lyhty" class="only-heard" data-field="copy-file" autocomplete="off" onChange={(event) => void choose(event.currentTarget.files?.[0])} />
                    {t('copies.file')}
                </label>
            </div>
            {chosen !== null && <p role="status"><strong>{chosen.name}</strong></p>}
            {chosen?.secret === 'phrase' && <TextField name="copy-phrase" label={t('copies.phrase')} value={typed} onInput={setTyped} capitalize={false} />}
            {chosen?.secret === 'password' && <TextField name="copy-password" label={t('copies.password')} type="password" value={typed} onInput={setTyped} />}
            <Announcer shown>{isOpening && <p class="card lit lead-text">{t('copies.opening')}</p>}</Announcer>
            {problem !== null && <Problem code={problem} />}
            <div class="actions">
                {chosen !== null && <Button action="open-copy" kind="lead" submits off={isOpening}>{t('copies.openNow')}</Button>}
                <Button action="back" kind="quiet" onPress={() => go('continue')}>{t('common.back')}</Button>
            </div>
        </form>
    )
}
