/** Shared vectors of what anybody can check: documents, frames, records. */
import { describe } from 'vitest'
import { equal } from '../bytes.ts'
import { numberOfCode } from '../codes.ts'
import { readDirectory, UntrustedDirectory } from '../directories.ts'
import type { Directory } from '../directories.ts'
import { decodeTrustBundle, encodeTrustBundle } from '../documents.ts'
import type { DocumentKind } from '../documents.ts'
import { canonicalJson, parseCanonicalJson } from '../encoding.ts'
import type { Json } from '../encoding.ts'
import { decodeFrame, encodeFrame } from '../frames.ts'
import type { Direction } from '../frames.ts'
import { asCaseId, asInstanceId, hash } from '../ids.ts'
import { SigningKey } from '../keys.ts'
import { directoryBody, signDocument } from '../key-acts.ts'
import { Incoming } from '../multiplex.ts'
import { decodeDown, decodeUp, encodeDown, encodeUp, EVENTS, OPERATIONS } from '../records.ts'
import type { Down, Event, Operation, PlaceStanding, PlaceState, Result } from '../records.ts'
import { verifyRoots } from '../roots.ts'
import type { Root } from '../roots.ts'
import { checkWork, Search } from '../work.ts'
import type { Purpose } from '../work.ts'
import { runVectors } from './vectors.ts'
import type { Inputs } from './vectors.ts'

const rootOf = (the: Inputs, chain: readonly Uint8Array[]): Root =>
    verifyRoots(chain, asInstanceId(the.bytes('anchor')))
/** The chain of a directory's case is the same for hundreds of tampered copies. */
const chains = new Map<string, Root>()
function rootOfChain(the: Inputs): Root {
    const key = the.text('anchor') + JSON.stringify(the.list('roots'))
    const root = chains.get(key) ?? rootOf(the, the.byteList('roots'))
    chains.set(key, root)
    return root
}
const shownRoot = (root: Root): object => ({
    version: root.version,
    digest: root.hash,
    directory_keys: root.directoryKeys,
    expires: root.expires,
})

const shownDirectory = ({ claims }: Directory): object => ({
    version: claims.version,
    root: claims.root,
    queues: claims.queues.map(({ id, profession, epochs }) => ({
        id,
        profession,
        current: epochs.at(-1)?.epoch,
        kem: hash(epochs.at(-1)?.kem as Uint8Array),
    })),
    experts: claims.experts.map(({ id, name, sign, queues, coordinator, languages }) => ({
        id,
        name,
        sign,
        queues,
        coordinator,
        languages,
    })),
    former: claims.former.map(({ id, sign, queues, left, version }) => ({ id, sign, queues, left, version })),
})

describe('documents', () =>
    runVectors('documents.json', {
        // A tampered case names the one root that it changes.
        'verify-roots': (the) =>
            shownRoot(rootOf(the, 'root' in the.fields ? [the.bytes('root')] : the.byteList('roots'))),
        'verify-roots-behind': (the) => shownRoot(rootOf(the, [...the.byteList('roots'), the.bytes('root')])),
        'verify-directory': (the) =>
            shownDirectory(
                new UntrustedDirectory(the.bytes('directory')).verify(
                    rootOfChain(the),
                    the.number('now'),
                    the.number('at_least_version'),
                ),
            ),
        'encode-root': (the) => ({ body: canonicalJson(the.fields['value'] as Json) }),
        'encode-directory': (the) => ({ body: canonicalJson(directoryBody(readDirectory(the.fields['value'] as Json))) }),
        'sign': (the) => {
            const document = signDocument(
                the.number('kind') as DocumentKind,
                parseCanonicalJson(the.bytes('body')),
                the.byteList('seeds').map((seed) => new SigningKey(seed)),
            )
            return { document, digest: hash(document) }
        },
        'trust-bundle': (the) => {
            const bundle = decodeTrustBundle(the.bytes('bundle'))
            if (!equal(encodeTrustBundle(bundle), the.bytes('bundle')))
                throw new Error('encoding it again gives other bytes')
            return bundle
        },
    }))

const directionOf = (the: Inputs): Direction => the.text('direction') as Direction

describe('frames', () =>
    runVectors('frames.json', {
        encode: (the) => ({
            frame: encodeFrame(directionOf(the), {
                slot: the.number('slot'),
                pieces: the.items('pieces').map((piece) => ({
                    stream: piece.number('stream'),
                    offset: piece.number('offset'),
                    total: piece.number('total'),
                    data: piece.bytes('data'),
                })),
            }),
        }),
        decode: (the) => decodeFrame(directionOf(the), the.bytes('frame')),
        assemble: (the) => {
            const incoming = new Incoming()
            return {
                records: the
                    .byteList('frames')
                    .flatMap((frame) => incoming.accept(decodeFrame(directionOf(the), frame).pieces)),
            }
        },
    }))

