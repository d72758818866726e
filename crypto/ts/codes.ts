/**
 * Every error that a person or a program can meet, by number and name. No client looks at its HTTP status. SPEC 7
 *
 * The last list is known to clients only: no server ever sends one of those.
 */
export const SERVER_CODES = [
    [1, 'frame-malformed'],
    [2, 'operation-malformed'],
    [3, 'envelope-malformed'],
    [4, 'too-large'],
    [5, 'signature-invalid'],
    [6, 'mailbox-unknown'],
    [7, 'case-unknown'],
    [8, 'case-closed'],
    [9, 'case-erased'],
    [10, 'case-already-claimed'],
    [11, 'case-not-held'],
    [12, 'object-conflict'],
    [13, 'counter-conflict'],
    [14, 'epoch-stale'],
    [15, 'queue-unknown'],
    [16, 'busy'],
    [17, 'storage-failed'],
    [18, 'not-signed-in'],
    [19, 'sign-in-failed'],
    [20, 'not-resumed'],
    [21, 'route-unknown'],
    [22, 'method-not-allowed'],
    [23, 'internal'],
    [24, 'work-insufficient'],
    [25, 'capacity-reached'],
    [26, 'directory-outdated'],
    [27, 'not-coordinator'],
    [28, 'invitation-unknown'],
    [29, 'generation-stale'],
    [30, 'case-changed'],
    [31, 'second-factor-needed'],
    [32, 'session-unknown'],
    [33, 'epoch-in-use'],
    [35, 'room-unknown'],
    [36, 'too-many-rooms'],
    [37, 'shelf-changed'],
    [38, 'shelf-full'],
    [60, 'recovery-unknown'],
    [61, 'recovery-under-way'],
    [70, 'organisation-unknown'],
    [80, 'provider-refused'],
    [81, 'provider-unavailable'],
    [82, 'viewer-unknown'],
    [90, 'paper-failed'],
    [91, 'paper-unavailable'],
    [92, 'site-unset'],
] as const

export const CLIENT_CODES = [
    'phrase-incomplete',
    'phrase-word-unknown',
    'phrase-uncertain',
    'message-empty',
    'message-too-long',
    'message-forbidden-character',
    'envelope-tampered',
    'history-gap',
    'directory-forged',
    'directory-expired',
    'directory-missing',
    'anchor-mismatch',
    'clock-off',
    'insecure-context',
    'connection-lost',
    'browser-unsupported',
    'urgent-mismatch',
    'wrap-tampered',
    'device-secret-missing',
    'answer-empty',
    'lines-too-many',
    'line-too-long',
    'variable-unfilled',
    'export-unreadable',
    'passkey-failed',
    'passkey-without-secret',
    'recovery-unusable',
    'audit-broken',
] as const

export type ServerCode = (typeof SERVER_CODES)[number][1]
export type ClientCode = (typeof CLIENT_CODES)[number]
export type ErrorCode = ServerCode | ClientCode

const nameOf = new Map<number, ServerCode>(SERVER_CODES.map(([number, name]) => [number, name]))
const numberOf = new Map<string, number>(SERVER_CODES.map(([number, name]) => [name, number]))

/** The name of an error's number, or undefined if this version does not know it. */
export const codeOfNumber = (number: number): ServerCode | undefined => nameOf.get(number)

/** The number that stands for an error in a record. */
export const numberOfCode = (code: ServerCode): number => numberOf.get(code) as number

/** Whether a word from outside, for example the `code` of an HTTP answer, is one of the server's. */
export const isServerCode = (word: unknown): word is ServerCode => typeof word === 'string' && numberOf.has(word)
