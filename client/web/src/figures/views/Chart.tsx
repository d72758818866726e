/** A picture drawn from the server's shapes. What could not be read as one is not drawn; its table tells the same. */
import { h, type VNode } from 'preact'
import { useWords } from '../../ui/parts/words'
import type { Shape } from '../drawing'
import type { Chart as ChartData } from '../page'

export function Chart({ of, chart, stands }: { of: string; chart: ChartData; stands: boolean }) {
    const { t } = useWords()
    if (chart.drawing === null) return <p class="card plain" data-part="no-picture">{t('figures.noPicture')}</p>
    return (
        <div data-picture={of} class={`picture-box${stands ? ' standing' : ''}`} role="group" tabIndex={stands ? 0 : undefined} aria-label={chart.title}>
            {drawn(chart.drawing)}
        </div>
    )
}

export function drawn({ tag, attributes, children, text }: Shape): VNode {
    return h(tag, attributes, ...(text === '' ? [] : [text]), ...children.map(drawn))
}
