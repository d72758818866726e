/** A conversation as evidence: each message with the hashes that tie it to what the server stored and to its author. */
import { hex } from '@lyhty/crypto/bytes'
import type { ErrorCode } from '@lyhty/crypto/codes'
import { isWritten } from '@lyhty/crypto/receipts'
import type { WrittenContent } from '@lyhty/crypto/contents'
import { b64encode } from '@lyhty/crypto/encoding'
import { hash } from '@lyhty/crypto/ids'
import type { InstanceId } from '@lyhty/crypto/ids'
import type { Conversation } from './conversation.ts'
import type { ReadMessage } from './history.ts'
import type { Opening } from './openings.ts'
import type { Profession } from './types.ts'

export interface Author {
    readonly name: string | null
    /** Null: the reporter. */
    readonly profession: Profession | null
}

export interface Exhibit {
    readonly seq: number
    readonly author: Author
    /** By the author's clock. */
    readonly at: number
    readonly content: WrittenContent
    /** SHA-256 of the sealed bytes that the server stored. */
    readonly sealed: string
    /** What the author's next message names. SPEC 4.2 */
    readonly head: string
}

export interface Chain {
    readonly author: Author
    readonly key: string
    readonly count: number
    readonly head: string
}

export interface Evidence {
    readonly caseId: string
    readonly instance: string
    /** Seconds since 1970. */
    readonly made: number
    readonly exhibits: readonly Exhibit[]
    readonly openings: readonly Opening[]
    /** Where each author's chain ends. */
    readonly chains: readonly Chain[]
    readonly alarms: readonly ErrorCode[]
}

const authorOf = ({ author }: ReadMessage): Author =>
    author === 'reporter' ? { name: null, profession: null } : { name: author.name, profession: author.profession }

export function evidenceOf(conversation: Conversation, instance: InstanceId, made: number): Evidence {
    const { history, sealed } = conversation
    const { alarms, openings } = conversation.view()
    const chains = new Map<string, Chain>()
    for (const message of history.messages) {
        const { header, head } = message.opened
        const key = hex(header.author)
        chains.set(key, { author: authorOf(message), key, count: header.counter, head: hex(head) })
    }
    return {
        caseId: b64encode(conversation.caseId),
        instance: b64encode(instance),
        made,
        exhibits: history.messages
            .filter(({ opened }) => isWritten(opened))
            .map((message) => {
                const content = message.opened.content as WrittenContent
                return {
                    seq: message.seq,
                    author: authorOf(message),
                    at: content.at,
                    content,
                    sealed: hex(hash(sealed.get(message.seq) ?? new Uint8Array())),
                    head: hex(message.opened.head),
                }
            }),
        openings,
        chains: [...chains.values()],
        alarms,
    }
}
