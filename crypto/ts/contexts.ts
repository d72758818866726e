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
    'sign-in': [32, 32, 32],
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
} as const satisfies Record<string, readonly number[]>

type Lengths<Label extends string> = Readonly<Record<Label, readonly number[]>>

/** Binds to labels of one table. An expert's stand in one of their own, so that nobody else loads them. */
export const contextsOf =
    <Label extends string>(table: Lengths<Label>) =>
    (label: Label, ...fields: readonly Uint8Array[]): Uint8Array => {
        const lengths = table[label]
        // A wrong length is a mistake in a program, never something that arrives from outside.
        if (fields.length !== lengths.length || fields.some((field, at) => field.length !== lengths[at])) {
            throw new RangeError(`context ${label} needs fields of ${lengths.join(', ')} bytes`)
        }
        return concat(utf8(`lyhty/v1/${label}|`), ...fields)
    }

export const context = contextsOf(CONTEXT_FIELDS)
