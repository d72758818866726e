/** The views that nobody reaches in the first moments, in one file that follows the first load. */
import { provideCases } from '../session/case-parts'
import { CASE_PARTS } from '../session/cases'

provideCases(CASE_PARTS)

export { Case } from './steps/Case'
export { Continue } from './steps/Continue'
export { Erased } from './steps/Erased'
export { Lesson } from './steps/Lesson'
export { OpenCopy } from './steps/OpenCopy'
export { SchoolNote } from './parts/SchoolNote'
export { Phrase } from './steps/Phrase'
export { Practice } from './steps/Practice'
export { Rehearsal } from './steps/Rehearsal'
export { Sent } from './steps/Sent'
/** Both files need its picture-words; named here, they stand in the one that everybody has fetched before. */
export { OTHERS } from '../i18n/others'

export type LaterViews = typeof import('./later')
