/**
 * Viewers come in: by a link, with a password and a device code, or with a municipal account. SPEC 12.2
 *
 * The server gets a proof and never the password; a viewer has no key that would open anything.
 */
import { b64decode, b64encode } from '@lyhty/crypto/encoding'
import { accountName, deviceSecret, passwordInput, unlock } from '@lyhty/crypto/experts'
import type { InstanceId } from '@lyhty/crypto/ids'
import { toProveSignIn } from '@lyhty/crypto/proofs'
import { draw } from '@lyhty/crypto/randomness'
import { viewerName } from '@lyhty/crypto/viewers'
import type { Me, ReportNotices, ReportWish, Session, Welcome } from '../console/api-types'
import { Caller } from '../console/caller'
import { asChallenge, type Challenge } from '../console/places'
import { workedFor, type OnWork } from '../console/sign-in-work'
import { COST } from '../console/unlocks'
import { FiguresDesk } from '../figures/desk'
import type { Toiler } from '../net/workers'
import { loadTrust, type Get } from '../session/trust'
import { setOut } from './arrival'

export interface ViewerCredentials { readonly name: string; readonly password: string; readonly deviceCode: string }

/** What goes on the sheet; `join` has not left yet. */
export interface MadeEntry {
    readonly name: string
    readonly deviceCode: string
    readonly join: { readonly salt: string; readonly m_kib: number; readonly t: number; readonly p: number; readonly login: string }
}

type Asked = Omit<Challenge, 'challenge'> & { readonly challenge: Uint8Array }

export class ViewersDoor {
    readonly #caller = new Caller()
    readonly figures = new FiguresDesk((path) => this.#caller.call('GET', path, null, null))
    readonly #get: Get
    readonly #toiler: Pick<Toiler, 'derive' | 'search'>
    readonly #nowS: () => number
    #instance: InstanceId | null = null

    constructor(get: Get, toiler: Pick<Toiler, 'derive' | 'search'>, nowS: () => number) {
        this.#get = get
        this.#toiler = toiler
        this.#nowS = nowS
    }

    /** Who is invited, and for whose figures. */
    welcome(secret: string): Promise<Welcome> {
        return this.#caller.ask('POST /api/viewer/invitation', {}, { secret })
    }

    async hasProvider(): Promise<boolean> {
        return (await this.#caller.ask('GET /api/viewer/doors', {})).provider
    }

    /** Slow: the password is stretched. Nothing has left this page yet. */
    async make(typedName: string, password: string): Promise<MadeEntry> {
        const instance = await this.#theInstance()
        const [salt, secret] = [draw(16), draw(32)]
        const stretched = await this.#toiler.derive(passwordInput(password, salt, COST.mKib, COST.t, COST.p))
        const { login, seal } = unlock(stretched, secret, instance)
        const join = { salt: b64encode(salt), m_kib: COST.mKib, t: COST.t, p: COST.p, login: b64encode(login.publicKey) }
        const made: MadeEntry = { name: accountName(typedName), deviceCode: b64encode(secret), join }
        login.wipe()
        for (const bytes of [seal, stretched, secret]) bytes.fill(0)
        return made
    }

    /** The same may be sent again. */
    async join(secret: string, { name, join }: MadeEntry): Promise<void> {
        await this.#caller.ask('POST /api/viewer/join', {}, { secret, name, ...join })
    }

    /** `onWork` is told how far it is when signing in takes longer, because somebody has failed to under this name. */
    async signIn(credentials: ViewerCredentials, onWork: OnWork): Promise<Me> {
        const secret = deviceSecret(credentials.deviceCode)
        const name = viewerName(credentials.name)
        const instance = await this.#theInstance()
        const first = await this.#start(credentials.name)
        const stretched = await this.#toiler.derive(passwordInput(credentials.password, b64decode(first.salt), first.mKib, first.t, first.p))
        const { login, seal } = unlock(stretched, secret, instance)
        let asked: Asked | null = first
        const start = async (): Promise<Asked> => {
            const fresh = asked ?? await this.#start(credentials.name)
            asked = null
            return fresh
        }
        const finish = async ({ challenge }: Asked, work: Uint8Array | null): Promise<Me> => {
            const proof = b64encode(login.sign(toProveSignIn(instance, challenge, name)))
            const proved = { challenge: b64encode(challenge), name: credentials.name, proof, work: work && b64encode(work) }
            return this.#in(await this.#caller.ask('POST /api/viewer/sign-in/finish', {}, proved))
        }
        try {
            return await workedFor(this.#toiler, { instance, name }, start, finish, onWork)
        } finally {
            login.wipe()
            for (const bytes of [seal, stretched, secret]) bytes.fill(0)
        }
    }

    /** Where the browser has to go on. `secret`: of an invitation, the first time. */
    async setOut(secret: string | null): Promise<string> {
        return (await this.#caller.ask('POST /api/viewer/provider/start', {}, { holder: setOut(secret) })).address
    }

    async comeBack(from: { readonly holder: string; readonly state: string; readonly code: string; readonly secret: string | null }): Promise<Me> {
        const { holder, state, code, secret } = from
        return this.#in(await this.#caller.ask('POST /api/viewer/provider/finish', {}, { holder, state, code, secret }))
    }

    me(): Promise<Me> {
        return this.#caller.ask('GET /api/viewer/me', {})
    }

    notices(): Promise<ReportNotices> {
        return this.#caller.ask('GET /api/viewer/notices', {})
    }

    putNotices(wish: ReportWish): Promise<ReportNotices> {
        return this.#caller.ask('PUT /api/viewer/notices', {}, wish)
    }

    /** The oldest first. */
    async sessions(): Promise<readonly Session[]> {
        return (await this.#caller.ask('GET /api/viewer/sessions', {})).sessions
    }

    async endSession(session: string): Promise<void> {
        await this.#caller.ask('POST /api/viewer/sessions/{session}/end', { session })
    }

    async endOthers(): Promise<void> {
        await this.#caller.ask('POST /api/viewer/sessions/end-others', {})
    }

    /** Forgets the token at once; the server is told if it can be reached. */
    signOut(): void {
        const farewell = this.#caller.token === null ? null : this.#caller.ask('POST /api/viewer/sign-out', {})
        this.#caller.token = null
        // The token runs out by itself if this does not arrive.
        farewell?.catch(() => undefined)
    }

    #in({ token }: { readonly token: string }): Promise<Me> {
        this.#caller.token = token
        return this.me()
    }

    async #start(name: string): Promise<Asked> {
        const asked = asChallenge(await this.#caller.ask('POST /api/viewer/sign-in/start', {}, { name }))
        return { ...asked, challenge: b64decode(asked.challenge) }
    }

    async #theInstance(): Promise<InstanceId> {
        this.#instance ??= (await loadTrust(this.#get, '', this.#nowS())).instance
        return this.#instance
    }
}
