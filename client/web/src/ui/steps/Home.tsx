/** The first page: what this is in two sentences, the two ways in, and the lessons. */
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Landscape } from '../parts/Landscape'
import { useWords } from '../parts/words'
import { LESSONS, type View } from '../state'

const FACTS = ['noName', 'noAccount', 'encrypted', 'whoAnswers', 'howFast', 'free', 'forWhom'] as const

export function Home({ first, go }: { first: boolean; go: (to: View) => void }) {
    const { t } = useWords()
    return (
        <div class="stack home">
            <section class="hero">
                <Landscape />
                <div class="hero-words stack">
                    <Heading quiet={first}>{t('home.title')}</Heading>
                    <p class="lead-text">{t('home.intro')}</p>
                    <div class="hero-ways">
                        <Button action="ask" kind="lead" large onPress={() => go('device')}>{t('home.ask')}</Button>
                        <Button action="continue" large className="on-night" onPress={() => go('continue')}>{t('home.continue')}</Button>
                    </div>
                    <p class="small hero-hint">{t('home.continueHint')}</p>
                </div>
            </section>
            <p class="card lit danger-line"><a href="tel:112">{t('home.danger')}</a></p>
            <div class="home-pair">
                <section class="card stack tight">
                    <h2>{t('home.factsTitle')}</h2>
                    <ul class="facts">{FACTS.map((fact) => <li key={fact}>{t(`home.${fact}`)}</li>)}</ul>
                    <p class="soft small with-keys">{t('exit.hint')}</p>
                </section>
                <section class="card stack lesson-card">
                    <h2>{t('home.lessons')}</h2>
                    {LESSONS.map((lesson) => (
                        <div class="stack tight" key={lesson}>
                            <h3>{t(`home.lesson.${lesson}.title`)}</h3>
                            <p>{t(`home.lesson.${lesson}.text`)}</p>
                            <div>
                                <Button action={`lesson-${lesson}`} label={`${t('home.lessonButton')}: ${t(`home.lesson.${lesson}.title`)}`} onPress={() => go(`lesson-${lesson}`)}>
                                    {t('home.lessonButton')}
                                </Button>
                            </div>
                        </div>
                    ))}
                </section>
            </div>
        </div>
    )
}
