/** The one place that draws entropy. Everything else takes it as a parameter. */
import { fillRandom } from './platform.ts'

export type Randomness = (length: number) => Uint8Array

export const draw: Randomness = (length) => fillRandom(new Uint8Array(length))
