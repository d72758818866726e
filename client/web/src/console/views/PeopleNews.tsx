/** Who has joined, come back with new keys, left, or got more to read: told to everybody, once. SPEC 9.9 */
import { Button } from '../../ui/parts/Button'
import { useWords } from '../../ui/parts/words'
import type { ConsoleState } from '../state'
import { useConsole } from './console-context'
import { focusSelected } from './focus'
import { professionKey, queueKey } from './queue-names'

export function PeopleNews({ state: { peopleNews } }: { state: Pick<ConsoleState, 'peopleNews'> }) {
    const { t } = useWords()
    const { work } = useConsole()
    if (peopleNews.length === 0) return null
    return (
        <section class="notice card stack tight" data-part="people-news" aria-labelledby="people-news">
            <p id="people-news" role="status"><strong>{t('console.news.title')}</strong></p>
            <ul class="plain-lines">
                {peopleNews.map(({ what, id, name, queues }) => (
                    <li key={`${id} ${what}`} data-news={what}>{t(`console.news.${what}`, { name, queues: queues.map((queue) => t(what === 'widened' ? queueKey(queue) : professionKey(queue))).join(', ') })}</li>
                ))}
            </ul>
            <p class="soft">{t('console.news.unexpected')}</p>
            <div class="actions"><Button action="news-read" onPress={() => { work.readPeopleNews(); focusSelected() }}>{t('common.ok')}</Button></div>
        </section>
    )
}
