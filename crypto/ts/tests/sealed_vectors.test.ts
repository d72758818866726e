/** Shared vectors of what is sealed or signed inside a case: wraps, rosters, envelopes, chains and authors. */
import { describe } from 'vitest'
import { authorOf, checkReport, urgentAgrees } from '../authors.ts'
import { b64encode } from '../encoding.ts'
import { Chains } from '../chains.ts'
import { beginsGeneration, decodeContent, encodeContent } from '../contents.ts'
import type { CardContent, Content, MessageContent } from '../contents.ts'
import { Directory, readDirectory } from '../directories.ts'
import { DIRECTORY, UntrustedDocument } from '../documents.ts'
import { checkTurn, Ends } from '../ends.ts'
import type { EnvelopeHeader, SeenHead } from '../envelopes.ts'
import { MESSAGE } from '../envelopes.ts'
import { checkHandover, Questions } from '../handovers.ts'
import { hpkeSeal } from '../hpke.ts'
import { asCaseId, asCommitment, asHead, asInstanceId, asObjectId, asSignKey, hash } from '../ids.ts'
import type { CaseId, InstanceId, KemKey } from '../ids.ts'
import { KemKeyPair, SigningKey } from '../keys.ts'
import { reachOf, receiptOwed } from '../receipts.ts'
import { NO_PREVIOUS, signRoster, UntrustedRoster } from '../rosters.ts'
import type { Roster, RosterEntry, RosterFields } from '../rosters.ts'
import { openEnvelope, sealCard, sealMessage } from '../sealing.ts'
import type { Opened } from '../sealing.ts'
import { openLink, sealLink, selfUnwrap, selfWrap, unwrapKey } from '../wrapping.ts'
import { decodeWrap } from '../wraps.ts'
import { utf8 } from '../platform.ts'
import { readVectors, runVectors } from './vectors.ts'
import type { Inputs, Plain } from './vectors.ts'

const instanceOf = (the: Inputs): InstanceId => asInstanceId(the.bytes('instance'))
const caseOf = (the: Inputs): CaseId => asCaseId(the.bytes('case'))

describe('wraps', () =>
    runVectors('wraps.json', {
        'unwrap': async (the) => {
            const own = new KemKeyPair(the.bytes('seed'))
            const key = await unwrapKey(instanceOf(the), asCaseId(the.bytes('subject')), the.bytes('wrap'), own)
            const { body: _, ...header } = decodeWrap(the.bytes('wrap'))
            return { key, public: own.publicKey, header, digest: hash(the.bytes('wrap')) }
        },
        'seal-to': async (the) => ({
            sealed: await hpkeSeal(the.bytes('public') as KemKey, the.bytes('info'), the.bytes('plaintext')),
        }),
    }))

describe('self-wraps', () =>
    runVectors('self_wraps.json', {
        'self-wrap': async (the) => ({
            sealed: await selfWrap(
                the.bytes('wrap_key'),
                instanceOf(the),
                caseOf(the),
                the.number('generation'),
                the.bytes('key'),
            ),
        }),
        'self-unwrap': async (the) => ({
            key: await selfUnwrap(
                the.bytes('wrap_key'),
                instanceOf(the),
                caseOf(the),
                the.number('generation'),
                asCommitment(the.bytes('commitment')),
                the.bytes('sealed'),
            ),
        }),
    }))

const shownRoster = ({
    generation,
    commitment,
    previous,
    directoryVersion,
    signer,
    caseId,
    entries,
}: RosterFields): object => ({
    generation,
    commitment,
    previous,
    directory_version: directoryVersion,
    signer,
    case: caseId,
    entries: entries.map(({ recipient, queue, epoch, kemHash, wrapHash }) => ({
        recipient,
        queue,
        epoch,
        kem: kemHash,
        wrap: wrapHash,
    })),
})
/** The generation that a case starts from: trusted, whatever its number. */
const first = (the: Inputs, name: string): Roster => {
    const untrusted = new UntrustedRoster(the.bytes(name))
    return untrusted.verifyOpening(untrusted.claims.instance, untrusted.claims.caseId)
}

describe('links', () =>
    runVectors('links.json', {
        'link': async (the) => ({
            link: await sealLink(
                the.bytes('previous_key'),
                the.bytes('key'),
                instanceOf(the),
                caseOf(the),
                the.number('generation'),
            ),
        }),
        'open-link': async (the) => ({
            key: await openLink(
                the.bytes('link'),
                the.bytes('key'),
                instanceOf(the),
                caseOf(the),
                the.number('generation'),
                asCommitment(the.bytes('previous')),
            ),
        }),
    }))

