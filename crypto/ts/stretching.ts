/** Argon2id, the one slow step: run it in a worker only, it takes most of a second and 64 MiB. SPEC 2.2, 2.3 */
import { argon2id } from 'hash-wasm'

export interface Argon2idInput {
    readonly password: Uint8Array
    readonly salt: Uint8Array
    readonly memoryKib: number
    readonly passes: number
    readonly lanes: number
}

export const stretch = ({ password, salt, memoryKib, passes, lanes }: Argon2idInput): Promise<Uint8Array> =>
    argon2id({
        password,
        salt,
        memorySize: memoryKib,
        iterations: passes,
        parallelism: lanes,
        hashLength: 32,
        outputType: 'binary',
    })
