/** What a card says about its case, in words. Identifiers this version does not know are shown as they are. */
import { hasText, type Translate } from '../../i18n/text'
import { useWords } from '../../ui/parts/words'
import type { CardFacts } from '../cards'

export const named = (t: Translate, area: string, id: string): string => {
    const key = `${area}.${id}`
    return hasText(key) ? t(key) : id
}

/** The short line under a topic in the list: services, who, how old, which language. */
export function factLine(t: Translate, card: CardFacts): string {
    const parts = [
        ...card.services.map((service) => named(t, 'services', service)),
        card.role && named(t, 'roles', card.role),
        card.age && named(t, 'ages', card.age),
        named(t, 'language', card.language),
    ]
    return parts.filter((part) => part).join(' · ')
}

export function Facts({ card, help, device }: { card: CardFacts; help?: string | null; device?: string | null }) {
    const { t } = useWords()
    const services = card.services.map((service) => named(t, 'services', service)).join(', ')
    const facts: readonly (readonly [string, string])[] = [
        [t('console.card.services'), services || t('console.card.notGiven')],
        [t('console.card.role'), card.role ? named(t, 'roles', card.role) : t('console.card.notGiven')],
        [t('console.card.ageBand'), card.age ? named(t, 'ages', card.age) : t('console.card.notGiven')],
        [t('console.card.language'), named(t, 'language', card.language)],
        ...(help === undefined ? [] : [[t('console.card.help'), help ? named(t, 'help', help) : t('console.card.notGiven')] as const]),
        ...(device === undefined ? [] : [[t('console.case.device'), device ? named(t, 'device', device) : t('console.card.notGiven')] as const]),
    ]
    return (
        <dl class="facts">
            {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
        </dl>
    )
}
