/** Shared vectors of the shelves of answer templates. */
import { describe } from 'vitest'
import { hex } from '../bytes.ts'
import { UntrustedDirectory } from '../directories.ts'
import type { Directory } from '../directories.ts'
import { decodeHeader } from '../envelopes.ts'
import { asCaseId, asInstanceId } from '../ids.ts'
import { KemKeyPair } from '../keys.ts'
import { utf8 } from '../platform.ts'
import { decodeAside, decodeRoomContent, encodeAside, encodeRoomContent } from '../room-contents.ts'
import type { RoomContent } from '../room-contents.ts'
import { verifyRoots } from '../roots.ts'
import { objectKeyOf, openObject } from '../sealing.ts'
import { readShelf, shelfId } from '../shelves.ts'
import type { StoredShelfRoom, TeamShelf } from '../shelves.ts'
import { runVectors } from './vectors.ts'
import type { Fields, Inputs } from './vectors.ts'

let directory: Directory | undefined
/** The same for thousands of tampered copies. */
const directoryOf = (the: Inputs): Directory =>
    (directory ??= new UntrustedDirectory(the.bytes('directory')).verify(
        verifyRoots(the.byteList('roots'), asInstanceId(the.bytes('anchor'))),
        the.number('now'),
    ))

function roomsOf(the: Inputs): StoredShelfRoom[] {
    const rooms = the.items('rooms').map((room): StoredShelfRoom => ({
        roster: room.bytes('roster'),
        wrap: room.fields['wrap'] === null ? null : room.bytes('wrap'),
        envelopes: room.byteList('envelopes'),
    }))
    const newest = rooms.pop()
    if (newest === undefined) return rooms
    // A tampered field stands beside the rooms: it is the newest one's.
    const roster = 'roster' in the.fields ? the.bytes('roster') : newest.roster
    const wrap = 'wrap' in the.fields ? the.bytes('wrap') : newest.wrap
    return [...rooms, { ...newest, roster, wrap }]
}

const shown = ({ templates, alarms, before }: TeamShelf): object => ({
    templates: [...templates].sort(([one], [other]) => (one < other ? -1 : 1)).map(([template, versions]) => ({
        template,
        versions: versions.map(({ author, content: { title, removed } }) => ({ author: hex(author), title, removed })),
    })),
    alarms: [...alarms].sort(),
    before: { room: before.room, count: before.count, end: before.end },
})

const asJson = (content: RoomContent): Fields => JSON.parse(new TextDecoder().decode(encodeRoomContent(content))) as Fields

describe('shelves', () =>
    runVectors('shelves.json', {
        'shelf-id': (the) => ({ shelf: shelfId(asInstanceId(the.bytes('instance')), the.number('queue')) }),
        'decode': (the) => ({ value: asJson(decodeRoomContent(utf8(the.text('text')))) }),
        'open-in-room': async (the) => {
            const envelope = the.bytes('envelope')
            const key = objectKeyOf(the.bytes('key'), decodeHeader(envelope).objectId)
            const { content } = await openObject(asInstanceId(the.bytes('instance')), asCaseId(the.bytes('room')), key, envelope, decodeRoomContent)
            return { content: asJson(content) }
        },
        'read-shelf': async (the) => {
            const seeds = new Map(the.items('seeds').map((each) => [each.number('epoch'), each.bytes('seed')]))
            const ownKey = (_: number, epoch: number): KemKeyPair => new KemKeyPair(seeds.get(epoch) ?? new Uint8Array(32))
            return shown(await readShelf(the.number('queue'), roomsOf(the), directoryOf(the), ownKey))
        },
    }))

describe('what stands beside a case', () =>
    runVectors('asides.json', {
        decode: (the) => ({ value: JSON.parse(new TextDecoder().decode(encodeAside(decodeAside(utf8(the.text('text')))))) as Fields }),
    }))
