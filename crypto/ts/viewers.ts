/** Viewers of figures: they have a login key as experts do, and no other. SPEC 12.2 */
import { expertContext as context } from './expertContexts.ts'
import { accountName } from './experts.ts'
import { hash, type InstanceId } from './ids.ts'

const ID_BYTES = 16

/** In all that is hashed or signed: no expert's, which never begins with a space. */
export const viewerName = (typed: string): string => ` ${accountName(typed)}`

/** Of an invitation, and of the viewer who comes by it. */
export const viewerId = (instance: InstanceId, secret: Uint8Array): Uint8Array =>
    hash(context('viewer-invitation', instance, secret)).slice(0, ID_BYTES)
