/**
 * The rim of the console: the desk's HTTP calls and its feed (SPEC 9). No keys, no rules.
 *
 * The token lives in `Caller` and nowhere else; forgetting it is signing out.
 */
import { b64decode } from '@lyhty/crypto/encoding'
import { readFeedMessage, type Asked } from './answers'
import type { DeskLanguage } from './languages'
import type {
    Apply, Assertion, AuditPage, ChangeUnlock, ConsultationPage, EnvelopePage, FeedAnswering, ForTurn, FoundingAct, GiveShares, Imported, Invitations, KeyAct, Kit,
    MethodsPage, NewInvitation, NewViewerInvitation, NewPasskey, NewPasskeyTerms, NewShelfRoom, NewSplit, Notices, NoticeWish, OnCall, OpenInvitation, Organisations, Passkey,
    PasskeyChallenge, QueueEpoch, Recovery, Routes, SealedRoom, Session, Shelf, Shift, Turn, UnturnedPage, Viewer, ViewerInvitation, WaitingRenewal,
} from './api-types'
import type * as Wire from './api-types'
import { Caller, DeskError, getFile, lost, type Asks, type Params } from './caller'
import {
    asChallenge, asClosedPage, asFeedEvent, asOpened, asPlace, asQueuePage, asSignedIn, asUnlockTerms,
    type Challenge, type ClosedPage, type FeedEvent, type Opened, type Place, type QueuePage, type SignedIn, type UnlockTerms,
} from './places'

export { DeskError, getFile }

/** The feed comes back after 1, 2, 4 ... 30 seconds, each shortened by up to half so that desks do not return in step. */
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
const PAGE_LIMIT = 100
const CLOSED_LIMIT = 50

export interface FeedListener {
    onEvent(event: FeedEvent): void
    onConnection(connection: 'connecting' | 'open' | 'lost'): void
}

export class Desk {
    readonly #caller = new Caller()
    #stopFeed: (() => void) | null = null
    #say: ((said: FeedAnswering) => void) | null = null

    async startSignIn(name: string): Promise<Challenge> {
        return asChallenge(await this.#ask('POST /api/sign-in/start', {}, { name }))
    }

    async finishSignIn(challenge: string, name: string, proof: string, work: string | null, passkey: Assertion | null): Promise<SignedIn> {
        return this.#signedIn(await this.#ask('POST /api/sign-in/finish', {}, { challenge, name, proof, work, passkey }))
    }

    async startPasskey(): Promise<PasskeyChallenge> {
        return this.#ask('POST /api/sign-in/passkey/start', {})
    }

    async finishPasskey(assertion: Assertion): Promise<SignedIn> {
        return this.#signedIn(await this.#ask('POST /api/sign-in/passkey/finish', {}, assertion))
    }

    #signedIn(answer: Wire.SignedIn): SignedIn {
        const signedIn = asSignedIn(answer)
        this.#caller.token = signedIn.token
        return signedIn
    }

