/**
 * Every error that a person or a program can meet, by number, name and HTTP status. SPEC 7
 *
 * The last list is known to clients only: no server ever sends one of those.
 */
export const SERVER_CODES = [
    [1, 'frame-malformed', 400],
    [2, 'operation-malformed', 400],
    [3, 'envelope-malformed', 400],
    [4, 'too-large', 413],
    [5, 'signature-invalid', 403],
    [6, 'mailbox-unknown', 404],
    [7, 'case-unknown', 404],
    [8, 'case-closed', 409],
    [9, 'case-erased', 410],
    [10, 'case-already-claimed', 409],
    [11, 'case-not-held', 403],
    [12, 'object-conflict', 409],
    [13, 'counter-conflict', 409],
    [14, 'epoch-stale', 409],
    [15, 'queue-unknown', 404],
    [16, 'busy', 503],
    [17, 'storage-failed', 503],
    [18, 'not-signed-in', 401],
    [19, 'sign-in-failed', 403],
    [20, 'not-resumed', 403],
    [21, 'route-unknown', 404],
    [22, 'method-not-allowed', 405],
    [23, 'internal', 500],
    [24, 'work-insufficient', 429],
    [25, 'capacity-reached', 409],
    [26, 'directory-outdated', 409],
    [27, 'not-coordinator', 403],
    [28, 'invitation-unknown', 404],
    [29, 'generation-stale', 409],
    [30, 'case-changed', 409],
    [32, 'session-unknown', 404],
    [33, 'epoch-in-use', 409],
    [35, 'room-unknown', 404],
    [36, 'too-many-rooms', 409],
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
