/** The language of the page and its words, given to every part through a context. */
import { createContext } from 'preact'
import type { ComponentChildren } from 'preact'
import { useContext, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import { loadOtherLanguages, tagOf, translator, type Translate } from '../../i18n/text'
import type { Language } from '../../session/types'

interface Words {
    readonly language: Language
    readonly t: Translate
}

const WordsContext = createContext<Words>({ language: 'fi-simple', t: translator('fi-simple') })

/** Gives the words of `language` to everything inside, and tells the browser which language that is. */
export function InLanguage({ language, children }: { language: Language; children: ComponentChildren }) {
    const [complete, setComplete] = useState(false)
    // Every page fetches them, in every language; a change of language is only another chance after a lost connection.
    useEffect(() => { loadOtherLanguages().then(() => setComplete(true), () => setComplete(false)) }, [language])
    const shown = complete ? language : 'fi-simple'
    const words = useMemo(() => ({ language: shown, t: translator(shown) }), [shown])
    useLayoutEffect(() => { document.documentElement.lang = tagOf(shown) }, [shown])
    return <WordsContext value={words}>{children}</WordsContext>
}

/** Gives the words of another language to one part of a page, and leaves the page's own language as it is. */
export function PartInLanguage({ language, children }: { language: Language; children: ComponentChildren }) {
    const words = useMemo(() => ({ language, t: translator(language) }), [language])
    return <WordsContext value={words}><div lang={tagOf(language)}>{children}</div></WordsContext>
}

export const useWords = (): Words => useContext(WordsContext)
