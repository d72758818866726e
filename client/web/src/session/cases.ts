/** Everything about a case, in the later file. */
import { OpenCase } from './open-case.ts'
import { openResumedCase, requestResume } from './resuming.ts'
import { Sending } from './sending.ts'
import { Slips } from './slips.ts'

export const CASE_PARTS = { OpenCase, Sending, Slips, openResumedCase, requestResume }