describe('rosters', () =>
    runVectors('rosters.json', {
        'verify-opening': (the) =>
            shownRoster(new UntrustedRoster(the.bytes('roster')).verifyOpening(instanceOf(the), caseOf(the))),
        'verify-next': (the) =>
            shownRoster(
                new UntrustedRoster(the.bytes('roster')).verifyNext(
                    instanceOf(the),
                    first(the, 'previous'),
                    asSignKey(the.bytes('reporter')),
                    the.byteList('experts').map((key) => asSignKey(key)),
                ),
            ),
        'sign': (the) => ({
            roster: signRoster(
                {
                    instance: instanceOf(the),
                    caseId: caseOf(the),
                    generation: the.number('generation'),
                    commitment: asCommitment(the.bytes('commitment')),
                    previous: the.number('generation') === 1 ? NO_PREVIOUS : asCommitment(the.bytes('previous')),
                    directoryVersion: the.number('directory_version'),
                    entries: the.items('entries').map((entry) => ({
                        recipient: entry.number('recipient') as RosterEntry['recipient'],
                        queue: entry.number('queue'),
                        epoch: entry.number('epoch'),
                        kemHash: entry.bytes('kem'),
                        wrapHash: entry.bytes('wrap'),
                    })),
                },
                new SigningKey(the.bytes('sign_seed')),
            ),
        }),
    }))

const headsOf = (the: Inputs): SeenHead[] =>
    the.items('heads').map((head) => ({
        author: asSignKey(head.bytes('author')),
        counter: head.number('counter'),
        head: asHead(head.bytes('head')),
    }))
const contentOf = (the: Inputs): Content => decodeContent(utf8(JSON.stringify(the.fields['content'])))

/** The longest contents stand in the file once, where they are sealed; the cases that open them say `as sealed`. */
const LONG_CONTENTS = new Set(
    readVectors('envelopes.json').flatMap(({ inputs }) =>
        'content' in inputs ? [JSON.stringify(inputs['content'])] : [],
    ),
)
function shownContent(content: Content, envelope: Uint8Array): Plain {
    const text = new TextDecoder().decode(encodeContent(content))
    return envelope.length >= 16_384 && LONG_CONTENTS.has(text) ? 'as sealed' : (JSON.parse(text) as Plain)
}

describe('envelopes', () =>
    runVectors('envelopes.json', {
        'seal': async (the) => {
            const content = contentOf(the)
            const within = {
                instance: instanceOf(the),
                caseId: caseOf(the),
                key: the.bytes('key'),
                author: new SigningKey(the.bytes('sign_seed')),
                directoryVersion: the.number('directory_version'),
            }
            const draws = (): Uint8Array => the.bytes('object_id')
            const position = {
                counter: the.number('counter'),
                previousHead: asHead(the.bytes('previous_head')),
                seen: headsOf(the),
            }
            const { envelope, head } =
                content.type === 'card'
                    ? await sealCard(within, content as CardContent, draws)
                    : await sealMessage(within, the.number('generation'), position, content as MessageContent, draws)
            // The largest ones stand in the file as their hash.
            return envelope.length >= 16_384
                ? { digest: hash(envelope), size: envelope.length, head }
                : { envelope, head }
        },
        'open': async (the) => {
            const { header, directoryVersion, previousHead, seen, content, head } = await openEnvelope(
                instanceOf(the),
                caseOf(the),
                the.bytes('key'),
                the.bytes('envelope'),
            )
            const { objectId, ...rest } = header
            return {
                ...rest,
                object_id: objectId,
                directory_version: directoryVersion,
                previous_head: previousHead,
                heads: seen,
                content: shownContent(content, the.bytes('envelope')),
                head,
            }
        },
        'urgent-agrees': async (the) => ({
            agrees: urgentAgrees(
                await openEnvelope(instanceOf(the), caseOf(the), the.bytes('key'), the.bytes('envelope')),
                the.fields['server_urgent'] === true,
            ),
        }),
    }))

