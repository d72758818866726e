/** Tells once what has changed among the people since this device last saw them. SPEC 9.9 */
import { b64encode } from '@lyhty/crypto/encoding'
import { DeviceMemory } from './device-memory'
import type { Keyring } from './keyring'
import { asSeen, peopleNews, seenIn } from './people-news'
import type { ConsoleEvent } from './state'

export class PeopleWatch {
    readonly #storage: Storage | null
    readonly #tell: (event: ConsoleEvent) => void

    constructor(storage: Storage | null, tell: (event: ConsoleEvent) => void) {
        this.#storage = storage
        this.#tell = tell
    }

    /** A directory is here, perhaps a newer one. */
    look(keyring: Keyring): void {
        const before = asSeen(this.#memory(keyring).read())
        const news = before === null ? [] : peopleNews(before, keyring.directory).filter(({ id }) => id !== b64encode(keyring.expert))
        // Until somebody has read them, they are told again at the next sign-in.
        if (news.length === 0) this.#memory(keyring).write(seenIn(keyring.directory))
        this.#tell({ type: 'people-news', news })
    }

    read(keyring: Keyring): void {
        this.#memory(keyring).write(seenIn(keyring.directory))
        this.#tell({ type: 'people-news', news: [] })
    }

    #memory({ expert }: Keyring): DeviceMemory {
        return new DeviceMemory(this.#storage, 'people', b64encode(expert))
    }
}
