/** Opens a place's card: the small summary that is all anybody sees before a claim. SPEC 4.1, 4.4 */
import { urgentAgrees } from '@lyhty/crypto/authors'
import type { ErrorCode } from '@lyhty/crypto/codes'
import type { CardContent } from '@lyhty/crypto/contents'
import { b64decode } from '@lyhty/crypto/encoding'
import { MalformedError, ProtocolError, TamperedError } from '@lyhty/crypto/errors'
import { asCaseId, type CaseId } from '@lyhty/crypto/ids'
import { openEnvelope, type Opened } from '@lyhty/crypto/sealing'
import { unwrapKey } from '@lyhty/crypto/wrapping'
import { CARD_KEY, decodeWrap } from '@lyhty/crypto/wraps'
import type { Keyring } from './keyring'
import type { Place } from './places'

export type CardFacts = Pick<CardContent, 'topic' | 'services' | 'role' | 'age' | 'language' | 'firstWords'>

/** `facts` is null when the card does not open; `alarm` says what is wrong with it. */
export interface CardView {
    readonly facts: CardFacts | null
    readonly alarm: ErrorCode | null
    /** The server's bit that the card was compared with. */
    readonly urgent: boolean
    /** The card as it was sealed: a reporter who lets others in seals another. SPEC 4.7 */
    readonly sealed: string
}

export async function viewCard(place: Place, keyring: Keyring): Promise<CardView> {
    try {
        const opened = await openCard(place, keyring)
        // Somebody who reorders the queue must not be able to hide the card as well: a wrong urgency still shows it.
        const { urgent, card } = place
        return { facts: opened.content, alarm: urgentAgrees(opened, urgent) ? null : 'urgent-mismatch', urgent, sealed: card }
    } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        const alarm = error.code === 'wrap-tampered' ? 'wrap-tampered' : 'envelope-tampered'
        return { facts: null, alarm, urgent: place.urgent, sealed: place.card }
    }
}

export async function cardKeyOf(id: CaseId, queue: number, wrapped: Uint8Array, keyring: Keyring): Promise<Uint8Array> {
    const wrap = decodeWrap(wrapped)
    if (wrap.kind !== CARD_KEY || wrap.queue !== queue) throw new TamperedError('not a card key of this queue', 'wrap-tampered')
    return unwrapKey(keyring.instance, id, wrapped, keyring.queueKey(wrap.queue, wrap.epoch))
}

async function openCard(place: Place, keyring: Keyring): Promise<Opened<CardContent>> {
    const id = asCaseId(b64decode(place.case))
    const key = await cardKeyOf(id, place.queue, b64decode(place.cardWrap), keyring)
    const opened = await openEnvelope(keyring.instance, id, key, b64decode(place.card))
    const { content } = opened
    if (content.type !== 'card') throw new MalformedError('not a card')
    return { ...opened, content }
}
