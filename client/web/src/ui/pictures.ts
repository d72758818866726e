/** The pictures of SPEC 2.4 and their words as the screens show them: by the language of the page. */
import { FINNISH, GROUPS, PICTURES as SHOWN } from '@lyhty/crypto/pictures'
import { pictureWordsOf } from '../i18n/text'
import type { Language } from '../session/types'

export { GROUPS }

/** How many pictures there are to choose from. */
export const PICTURES = SHOWN.length

function entry(list: readonly string[], index: number): string {
    const found = list[index]
    if (found === undefined) throw new RangeError('a picture index is one byte')
    return found
}

export const pictureAt = (index: number): string => entry(SHOWN, index)
/** Plain Finnish has the same words as Finnish. */
export const wordOf = (index: number, language: Language): string => entry(pictureWordsOf(language) ?? FINNISH, index)
