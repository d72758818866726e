/** The papers of a school: a language is chosen once, then each is a press away. SPEC 12.6 */
import type { ErrorCode } from '@lyhty/crypto/codes'
import { useEffect, useState } from 'preact/hooks'
import { Announcer } from '../../ui/parts/Announcer'
import { Button } from '../../ui/parts/Button'
import { Problem } from '../../ui/parts/Problem'
import { useWords } from '../../ui/parts/words'
import type { Kit, Paper } from '../api-types'
import { codeOf } from '../code-of'
import { languagesOf, papersIn, type PaperFormat, type PaperLanguage } from '../kits'
import { useConsole } from './console-context'

/** Asked for when somebody looks: there may be hundreds of schools. */
export function SchoolPapers({ school }: { school: string }) {
    const { t } = useWords()
    const [open, setOpen] = useState(false)
    return (
        <details class="school-papers" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary data-action="school-papers">{t('console.kit.title')}</summary>
            {open && <KitList school={school} />}
        </details>
    )
}

export function KitList({ school }: { school: string }) {
    const { t, language } = useWords()
    const { work } = useConsole()
    const [kit, setKit] = useState<Kit | null>(null)
    const [chosen, choose] = useState<PaperLanguage>(language)
    const [making, setMaking] = useState(false)
    const [error, setError] = useState<ErrorCode | null>(null)
    const tries = (act: () => Promise<unknown>): Promise<unknown> => {
        setError(null)
        return act().catch((failure: unknown) => {
            const code = codeOf(failure)
            // The token has run out: the next call of the desk says so.
            if (code === 'not-signed-in') void work.readAll()
            else setError(code)
        })
    }
    const save = (paper: Paper, format: PaperFormat): void => {
        setMaking(true)
        void tries(() => work.kits.save(school, paper, chosen, format)).finally(() => setMaking(false))
    }
    useEffect(() => void tries(async () => setKit(await work.kits.read(school))), [school])
    return (
        <section class="stack tight" data-part="kit" data-kit={school}>
            {error !== null && <Problem code={error} />}
            {kit !== null && (
                <>
                    <label class="stack tight">
                        <span>{t('console.kit.language')}</span>
                        <select class="input" data-field="kit-language" autocomplete="off" value={chosen} onChange={(event) => choose(event.currentTarget.value as PaperLanguage)}>
                            {languagesOf(kit).map((choice) => <option key={choice} value={choice}>{t(`language.${choice}`)}</option>)}
                        </select>
                    </label>
                    <ul class="plain-rows">
                        {papersIn(kit, chosen).map((paper) => {
                            const name = t(`console.kit.paper.${paper.paper}`)
                            return (
                                <li key={paper.paper} data-paper={paper.paper}>
                                    <span>{name}</span>
                                    <span class="actions">
                                        {paper.formats.map((format) => (
                                            <Button key={format} action={`save-${format}`} off={making} label={`${name}: ${t(`console.kit.${format}`)}`} onPress={() => save(paper, format)}>
                                                {t(`console.kit.${format}`)}
                                            </Button>
                                        ))}
                                    </span>
                                </li>
                            )
                        })}
                    </ul>
                    <p class="soft small">{t('console.kit.mark')}</p>
                </>
            )}
            <Announcer shown>{making && <p>{t('console.kit.making')}</p>}</Announcer>
        </section>
    )
}
