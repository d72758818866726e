/** Tapping the phrase: a group first, then the picture. */
import { useState } from 'preact/hooks'
import { hasText, type TextKey } from '../../i18n/text'
import { NamedPicture } from '../parts/Picture'
import { useWords } from '../parts/words'
import { GROUPS } from '../pictures'

/** The lexicon may grow a group before the catalogs do. */
const nameOf = (group: string): TextKey => {
    const key = `groups.${group}`
    return hasText(key) ? key : 'groups.other'
}

export function ByPictures({ full, onPick }: { full: boolean; onPick: (index: number) => void }) {
    const { t } = useWords()
    const [open, setOpen] = useState(0)
    const group = GROUPS[open]
    return (
        <div class="card stack">
            <div class="stack tight">
                <h2>{t('groups.title')}</h2>
                <div class="chips" role="group" aria-label={t('groups.title')}>
                    {GROUPS.map(({ id }, nth) => (
                        <button key={id} type="button" class="button toggle small-button" data-action="group" data-group={id} aria-pressed={nth === open} onClick={() => setOpen(nth)}>
                            {t(nameOf(id))}
                        </button>
                    ))}
                </div>
            </div>
            {group !== undefined && (
                <div class="picture-grid" role="group" aria-label={t(nameOf(group.id))}>
                    {Array.from({ length: group.end - group.start }, (_, nth) => group.start + nth).map((index) => (
                        <button key={index} type="button" class="tile" data-action="pick" aria-disabled={full} onClick={() => { if (!full) onPick(index) }}>
                            <NamedPicture index={index} />
                        </button>
                    ))}
                </div>
            )}
        </div>
    )
}
