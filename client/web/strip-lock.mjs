/**
 * Takes every address out of an npm lock: `node strip-lock.mjs FROM TO`.
 *
 * A package is named by version and hash, which say what it is; where it is fetched from is for the machine to decide.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const [from, to] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(from, 'utf8'))
for (const entry of Object.values(lock.packages)) {
    delete entry.resolved
    delete entry.funding
}
writeFileSync(to, `${JSON.stringify(lock, null, 4)}\n`)
