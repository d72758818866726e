/** The languages beside plain Finnish, in one file. */
import en from './en.json'
import fi from './fi.json'

export { en, fi }
