/** The address that opens a phrase's conversation elsewhere, given to every part that shows a phrase. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export type LinkOf = (phrase: readonly number[]) => string

export const LinkContext = createContext<LinkOf>(() => '')
export const useLink = (): LinkOf => useContext(LinkContext)
