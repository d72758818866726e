/** The address that opens a phrase's conversation elsewhere, given to every part that shows a phrase. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export type LinkOf = (phrase: readonly number[]) => string

/** Null where there is nothing to take along: a made-up phrase leads nowhere. */
export const LinkContext = createContext<LinkOf | null>(null)
export const useLink = (): LinkOf | null => useContext(LinkContext)