function shownOperation(operation: Operation): object {
    switch (operation.operation) {
        case 'open': {
            const { caseSalt, roster, selfWrap, caseKeyWraps, cardKeyWraps, card, report } = operation.body
            return {
                work: operation.work,
                auth_pk: operation.auth,
                proof: operation.proof,
                case_salt: caseSalt,
                roster,
                self_wrap: selfWrap,
                case_wraps: caseKeyWraps,
                card_wraps: cardKeyWraps,
                card,
                report,
            }
        }
        case 'resume':
            return { auth_pk: operation.auth, proof: operation.proof }
        case 'put':
        case 'putLate':
            return { envelope: operation.envelope }
        case 'fetch':
            return { before: operation.before, after: operation.after, max_bytes: operation.maxBytes }
        case 'erase':
            return { proof: operation.proof }
        case 'turn':
        case 'handOver': {
            const { lastSeq, roster, ownWrap, link, wraps, envelope } = operation
            const turn = { last_seq: lastSeq, roster, own_wrap: ownWrap, link, wraps, envelope }
            return operation.operation === 'turn' ? turn : { turn, card_wraps: operation.cardWraps, card: operation.card }
        }
        case 'trust':
        case 'slips':
            return {}
        case 'give':
            return { roster: operation.roster, self_wrap: operation.selfWrap, wrap: operation.wrap, envelope: operation.envelope }
        case 'takeBack':
            return { room: operation.room, proof: operation.proof }
    }
}

const stateNumber = (state: PlaceStanding): number => ['', 'waiting', 'held', 'closed', 'waiting-again'].indexOf(state)
const shownPlaces = (places: readonly PlaceState[]): object[] =>
    places.map(({ queue, state }) => ({ queue, state: stateNumber(state) }))

function shownResult(result: Result): object {
    switch (result.operation) {
        case 'open':
        case 'put':
        case 'turn':
        case 'handOver':
        case 'putLate':
            return { seq: result.seq }
        case 'resume':
            return {
                case: result.caseId,
                case_salt: result.caseSalt,
                state: stateNumber(result.state),
                urgent: result.urgent,
                opened_hour: result.openedHour,
                last_seq: result.lastSeq,
                places: shownPlaces(result.places),
                generations: result.generations.map(({ roster, ownWrap, link }) => ({ roster, own_wrap: ownWrap, link })),
            }
        case 'fetch':
            return { more: result.more, envelopes: result.envelopes }
        case 'erase':
        case 'give':
        case 'takeBack':
            return {}
        case 'slips':
            return { slips: result.slips.map(({ roster, selfWrap, envelope }) => ({ roster, self_wrap: selfWrap, envelope })) }
        case 'trust':
            return result.bundle
    }
}

function shownEvent(event: Event): object {
    switch (event.event) {
        case 'hello':
            return {
                nonce: event.nonce,
                server_time: event.serverTime,
                slot_ms: event.slotMs,
                directory_version: event.directoryVersion,
                terms: event.terms,
            }
        case 'envelope':
            return { seq: event.seq, envelope: event.envelope }
        case 'state':
            return { state: stateNumber(event.state), places: shownPlaces(event.places) }
        case 'presence':
            return { here: event.here }
        case 'work':
            return event.terms
    }
}

const nobody = new Uint8Array(16)

function shownDown(down: Down): object {
    switch (down.kind) {
        case 'result':
            return {
                kind: 0,
                operation_id: down.id,
                code: OPERATIONS[down.result.operation],
                fields: shownResult(down.result),
            }
        case 'error':
            return { kind: 1, operation_id: down.id, code: numberOfCode(down.code), fields: {} }
        case 'fault':
            return { kind: 1, operation_id: nobody, code: numberOfCode(down.code), fields: {} }
        case 'event':
            return { kind: 2, operation_id: nobody, code: EVENTS[down.event.event], fields: shownEvent(down.event) }
    }
}

function same(again: Uint8Array, record: Uint8Array): void {
    if (!equal(again, record)) throw new Error('encoding it again gives other bytes')
}

const purposeOf = (the: Inputs): Purpose => ({
    instance: asInstanceId(the.bytes('instance')),
    caseId: asCaseId(the.bytes('case')),
})

describe('work', () =>
    runVectors('work.json', {
        /** In small steps, so that going on where a step ended is proved too. */
        search: (the) => {
            const terms = { challenge: the.bytes('challenge'), effort: the.number('effort') }
            const search = new Search(purposeOf(the), terms)
            for (;;) {
                const work = search.run(1_000)
                if (work !== null) return { solution: work.solution }
            }
        },
        check: (the) => {
            const work = { challenge: the.bytes('challenge'), solution: the.bytes('solution') }
            checkWork(purposeOf(the), work, the.number('effort'))
            return {}
        },
    }))

describe('records', () =>
    runVectors('records.json', {
        up: (the) => {
            const { id, operation } = decodeUp(the.bytes('record'))
            same(encodeUp(id, operation), the.bytes('record'))
            return { operation: OPERATIONS[operation.operation], operation_id: id, fields: shownOperation(operation) }
        },
        down: (the) => {
            const down = decodeDown(the.bytes('record'))
            same(encodeDown(down), the.bytes('record'))
            return shownDown(down)
        },
    }))
