/** Coming back to a case: who proves the phrase is told about it, and believes what verifies. SPEC 5.3, 6.4 */
import { ForgedError } from '@lyhty/crypto/errors'
import type { SigningKey } from '@lyhty/crypto/keys'
import type { ReporterKeys } from '@lyhty/crypto/passphrase'
import { toProveResume } from '@lyhty/crypto/proofs'
import type { Resumed } from '@lyhty/crypto/records'
import type { Conversation } from './conversation.ts'
import type { RequestOptions } from './exchange.ts'
import type { CaseTools } from './open-case.ts'
import { openResumed } from './opening.ts'

export function requestResume(tools: CaseTools, auth: SigningKey, options: RequestOptions): Promise<Resumed> {
    return tools.exchange.request(
        'resume',
        (nonce) => ({
            operation: 'resume',
            auth: auth.publicKey,
            proof: auth.sign(toProveResume(tools.trust.instance, nonce)),
        }),
        options,
    )
}

/** Verifies a resumed case; once more with a newer directory, if somebody joined whom this one does not know. */
export async function openResumedCase(tools: CaseTools, resumed: Resumed, keys: ReporterKeys): Promise<Conversation> {
    try {
        return await openResumed(resumed, keys, await tools.trust.directory())
    } catch (error) {
        if (!(error instanceof ForgedError)) throw error
        return openResumed(resumed, keys, await tools.trust.renew())
    }
}
