/** The copy of a case that its reporter keeps, against the vectors that both languages share. SPEC 11 */
import { describe } from 'vitest'
import { decodeLocked, exportInput, openExport, sealExport } from '../exports.ts'
import type { Secret } from '../exports.ts'
import { asCaseId, asInstanceId } from '../ids.ts'
import { stretch } from '../stretching.ts'
import { runVectors } from './vectors.ts'

describe('exports', () =>
    runVectors('exports.json', {
        stretch: async (the) => {
            const typed = 'phrase' in the.fields ? the.bytes('phrase') : the.text('password')
            return { stretched: await stretch(exportInput(typed, the.bytes('salt'))) }
        },
        seal: async (the) => ({
            file: await sealExport(
                {
                    instance: asInstanceId(the.bytes('instance')),
                    caseId: asCaseId(the.bytes('case')),
                    made: the.number('made'),
                    trust: the.bytes('trust'),
                    rosters: the.byteList('rosters'),
                    kept: the.items('kept').map((one) => ({
                        seq: one.number('seq'),
                        key: one.bytes('key'),
                        envelope: one.bytes('envelope'),
                    })),
                },
                the.text('secret') as Secret,
                the.bytes('salt'),
                the.bytes('stretched'),
                () => the.bytes('nonce'),
            ),
        }),
        open: async (the) => {
            const locked = decodeLocked(the.bytes('file'))
            const { caseId, ...rest } = await openExport(locked, the.bytes('stretched'))
            return { secret: locked.secret, salt: locked.salt, case: caseId, ...rest }
        },
    }))
