/** Shared vectors of the audit log. */
import { describe } from 'vitest'
import { AuditLog, BrokenLogError, chainAfter, decodeEntry, NO_CHAIN, signEntry, START } from '../audit.ts'
import type { Authors, EntryKind } from '../audit.ts'
import { asExpertId, asHead, asInstanceId, asSignKey } from '../ids.ts'
import { SigningKey } from '../keys.ts'
import { Inputs, runVectors, unhex } from './vectors.ts'
import type { Fields } from './vectors.ts'

const authors = (the: Inputs): Authors => ({
    instance: asInstanceId(the.bytes('instance')),
    experts: the.items('experts').map((one) => ({ id: asExpertId(one.bytes('id')), sign: asSignKey(one.bytes('sign')) })),
    former: the.items('former').map((one) => ({
        id: asExpertId(one.bytes('id')), sign: asSignKey(one.bytes('sign')), version: one.number('version'),
    })),
})

describe('the audit log', () =>
    runVectors('audit.json', {
        'sign-entry': (the) => {
            const own = the.fields['own'] === null ? NO_CHAIN : chainAfter(the.bytes('own'))
            const entry = signEntry(
                new SigningKey(the.bytes('sign_seed')), asInstanceId(the.bytes('instance')), asExpertId(the.bytes('author')),
                the.number('directory_version'), own,
                { kind: the.text('kind') as EntryKind, subject: the.bytes('subject'), nowS: the.number('now'), length: the.number('length') },
            )
            return { entry, head: chainAfter(entry).head }
        },
        'decode-entry': (the) => {
            const { author, counter, directoryVersion, previousHead, hour, kind, subject, length } = decodeEntry(the.bytes('entry'))
            return { author, counter, directory_version: directoryVersion, previous_head: previousHead, hour, kind, subject, length }
        },
        'read-log': async (the) => {
            const before = the.fields['seen'] === null ? null : new Inputs(the.fields['seen'] as Fields)
            const seen = before && { ...START, length: before.number('length'), head: asHead(before.bytes('head')) }
            const log = new AuditLog(authors(the), START, seen)
            try {
                await log.add(the.list('entries').map((entry) => unhex(entry as string)))
                log.end()
            } catch (error) {
                if (error instanceof BrokenLogError) return { breach: error.breach, seq: error.seq }
                throw error
            }
            return { length: log.point.length, head: log.point.head }
        },
        'add-to-log': async (the) => {
            await new AuditLog(authors(the)).add([the.bytes('entry')])
            return {}
        },
    }))
