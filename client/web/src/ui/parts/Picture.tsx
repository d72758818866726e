/** One picture of the phrase: seen as a picture, heard as its word. */
import { pictureAt, wordOf } from '../pictures'
import { useWords } from './words'

export function Picture({ index }: { index: number }) {
    const { language } = useWords()
    return <span class="picture" role="img" aria-label={wordOf(index, language)} data-picture={index}>{pictureAt(index)}</span>
}

/** The picture with its word below. The word is hidden from screen readers, which have already said it. */
export function NamedPicture({ index }: { index: number }) {
    const { language } = useWords()
    return (
        <span class="named-picture">
            <Picture index={index} />
            <span class="named-picture-word" aria-hidden="true">{wordOf(index, language)}</span>
        </span>
    )
}