/** An opened message that says no more than a chain needs to know. */
function message(the: Inputs, heads: readonly SeenHead[], isReport: boolean): Opened {
    const header: EnvelopeHeader = {
        kind: MESSAGE,
        urgent: false,
        generation: (the.fields['generation'] as number | undefined) ?? 1,
        counter: the.number('counter'),
        objectId: asObjectId(new Uint8Array(32)),
        author: asSignKey(the.bytes('author')),
    }
    const { read, turn } = the.fields
    const queue = the.fields['opened']
    const types = { opened: queue, receipt: read, turn }
    const wordless = Object.entries(types).find(([, value]) => value !== undefined)?.[0]
    const type = wordless ?? (isReport ? 'report' : 'chat')
    const given = { type, ...(read !== undefined && { read }), ...(queue !== undefined && { queue }) } as Content
    const content = 'content' in the.fields ? contentOf(the) : given
    const previousHead = asHead('previous_head' in the.fields ? the.bytes('previous_head') : new Uint8Array(32))
    return { header, previousHead, directoryVersion: 7, seen: heads, content, head: asHead(the.bytes('head')) }
}

describe('chains and authors', () =>
    runVectors('chains.json', {
        accept: (the) => {
            const chains = new Chains()
            let accepted = 0
            let failed: object = {}
            for (const item of the.items('messages')) {
                const opened = message(item, headsOf(item), item.fields['report'] === true)
                try {
                    checkReport(opened, asSignKey(the.bytes('reporter')))
                    chains.accept(opened)
                    accepted += 1
                } catch (error) {
                    const { failure, code } = error as { failure: string; code: string }
                    failed = { failure, code }
                    break
                }
            }
            return { accepted, heads_seen: chains.next(asSignKey(the.bytes('excluding'))).seen, ...failed }
        },
        author: (the) => {
            const directory = new Directory(
                readDirectory(new UntrustedDocument(the.bytes('directory'), DIRECTORY).body()),
                [],
            )
            const isReporter = b64encode(the.bytes('author')) === b64encode(the.bytes('reporter'))
            const roster = {
                generation: 1,
                directoryVersion: the.number('roster_version'),
                entries: the.list('queues').map((queue): RosterEntry => ({
                    recipient: 1,
                    queue: queue as number,
                    epoch: 1,
                    kemHash: new Uint8Array(32),
                    wrapHash: new Uint8Array(32),
                })),
            }
            const who = authorOf(
                message(the, [], isReporter && the.number('counter') === 1),
                asSignKey(the.bytes('reporter')),
                roster,
                directory,
            )
            if (who === 'reporter') return { author: who }
            const left = directory.claims.former.some(({ id }) => b64encode(id) === b64encode(who.id))
            return { author: left ? 'former' : 'expert' }
        },
    }))

const messageOf = (the: Inputs): Opened => message(the, headsOf(the), the.fields['report'] === true)

describe('ends', () =>
    runVectors('ends.json', {
        ends: (the) => {
            const history = the.items('messages').map(messageOf)
            const ends = new Ends()
            for (const opened of history) if (beginsGeneration(opened.content)) ends.learn(opened)
            return { beyond: history.flatMap((opened, place) => (ends.isBeyond(opened) ? [place] : [])) }
        },
        turn: (the) => {
            checkTurn(messageOf(the.item('message')), new UntrustedRoster(the.bytes('roster')).claims)
            return {}
        },
    }))

describe('handovers', () =>
    runVectors('handovers.json', {
        handover: (the) => {
            const [roster, previous] = ['roster', 'previous'].map((name) =>
                the.fields[name] === null ? undefined : new UntrustedRoster(the.bytes(name)).claims,
            )
            checkHandover(messageOf(the.item('message')), roster as RosterFields, previous, asSignKey(the.bytes('reporter')))
            return {}
        },
        questions: (the) => {
            const questions = new Questions()
            for (const item of the.items('messages'))
                questions.accept(messageOf(item), item.number('added') || undefined, the.fields['whole'] === true)
            return {}
        },
    }))

describe('receipts', () =>
    runVectors('receipts.json', {
        receipts: (the) => {
            const [author, reporter] = [asSignKey(the.bytes('author')), asSignKey(the.bytes('reporter'))]
            const history = the.items('messages').map((item) => message(item, headsOf(item), item.fields['report'] === true))
            const reach = [...reachOf(history, author, reporter)].toSorted(([a], [b]) => a - b)
            return {
                reach: reach.map(([counter, one]) => ({ counter, reach: one })),
                owed: [false, true].map((onScreen) => receiptOwed(history, author, reporter, onScreen)),
            }
        },
    }))
