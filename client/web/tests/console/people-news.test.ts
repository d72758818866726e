/** What everybody is told of changes among the people. SPEC 9.9 */
import { Directory, verifyTrust, type Expert, type FormerExpert } from '@lyhty/crypto/directories.ts'
import { asExpertId } from '@lyhty/crypto/ids.ts'
import { describe, expect, test } from 'vitest'
import { bundle, instance, lawyer, newcomer, NOW, psychologist } from '../../../../crypto/ts/tests/trusted.ts'
import { asSeen, peopleNews, seenIn } from '../../src/console/people-news.ts'

const { claims } = verifyTrust(bundle({ experts: [lawyer, psychologist] }), instance, NOW).directory
const [first, second] = claims.experts as [Expert, Expert]
const third = verifyTrust(bundle({ experts: [newcomer] }), instance, NOW).directory.claims.experts[0] as Expert
const before = seenIn(new Directory(claims, []))
const left = ({ id, name, sign, queues }: Expert): FormerExpert => ({ id, name, sign, queues, left: NOW, version: 2 })
const news = (experts: readonly Expert[], former: readonly FormerExpert[] = []) =>
    peopleNews(before, new Directory({ ...claims, experts, former }, [])).map(({ what, name }) => `${name}: ${what}`)

describe('everybody is told', () => {
    test('nothing when nothing has changed', () => expect(news([first, second])).toEqual([]))

    test('who has joined', () => expect(news([first, second, third])).toEqual(['the new lawyer: joined']))

    test('who has left', () => expect(news([first], [left(second)])).toEqual(['the psychologist: left']))

    test('who is back under the same name with other keys, and of that once', () => {
        const again = { ...second, id: asExpertId(new Uint8Array(16).fill(9)), sign: third.sign, kem: third.kem }
        expect(news([first, again], [left(second)])).toEqual(['the psychologist: returned'])
    })

    test('of a `sign` that has changed under one id, which no directory may', () => {
        expect(news([first, { ...second, sign: third.sign }])).toEqual(['the psychologist: returned'])
    })

    test('not of a `kem` that was renewed', () => expect(news([first, { ...second, kem: third.kem }])).toEqual([]))

    test('who reads one more queue, and which', () => {
        const wider = { ...first, queues: [1, 2] }
        expect(peopleNews(before, new Directory({ ...claims, experts: [wider, second] }, []))).toMatchObject([{ what: 'widened', queues: [2] }])
    })

    test('who has become a coordinator', () => expect(news([{ ...first, coordinator: true }, second])).toEqual(['the lawyer: coordinates']))
})

test('the device keeps no name', () => expect(JSON.stringify(before)).not.toMatch(/lawyer|psychologist/))

test.each([[null], [{ a: 1 }], [{ a: { sign: 'x' } }], [{ a: { keys: 'x', queues: [], coordinator: false } }]])('what was not written here is as if nothing were kept: %j', (kept) => {
    expect(asSeen(kept)).toBeNull()
})
