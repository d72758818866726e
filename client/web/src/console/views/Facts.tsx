/** What a card says about its case, in words. Identifiers this version does not know are shown as they are. */
import { hasText, type Translate } from '../../i18n/text'
import { useWords } from '../../ui/parts/words'
import type { CardFacts, CardView } from '../cards'

export const named = (t: Translate, area: string, id: string): string => {
    const key = `${area}.${id}`
    return hasText(key) ? t(key) : id
}

export function titleOf(t: Translate, card: CardView | undefined): string {
    if (card === undefined) return t('common.loading')
    if (card.facts === null) return t('console.card.unreadable')
    return card.facts.topic === null ? t('console.case.title') : named(t, 'topics', card.facts.topic)
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
    const all: readonly (readonly [string, string | null | undefined])[] = [
        [t('console.card.services'), services],
        [t('console.card.role'), card.role && named(t, 'roles', card.role)],
        [t('console.card.ageBand'), card.age && named(t, 'ages', card.age)],
        [t('console.card.language'), named(t, 'language', card.language)],
        [t('console.card.help'), help && named(t, 'help', help)],
        [t('console.case.device'), device && named(t, 'device', device)],
    ]
    // What the person left out is not a fact; saying so six times hides what they told.
    const facts = all.filter(([, value]) => value)
    return (
        <dl class="facts">
            {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
        </dl>
    )
}
