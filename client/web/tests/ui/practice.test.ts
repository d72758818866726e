/** Which two pictures are asked back. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { drawQuestions } from '../../src/ui/practice.ts'

const phrases = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 8, maxLength: 8 })
const draws = fc.infiniteStream(fc.nat())

describe('practice', () => {
    property.prop([phrases, draws])('asks two different positions, in reading order', (phrase, stream) => {
        const [first, second] = drawQuestions(phrase, 256, (below) => stream.next().value % below)
        expect(first?.position).toBeLessThan(second?.position ?? -1)
    })

    property.prop([phrases, draws])('shows six different pictures, the right one among them', (phrase, stream) => {
        for (const { position, choices } of drawQuestions(phrase, 256, (below) => stream.next().value % below)) {
            expect(new Set(choices).size).toBe(6)
            expect(choices).toContain(phrase[position])
        }
    })
})
