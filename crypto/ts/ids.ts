/** Identifiers and public keys: types that cannot be mixed up, and how each id is made. SPEC 2.1 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, u8 } from './bytes.ts'
import type { ErrorCode } from './codes.ts'
import { context } from './contexts.ts'
import { MalformedError } from './errors.ts'

type Branded<Name extends string> = Uint8Array & { readonly brand: Name }

export type InstanceId = Branded<'InstanceId'>
export type CaseId = Branded<'CaseId'>
/** Of a sealed room beside a case, and used wherever a case's is. SPEC 3.5 */
export type RoomId = CaseId & { readonly isRoom: true }
export type MailboxId = Branded<'MailboxId'>
export type ObjectId = Branded<'ObjectId'>
export type OperationId = Branded<'OperationId'>
export type ExpertId = Branded<'ExpertId'>
export type Commitment = Branded<'Commitment'>
/** A public Ed25519 key. */
export type SignKey = Branded<'SignKey'>
/** A public X-Wing key. */
export type KemKey = Branded<'KemKey'>
/** A head of an author's chain. SPEC 4.2 */
export type Head = Branded<'Head'>
export type QueueId = number
export type Epoch = number
export type Generation = number

export const LAWYER: QueueId = 1
export const PSYCHOLOGIST: QueueId = 2

export const KEM_KEY_BYTES = 1216
export const SIGNATURE_BYTES = 64

const sized =
    <T extends Uint8Array>(name: string, length: number) =>
    (bytes: Uint8Array, code: ErrorCode = 'envelope-malformed'): T => {
        if (bytes.length !== length) throw new MalformedError(`${name} needs ${length} bytes`, code)
        return bytes as T
    }

export const asInstanceId = sized<InstanceId>('instance id', 32)
export const asCaseId = sized<CaseId>('case id', 32)
export const asObjectId = sized<ObjectId>('object id', 32)
export const asOperationId = sized<OperationId>('operation id', 16)
export const asExpertId = sized<ExpertId>('expert id', 16)
export const asCommitment = sized<Commitment>('commitment', 32)
export const asSignKey = sized<SignKey>('sign key', 32)
export const asKemKey = sized<KemKey>('kem key', KEM_KEY_BYTES)
export const asHash = sized<Uint8Array>('hash', 32)
export const asHead = sized<Head>('head', 32)

/** H(x) of the specification. SPEC 1.1 */
export const hash = (...parts: readonly Uint8Array[]): Uint8Array => sha256(concat(...parts))

export const instanceId = (firstRoot: Uint8Array): InstanceId => asInstanceId(hash(firstRoot))
export const mailboxId = (authKey: SignKey): MailboxId => hash(context('mailbox', authKey)) as MailboxId
export const commitmentOf = (key: Uint8Array): Commitment => asCommitment(hash(context('commitment', key)))
export const caseId = (signKey: SignKey, first: Commitment): CaseId => asCaseId(hash(context('case', signKey, first)))
export const roomId = (id: CaseId, kind: number, commitment: Commitment): RoomId => hash(context('room', id, u8(kind), commitment)) as RoomId
export const tombstone = (id: CaseId): Uint8Array => hash(context('tombstone', id))
