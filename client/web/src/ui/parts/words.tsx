/** The language of the page and its words, given to every part through a context. */
import { createContext } from 'preact'
import type { ComponentChildren } from 'preact'
import { useContext, useLayoutEffect, useMemo } from 'preact/hooks'
import { loadOtherWords, tagOf, translator, type Translate } from '../../i18n/text'
import type { Language } from '../../session/types'
import { useLater, type Later } from './later'

interface Words {
    readonly language: Language
    readonly t: Translate
    /** The words that follow the first load. */
    readonly others: Later<true>
}

const WordsContext = createContext<Words>({ language: 'fi-simple', t: translator('fi-simple'), others: { part: null, failed: false } })

/** Gives the words of `language` to everything inside, and tells the browser which language that is. */
export function InLanguage({ language, children }: { language: Language; children: ComponentChildren }) {
    const others = useLater(loadOtherWords)
    const shown = others.part ? language : 'fi-simple'
    const words = useMemo(() => ({ language: shown, t: translator(shown), others }), [shown, others])
    useLayoutEffect(() => { document.documentElement.lang = tagOf(shown) }, [shown])
    return <WordsContext value={words}>{children}</WordsContext>
}

/** Gives the words of another language to one part of a page, and leaves the page's own language as it is. */
export function PartInLanguage({ language, children }: { language: Language; children: ComponentChildren }) {
    const { others } = useWords()
    const words = useMemo(() => ({ language, t: translator(language), others }), [language, others])
    return <WordsContext value={words}><div lang={tagOf(language)}>{children}</div></WordsContext>
}

export const useWords = (): Words => useContext(WordsContext)
