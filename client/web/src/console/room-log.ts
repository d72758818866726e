/** What has been read of a room, in the server's order, and whether it holds together. SPEC 3.5, 4.3 */
import { hex } from '@lyhty/crypto/bytes'
import { Chains } from '@lyhty/crypto/chains'
import type { KnownAuthor } from '@lyhty/crypto/directories'
import { HistoryGapError } from '@lyhty/crypto/errors'
import type { AsideContent } from '@lyhty/crypto/room-contents'
import type { Opened } from '@lyhty/crypto/sealing'

export interface Written {
    readonly opened: Opened<AsideContent>
    readonly author: 'reporter' | KnownAuthor
}

export class RoomLog {
    readonly chains = new Chains()
    readonly written: Written[] = []
    readonly #objects = new Set<string>()
    newest = 0
    gap = false

    has(objectId: Uint8Array): boolean {
        return this.#objects.has(hex(objectId))
    }

    /** In their order. One object under two numbers is of two histories. */
    add(written: Written): void {
        const { objectId } = written.opened.header
        if (this.has(objectId)) throw new HistoryGapError('two histories')
        this.#objects.add(hex(objectId))
        try {
            this.chains.accept(written.opened)
        } catch (error) {
            if (!(error instanceof HistoryGapError)) throw error
            this.gap = true
            this.chains.adopt(written.opened)
        }
        this.written.push(written)
    }
}
