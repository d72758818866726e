/** Coming back: the eight pictures are tapped, typed in any language, or pasted; then the case opens. */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LinkedHalf } from '../../session/link'
import type { Progress, ReporterSession } from '../../session/types'
import { codeOf, PASSING } from '../codeOf'
import { PHRASE_LENGTH, phraseOf, pictureOf, readWords, withWord } from '../entry'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { EntrySlots } from '../parts/EntrySlots'
import { Heading } from '../parts/Heading'
import { useLink } from '../parts/link'
import { Problem } from '../parts/Problem'
import { useWords } from '../parts/words'
import { match } from '../matching'
import { wordOf } from '../pictures'
import type { Action, View } from '../state'
import { ByPictures } from './ByPictures'
import { ByTyping } from './ByTyping'

interface ContinueProps {
    readonly linked: LinkedHalf
    readonly session: ReporterSession
    readonly dispatch: (action: Action) => void
    readonly go: (to: View) => void
}

/** Trying the same words again may help. */
const MAY_PASS: readonly ErrorCode[] = [...PASSING, 'directory-missing']
const AGAIN_MS = 5_000

export function Continue({ linked, session, dispatch, go }: ContinueProps) {
    const { t, language } = useWords()
    const [mode, setMode] = useState<'pictures' | 'typing'>('pictures')
    const [tapped, setTapped] = useState<readonly number[]>(Array.isArray(linked) ? linked : [])
    const [typed, setTyped] = useState('')
    const [opening, setOpening] = useState<Progress | 'starting' | null>(null)
    const [problem, setProblem] = useState<ErrorCode | null>(null)
    const attempt = useRef(0)
    const canTakeAlong = useLink() !== null
    const form = useRef<HTMLFormElement>(null)

    const words = useMemo(() => (mode === 'typing' ? readWords(typed, (word) => match(word, language)) : []), [mode, typed, language])
    const chosen = mode === 'typing' ? words.flatMap((word) => pictureOf(word) ?? []) : tapped

    const change = (to: 'pictures' | 'typing') => {
        setProblem(null)
        if (to === 'typing') setTyped(chosen.map((index) => `${wordOf(index, language)} `).join(''))
        else setTapped(chosen.slice(0, PHRASE_LENGTH))
        setMode(to)
    }
    const open = () => {
        const read = mode === 'typing' ? phraseOf(words) : tapped.length === PHRASE_LENGTH ? { phrase: tapped } : { code: 'phrase-incomplete' as const }
        if ('code' in read) { setProblem(read.code); return }
        const mine = ++attempt.current
        setProblem(null)
        setOpening('starting')
        session.resume(read.phrase, (progress) => { if (mine === attempt.current) setOpening(progress) }).then(
            () => { if (mine === attempt.current) dispatch({ type: 'resumed' }) },
            (error: unknown) => { setOpening(null); setProblem(codeOf(error)) },
        )
    }
    // Whoever types or taps anything else has taken the problem away, and is not asked for.
    useEffect(() => {
        if (problem === null || !MAY_PASS.includes(problem)) return
        const timer = setTimeout(open, AGAIN_MS * (1 + Math.random()))
        return () => clearTimeout(timer)
    }, [problem])
    const pick = (index: number) => {
        setProblem(null)
        setTapped([...tapped, index])
        // With the eighth picture the only thing left to do is far below.
        if (tapped.length + 1 === PHRASE_LENGTH) form.current?.querySelector<HTMLElement>('[data-action="open"]')?.focus()
    }
    const remove = (position: number) => {
        setProblem(null)
        if (mode === 'pictures') { setTapped(tapped.filter((_, one) => one !== position)); return }
        const certain = words.flatMap((word, nth) => (pictureOf(word) === undefined ? [] : [nth]))
        setTyped(withWord(words, certain[position] ?? words.length, null))
    }
    return (
        <form class="stack step" ref={form} autocomplete="off" noValidate onSubmit={(event) => { event.preventDefault(); if (opening === null) open() }}>
            <Heading>{t('continue.title')}</Heading>
            <p class="lead-text">{t('continue.intro')}</p>
            {linked !== null && (
                <p class="card lit" data-notice={linked === 'damaged' ? 'link-damaged' : 'link'}>{t(linked === 'damaged' ? 'continue.linkDamaged' : 'continue.linked')}</p>
            )}
            <EntrySlots chosen={chosen} onRemove={remove} off={opening !== null} />
            <Announcer>{t('continue.chosen', { count: chosen.length })}</Announcer>
            {opening === null && (
                <>
                    <div class="row" role="group" aria-label={t('continue.title')}>
                        <Button action="by-pictures" pressed={mode === 'pictures'} className="toggle" onPress={() => { if (mode !== 'pictures') change('pictures') }}>{t('continue.byPictures')}</Button>
                        <Button action="by-typing" pressed={mode === 'typing'} className="toggle" onPress={() => { if (mode !== 'typing') change('typing') }}>{t('continue.byTyping')}</Button>
                    </div>
                    {mode === 'pictures'
                        ? <ByPictures full={tapped.length === PHRASE_LENGTH} onPick={pick} />
                        : <ByTyping typed={typed} words={words} onType={(text) => { setProblem(null); setTyped(text) }} />}
                </>
            )}
            <Announcer shown>{opening !== null && <OpeningWords progress={opening} />}</Announcer>
            {problem !== null && (
                <Problem code={problem} gentle={problem === 'mailbox-unknown' || problem === 'case-erased' || MAY_PASS.includes(problem)}>
                    {problem === 'case-erased' && <Button action="ask-again" onPress={() => go('device')}>{t('case.askAgain')}</Button>}
                    {MAY_PASS.includes(problem) && <><p>{t('continue.again')}</p><Button action="retry" onPress={open}>{t('common.retry')}</Button></>}
                </Problem>
            )}
            <div class="actions">
                <Button action="open" kind="lead" large submits off={opening !== null}>{t('continue.open')}</Button>
                {chosen.length > 0 && opening === null && <Button action="clear" kind="quiet" onPress={() => { setTapped([]); setTyped(''); setProblem(null) }}>{t('continue.clear')}</Button>}
                <Button action="back" kind="quiet" onPress={() => go('home')}>{t('common.back')}</Button>
            </div>
            <p class="soft small">{t('continue.lost')}</p>
            {canTakeAlong && <div><Button action="to-copy" kind="quiet" onPress={() => go('copy')}>{t('copies.openTitle')}</Button></div>}
        </form>
    )
}

function OpeningWords({ progress }: { progress: Progress | 'starting' }) {
    const { t } = useWords()
    const checking = progress === 'starting' || progress.stage === 'deriving'
    const part = !checking && progress.stage === 'receiving' && progress.total > 2 ? progress : null
    return (
        <p class="card lit lead-text">
            {t(checking ? 'continue.checking' : 'continue.opening')}
            {part && ` ${t('continue.receiving', { done: part.done, total: part.total })}`}
        </p>
    )
}
