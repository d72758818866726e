/**
 * What every hash, key, seal and signature is bound to: a label nobody else uses and fields of fixed lengths. SPEC 1.2
 */
import { concat } from './bytes.ts'
import { utf8 } from './platform.ts'

/** The lengths of each label's fields, in bytes. */
export const CONTEXT_FIELDS = {
    'mailbox': [32],
    'commitment': [32],
    'case': [32, 32],
    'tombstone': [32],
    'room': [32, 1, 32],
    'phrase': [32],
    'reporter-auth': [],
    'reporter-sign': [32],
    'reporter-kem': [32],
    'reporter-wrap': [32],
    'expert-unlock': [32],
    'expert-login': [],
    'expert-seal': [],
    'expert-keys': [32, 16],
    'expert-drafts': [],
    'expert-draft': [32, 16],
    'unknown-expert': [],
    'sign-in': [32, 32, 32],
    'sign-in-name': [],
    'sign-in-work': [32, 32],
    'wrap': [32, 32, 45],
    'self-wrap': [32, 32, 4, 32],
    'previous-key': [32, 32, 4, 32],
    'roster': [],
    'object': [32, 32, 75],
    'object-key': [32],
    'object-signature': [32, 32, 75],
    'head': [],
    'document': [],
    'open': [32, 32, 32],
    'resume': [32, 32],
    'erase': [32, 32],
    'take-back': [32, 32],
    'export': [36],
    'export-key': [],
    'work': [32, 16, 32],
    'work-challenge': [],
    'invitation': [32, 32],
    'invitation-seal': [],
    'invitation-mac': [],
    'invitation-offer': [32, 16],
    'invitation-keep': [],
    'invitation-kept': [32, 16],
    'application': [32],
    'introduction': [32, 16, 32, 1216],
    'founding-seal': [],
    'founding-packet': [32],
    'audit': [],
    'audit-head': [],
    'audit-log': [],
    'mailbox-row': [],
    'mailbox-seal': [],
} as const satisfies Record<string, readonly number[]>

export type ContextLabel = keyof typeof CONTEXT_FIELDS

export function context(label: ContextLabel, ...fields: readonly Uint8Array[]): Uint8Array {
    const lengths: readonly number[] = CONTEXT_FIELDS[label]
    // A wrong length is a mistake in a program, never something that arrives from outside.
    if (fields.length !== lengths.length || fields.some((field, at) => field.length !== lengths[at])) {
        throw new RangeError(`context ${label} needs fields of ${lengths.join(', ')} bytes`)
    }
    return concat(utf8(`lyhty/v1/${label}|`), ...fields)
}
