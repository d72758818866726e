/** Which professions a report goes to. */
import { expect, test } from 'vitest'
import { queuesFor } from '../../src/session/queues.ts'

test.each([
    ['a wish for a lawyer', 'lawyer', 'left-out', [1]],
    ['a wish for a psychologist', 'psychologist', 'scam', [2]],
    ['a wish for both', 'both', 'other', [1, 2]],
    ['no idea about a scam', 'unknown', 'scam', [1]],
    ['no idea about being left out', null, 'left-out', [2]],
    ['no idea about threats', 'unknown', 'threats', [1, 2]],
    ['no idea and no topic', null, null, [1, 2]],
] as const)('%s goes where it should', (_what, help, topic, queues) => {
    expect(queuesFor(help, topic, [1, 2])).toEqual(queues)
})

test('without a lawyer a scam goes to whoever is there, if nobody in particular was asked for', () => {
    expect(queuesFor('unknown', 'scam', [2])).toEqual([2])
})

test('who asked for a lawyer is not sent to a psychologist', () => {
    expect(queuesFor('lawyer', 'scam', [2])).toEqual([1])
})
