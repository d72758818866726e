/** The law data and the templates, once they are here; null until then. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type * as loaded from '../answering/books'

export type Books = typeof loaded

export const BooksContext = createContext<Books | null>(null)
export const useBooks = (): Books | null => useContext(BooksContext)
