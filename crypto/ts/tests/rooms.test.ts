/** Shared vectors of the sealed rooms beside a case. */
import { describe } from 'vitest'
import { asCaseId, asCommitment, asInstanceId, asSignKey, roomId } from '../ids.ts'
import { KemKeyPair } from '../keys.ts'
import { openOwnRoomKey, openRoomKey, verifyRoom } from '../rooms.ts'
import type { RoomKind } from '../rooms.ts'
import type { Roster } from '../rosters.ts'
import { runVectors } from './vectors.ts'
import type { Inputs } from './vectors.ts'

const verified = (the: Inputs): Roster =>
    verifyRoom(
        the.bytes('roster'),
        asInstanceId(the.bytes('instance')),
        asCaseId(the.bytes('case')),
        the.number('kind') as RoomKind,
        the.byteList('allowed').map((key) => asSignKey(key)),
    )

describe('rooms', () =>
    runVectors('rooms.json', {
        'verify-room': (the) => {
            const { caseId, commitment, signer, entries } = verified(the)
            return {
                room: caseId,
                commitment,
                signer,
                entries: entries.map(({ recipient, queue, epoch, kemHash, wrapHash }) => ({ recipient, queue, epoch, kem: kemHash, wrap: wrapHash })),
            }
        },
        'open-room': async (the) => ({
            key: await openRoomKey(verified(the), the.byteList('wraps'), the.number('queue'), () => new KemKeyPair(the.bytes('seed'))),
        }),
        'open-own': async (the) => ({ key: await openOwnRoomKey(verified(the), the.bytes('sealed'), the.bytes('wrap_key')) }),
        'room-id': (the) => ({
            room: roomId(asCaseId(the.bytes('case')), the.number('kind'), asCommitment(the.bytes('commitment'))),
        }),
    }))