    /** What another password is proved with. */
    async beginUnlock(): Promise<UnlockTerms> {
        return asUnlockTerms(await this.#ask('POST /api/unlock/start', {}))
    }

    /** Another password or device code; all other sessions of one's own end. The same may be sent again. */
    async changeUnlock(change: ChangeUnlock): Promise<void> {
        await this.#ask('POST /api/unlock', {}, change)
    }

    /** New keys of experts that wait to be listed; for coordinators. */
    async renewals(): Promise<readonly WaitingRenewal[]> {
        return (await this.#ask('GET /api/renewals', {})).renewals
    }

    async passkeys(): Promise<readonly Passkey[]> {
        return (await this.#ask('GET /api/passkeys', {})).passkeys
    }

    async beginPasskey(): Promise<NewPasskeyTerms> {
        return this.#ask('POST /api/passkeys/start', {})
    }

    async addPasskey(passkey: NewPasskey): Promise<readonly Passkey[]> {
        return (await this.#ask('POST /api/passkeys', {}, passkey)).passkeys
    }

    async removePasskey(credential: string): Promise<readonly Passkey[]> {
        return (await this.#ask('POST /api/passkeys/{credential}/remove', { credential })).passkeys
    }

    /** The keys that contributions are sealed to, oldest first. SPEC 12.3 */
    async statisticsKeys(): Promise<readonly Uint8Array[]> {
        return (await this.#ask('GET /api/statistics-key', {})).keys.map(({ statement }) => b64decode(statement))
    }

    async contribute(batch: Wire.Contributed): Promise<void> {
        await this.#ask('PUT /api/contributions', {}, batch)
    }

    /** Forgets the token at once; the server is told if it can be reached. */
    signOut(): void {
        this.stopFeed()
        const farewell = this.#caller.token === null ? null : this.#ask('POST /api/sign-out', {})
        this.#caller.token = null
        // The token runs out by itself if this does not arrive.
        farewell?.catch(() => undefined)
    }

    async sessions(): Promise<readonly Session[]> {
        return (await this.#ask('GET /api/sessions', {})).sessions
    }

    async endSession(session: string): Promise<void> {
        await this.#ask('POST /api/sessions/{session}/end', { session })
    }

    /** All of an expert's, wherever they are signed in; for coordinators. */
    async endSessionsOf(expert: string): Promise<void> {
        await this.#ask('POST /api/experts/{expert}/sessions/end', { expert })
    }

    async endOtherSessions(): Promise<void> {
        await this.#ask('POST /api/sessions/end-others', {})
    }

    async queue(queue: number, after: string | null): Promise<QueuePage> {
        return asQueuePage(await this.#ask('GET /api/queues/{queue}', { queue, limit: PAGE_LIMIT, ...(after === null ? {} : { after }) }))
    }

    /** How many wait in a queue that is too long to be read whole. */
    async waitingIn(queue: number): Promise<number> {
        return (await this.#ask('GET /api/queues/{queue}/counts', { queue })).waiting
    }

    /** Newest first; `before` is where the last page ended. */
    async closed(queue: number, before: number | null): Promise<ClosedPage> {
        const cursor = before === null ? {} : { before }
        return asClosedPage(await this.#ask('GET /api/queues/{queue}/closed', { queue, limit: CLOSED_LIMIT, ...cursor }))
    }

    async reopen(place: Place): Promise<Opened> {
        return asOpened(await this.#ask('POST /api/cases/{case}/places/{queue}/reopen', { case: place.case, queue: place.queue }), place)
    }

    async snooze({ case: caseId, queue }: Place, snooze: Place['snooze']): Promise<Place> {
        return asPlace(await this.#ask('POST /api/cases/{case}/places/{queue}/snooze', { case: caseId, queue }, { snooze }))
    }

    /** Tells the other holders of the case that we are writing, if there is a line. */
    sayAnswering({ case: caseId, queue }: Place): void {
        this.#say?.({ type: 'answering', case: caseId, queue })
    }

    async claim(place: Place): Promise<Opened> {
        return asOpened(await this.#ask('POST /api/cases/{case}/places/{queue}/claim', { case: place.case, queue: place.queue }), place)
    }

    async opened(place: Place): Promise<Opened> {
        return asOpened(await this.#ask('GET /api/cases/{case}/places/{queue}', { case: place.case, queue: place.queue }), place)
    }

    async release({ case: caseId, queue }: Place): Promise<Place> {
        return asPlace(await this.#ask('POST /api/cases/{case}/places/{queue}/release', { case: caseId, queue }))
    }

    async close({ case: caseId, queue }: Place): Promise<Place> {
        return asPlace(await this.#ask('POST /api/cases/{case}/places/{queue}/close', { case: caseId, queue }))
    }

    async envelopes(caseId: string, after: number): Promise<EnvelopePage> {
        return this.#ask('GET /api/cases/{case}/envelopes', { case: caseId, after, limit: PAGE_LIMIT })
    }

    /** Newest first; `before` 0: from the newest. */
    async envelopesBefore(caseId: string, before: number, limit: number): Promise<EnvelopePage> {
        return this.#ask('GET /api/cases/{case}/envelopes', { case: caseId, before, limit })
    }

    /** `answers`: the queue whose promised answer this is. SPEC 9.5 */
    async put(caseId: string, envelope: Uint8Array<ArrayBuffer>, answers: number | null = null): Promise<number> {
        return (await this.#ask('PUT /api/cases/{case}/envelopes', { case: caseId, ...(answers === null ? {} : { answers }) }, envelope)).seq
    }

    /** With what we sign of it for the audit log. SPEC 9.10 */
    async putSigned(caseId: string, envelope: Uint8Array<ArrayBuffer>, entry: string): Promise<number> {
        return (await this.#ask('PUT /api/cases/{case}/envelopes', { case: caseId, entry }, envelope)).seq
    }

    /** The audit log without its first `after` entries. */
    audit(after: number): Promise<AuditPage> {
        return this.#ask('GET /api/audit', { after })
    }

    /** The last one that we have signed. */
    async ownEntry(): Promise<string | null> {
        return (await this.#ask('GET /api/audit/own', {})).entry
    }

    async witness(entry: string): Promise<number> {
        return (await this.#ask('POST /api/audit', {}, { entry })).seq
    }

    /** The seeds sealed for us, as they are now. */
    async ownWraps(): Promise<Uint8Array[]> {
        return (await this.#ask('GET /api/own-wraps', {})).queue_wraps.map((wrap) => b64decode(wrap))
    }

    async invite(invitation: NewInvitation): Promise<void> {
        await this.#ask('POST /api/invitations', {}, invitation)
    }

    async invitations(): Promise<Invitations> {
        return this.#ask('GET /api/invitations', {})
    }

    async withdraw(invitation: string): Promise<void> {
        await this.#ask('POST /api/invitations/{invitation}/withdraw', { invitation })
    }

    /** For whoever has the link. */
    async invitation(invitation: string): Promise<OpenInvitation> {
        return this.#ask('GET /api/invitations/{invitation}', { invitation })
    }

    async apply(invitation: string, application: Apply): Promise<void> {
        await this.#ask('POST /api/invitations/{invitation}/application', { invitation }, application)
    }

    /** The founding packet, while nobody is in the directory. */
    async founding(): Promise<string> {
        return (await this.#ask('GET /api/founding', {})).packet
    }

    async found(act: FoundingAct): Promise<number> {
        return (await this.#ask('POST /api/founding', {}, act)).version
    }

    /** The version of the directory that is now the newest. */
    async certify(act: KeyAct): Promise<number> {
        return (await this.#ask('POST /api/directory', {}, act)).version
    }

    onCall(): Promise<OnCall> {
        return this.#ask('GET /api/on-call', {})
    }

    putOnCall(shifts: Shift[]): Promise<OnCall> {
        return this.#ask('PUT /api/on-call', {}, { shifts })
    }

    notices(): Promise<Notices> {
        return this.#ask('GET /api/notices', {})
    }

    putNotices(wish: NoticeWish): Promise<Notices> {
        return this.#ask('PUT /api/notices', {}, wish)
    }

    /** Opens a room with what is written first in it. */
    async openRoom(caseId: string, opening: Routes['POST /api/cases/{case}/rooms']['asks']): Promise<number> {
        return (await this.#ask('POST /api/cases/{case}/rooms', { case: caseId }, opening)).seq
    }

    async rooms(caseId: string): Promise<readonly SealedRoom[]> {
        return (await this.#ask('GET /api/cases/{case}/rooms', { case: caseId })).rooms
    }

    async consultations(queue: number, after: string | null): Promise<ConsultationPage> {
        return this.#ask('GET /api/queues/{queue}/consultations', { queue, limit: PAGE_LIMIT, ...(after === null ? {} : { after }) })
    }

    async roomEnvelopes(room: string, after: number): Promise<EnvelopePage> {
        return this.#ask('GET /api/rooms/{room}/envelopes', { room, after, limit: PAGE_LIMIT })
    }

    async putInRoom(room: string, envelope: Uint8Array<ArrayBuffer>): Promise<number> {
        return (await this.#ask('PUT /api/rooms/{room}/envelopes', { room }, envelope)).seq
    }

    async endRoom(room: string): Promise<void> {
        await this.#ask('POST /api/rooms/{room}/end', { room })
    }

    async epochsInUse(): Promise<readonly QueueEpoch[]> {
        return (await this.#ask('GET /api/epochs', {})).epochs
    }

    async unturned(queue: number, after: string | null): Promise<UnturnedPage> {
        return this.#ask('GET /api/queues/{queue}/unturned', { queue, limit: PAGE_LIMIT, ...(after === null ? {} : { after }) })
    }

    async forTurn(caseId: string, queue: number): Promise<ForTurn> {
        return this.#ask('GET /api/cases/{case}/turn/{queue}', { case: caseId, queue })
    }

    async envelopesForTurn(caseId: string, queue: number, after: number): Promise<EnvelopePage> {
        return this.#ask('GET /api/cases/{case}/turn/{queue}/envelopes', { case: caseId, queue, after, limit: PAGE_LIMIT })
    }

    async turn(caseId: string, queue: number, turn: Turn): Promise<number> {
        return (await this.#ask('POST /api/cases/{case}/turn/{queue}', { case: caseId, queue }, turn)).seq
    }

    recovery(): Promise<Recovery> {
        return this.#ask('GET /api/recovery', {})
    }

    async putSplit(queue: number, split: NewSplit): Promise<void> {
        await this.#ask('PUT /api/recovery/{queue}/split', { queue }, split)
    }

    async askForShares(queue: number, request: string): Promise<void> {
        await this.#ask('POST /api/recovery/{queue}/ask', { queue }, { request })
    }

    /** `request`: its hash, so that only what was seen is stopped. */
    async stopRequest(queue: number, request: string): Promise<void> {
        await this.#ask('POST /api/recovery/{queue}/stop', { queue }, { request })
    }

    async giveShares(queue: number, shares: GiveShares): Promise<void> {
        await this.#ask('POST /api/recovery/{queue}/give', { queue }, shares)
    }

    async shelf(queue: number): Promise<Shelf> {
        return this.#ask('GET /api/queues/{queue}/shelf', { queue })
    }

    async shelfEnvelopes(queue: number, after: number): Promise<EnvelopePage> {
        return this.#ask('GET /api/queues/{queue}/shelf/envelopes', { queue, after, limit: PAGE_LIMIT })
    }

    /** The next key of a shelf, with what is written first under it. */
    async beginShelf(queue: number, begun: NewShelfRoom): Promise<number> {
        return (await this.#ask('POST /api/queues/{queue}/shelf', { queue }, begun)).seq
    }

    async putOnShelf(queue: number, after: number, envelope: Uint8Array<ArrayBuffer>): Promise<number> {
        return (await this.#ask('PUT /api/queues/{queue}/shelf/envelopes', { queue, after }, envelope)).seq
    }

    /** Of which periods figures are published. */
    async releases(): Promise<readonly string[]> {
        return (await this.#ask('GET /api/releases', {})).periods
    }

    /** How figures are made, and what each table takes of epsilon. */
    methods(language: DeskLanguage): Promise<MethodsPage> {
        return this.#ask('GET /api/figures/methods', { language })
    }

    organisations(): Promise<Organisations> {
        return this.#ask('GET /api/organisations', {})
    }

    /** All of it or, with a problem, nothing. */
    importOrganisations(file: Uint8Array<ArrayBuffer>, dryRun: boolean): Promise<Imported> {
        return this.#ask('POST /api/organisations/import', { dry_run: String(dryRun) }, file)
    }

    kit(school: string): Promise<Kit> {
        return this.#ask('GET /api/kits/{school}', { school })
    }

    /** Made on the spot, which takes the server a second. */
    async paper(school: string, paper: string, language: string, format: string): Promise<Blob> {
        const path = `/api/kits/${encodeURIComponent(school)}/${encodeURIComponent(paper)}?${new URLSearchParams({ language, format })}`
        const response = await this.#caller.call('GET', path, null, null)
        return response.blob().catch(lost)
    }

    async viewers(): Promise<readonly Viewer[]> {
        return (await this.#ask('GET /api/viewers', {})).viewers
    }

    async viewerInvitations(): Promise<readonly ViewerInvitation[]> {
        return (await this.#ask('GET /api/viewers/invitations', {})).invitations
    }

    async inviteViewer(invitation: NewViewerInvitation): Promise<void> {
        await this.#ask('POST /api/viewers/invitations', {}, invitation)
    }

    async withdrawViewer(invitation: string): Promise<void> {
        await this.#ask('POST /api/viewers/invitations/{invitation}/withdraw', { invitation })
    }

    /** Their sessions end at once. */
    async removeViewer(viewer: string): Promise<void> {
        await this.#ask('POST /api/viewers/{viewer}/remove', { viewer })
    }

    async trust(): Promise<Uint8Array<ArrayBuffer>> {
        const response = await this.#caller.call('GET', '/api/trust', null, null)
        return new Uint8Array(await response.arrayBuffer().catch(lost))
    }

    /** Keeps the feed open until `stopFeed`; says `ready` each time it is, so that the reader can catch up. */
    startFeed(listener: FeedListener): void {
        this.stopFeed()
        let socket: WebSocket | null = null
        let retry: ReturnType<typeof setTimeout> | undefined
        let wait_ms = FIRST_RETRY_MS
        let stopped = false
        const open = (): void => {
            listener.onConnection('connecting')
            socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/feed`)
            socket.onopen = () => socket?.send(JSON.stringify({ token: this.#caller.token }))
            socket.onmessage = (message) => {
                const said = readFeedMessage(JSON.parse(String(message.data)))
                if (said === null || stopped) return
                const event = asFeedEvent(said)
                if (event.type === 'refused') this.#caller.token = null
                if (event.type === 'ready') {
                    wait_ms = FIRST_RETRY_MS
                    listener.onConnection('open')
                }
                listener.onEvent(event)
            }
            socket.onclose = () => {
                if (stopped) return
                listener.onConnection('lost')
                retry = setTimeout(open, wait_ms * (1 - Math.random() / 2))
                wait_ms = Math.min(wait_ms * 2, LONGEST_RETRY_MS)
            }
        }
        this.#say = (said) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(said)) }
        this.#stopFeed = () => {
            stopped = true
            this.#say = null
            clearTimeout(retry)
            socket?.close()
        }
        open()
    }

    stopFeed(): void {
        this.#stopFeed?.()
        this.#stopFeed = null
    }

    #ask<R extends Asked>(route: R, params: Params<R>, body?: Asks<R>): Promise<Routes[R]['answers']> {
        return this.#caller.ask(route, params, body)
    }
}
