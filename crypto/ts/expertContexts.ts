/** What only experts' clients bind to, and the server. SPEC 1.2 */
import { contextsOf } from './contexts.ts'

/** The lengths of each label's fields, in bytes. */
export const EXPERT_CONTEXT_FIELDS = {
    'expert-unlock': [32],
    'expert-login': [],
    'expert-seal': [],
    'expert-keys': [32, 16],
    'expert-drafts': [],
    'expert-draft': [32, 16],
    'passkey-prf': [32],
    'passkey-unlock': [32],
    'passkey-seal': [],
    'passkey-keys': [32, 16, 32],
    'unknown-expert': [],
    'new-unlock': [32, 32, 32],
    'kem-renewal': [],
    'sign-in-name': [],
    'invitation': [32, 32],
    'viewer-invitation': [32, 32],
    'invitation-seal': [],
    'invitation-mac': [],
    'invitation-offer': [32, 16],
    'invitation-keep': [],
    'invitation-kept': [32, 16],
    'application': [32],
    'introduction': [32, 16, 32, 1216],
    'founding-seal': [],
    'founding-packet': [32],
    'recovery-split': [],
    'recovery-request': [],
    'audit': [],
    'audit-head': [],
    'audit-log': [],
    'mailbox-row': [],
    'mailbox-seal': [],
} as const satisfies Record<string, readonly number[]>

export const expertContext = contextsOf(EXPERT_CONTEXT_FIELDS)
