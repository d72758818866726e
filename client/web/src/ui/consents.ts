/** What a person said to whether another profession may help, in one sentence of theirs. */
import type { Translate } from '../i18n/text'
import type { Consent, Profession } from '../session/types'

export const consentIn = (t: Translate, what: Consent, profession: Profession | null): string =>
    t(`ask.said.${what}`, { who: t(profession === null ? 'ask.somebody' : `ask.${profession}`) })
