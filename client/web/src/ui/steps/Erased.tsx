/** Everything is erased. */
import { Button } from '../parts/Button'
import { Heading } from '../parts/Heading'
import { Scene } from '../parts/Landscape'
import { useWords } from '../parts/words'
import type { View } from '../state'

export function Erased({ go }: { go: (to: View) => void }) {
    const { t } = useWords()
    return (
        <div class="stack step">
            <Scene><Heading>{t('case.erasedTitle')}</Heading></Scene>
            <p class="card good">{t('case.erasedText')}</p>
            <div class="actions"><Button action="to-home" kind="lead" large onPress={() => go('home')}>{t('nav.home')}</Button></div>
        </div>
    )
}
