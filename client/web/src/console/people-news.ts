/** What has changed among the people since this device last saw them. Values in, values out. SPEC 9.9 */
import type { Directory, Expert } from '@lyhty/crypto/directories'
import { b64encode } from '@lyhty/crypto/encoding'
import { hash } from '@lyhty/crypto/ids'
import type { QueueId } from '@lyhty/crypto/ids'

/** `returned`: the name of somebody who has left, with other keys. `widened`: reads more queues now, which are these. */
export interface PersonNews {
    readonly what: 'joined' | 'returned' | 'left' | 'widened' | 'coordinates'
    readonly id: string
    readonly name: string
    readonly queues: readonly QueueId[]
}

/** By expert id: a hash of `sign` (their `kem` may be renewed), the queues, and whether they coordinate. No name: the directory has those. */
export type SeenPeople = Readonly<Record<string, SeenPerson>>
interface SeenPerson { readonly sign: string; readonly queues: readonly QueueId[]; readonly coordinator: boolean }

export function seenIn({ claims }: Directory): SeenPeople {
    return Object.fromEntries(claims.experts.map((expert) => [
        b64encode(expert.id), { sign: b64encode(hash(expert.sign)), queues: [...expert.queues], coordinator: expert.coordinator },
    ]))
}

/** What was kept on the device, if it is what was written. */
export function asSeen(value: Readonly<Record<string, unknown>> | null): SeenPeople | null {
    const isPerson = (one: unknown): one is SeenPerson => (
        typeof one === 'object' && one !== null && 'sign' in one && 'queues' in one && Array.isArray(one.queues) && 'coordinator' in one
    )
    return value !== null && Object.values(value).every(isPerson) ? value as SeenPeople : null
}

export function peopleNews(before: SeenPeople, directory: Directory): PersonNews[] {
    const now = seenIn(directory)
    const { experts, former } = directory.claims
    const names = new Set(former.map(({ name }) => name))
    const came = experts.flatMap((expert): PersonNews[] => newsOf(expert, before[b64encode(expert.id)], now[b64encode(expert.id)], names))
    const left = former
        .filter(({ id }) => before[b64encode(id)] !== undefined && now[b64encode(id)] === undefined)
        // Who is back under the same name has not simply left.
        .filter(({ name }) => !came.some((one) => one.what === 'returned' && one.name === name))
    return [...came, ...left.map(({ id, name, queues }): PersonNews => ({ what: 'left', id: b64encode(id), name, queues }))]
}

function newsOf({ id, name, queues, coordinator }: Expert, seen: SeenPerson | undefined, now: SeenPerson | undefined, left: ReadonlySet<string>): PersonNews[] {
    const told = (what: PersonNews['what'], which = queues): PersonNews => ({ what, id: b64encode(id), name, queues: which })
    if (seen === undefined) return [told(left.has(name) ? 'returned' : 'joined')]
    // Nobody's `sign` changes under one id (SPEC 9.1); a server that let them would be told of as loudly.
    if (seen.sign !== now?.sign) return [told('returned')]
    const added = queues.filter((queue) => !seen.queues.includes(queue))
    return [
        ...(added.length > 0 ? [told('widened', added)] : []),
        ...(coordinator && !seen.coordinator ? [told('coordinates')] : []),
    ]
}
