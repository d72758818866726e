/** How a desk is liked is remembered, and nonsense on the device does no harm. */
import { describe, expect, test } from 'vitest'
import { HEAVY_TOPICS } from '../../src/console/care.ts'
import { keepPreferences, readPreferences } from '../../src/console/preferences.ts'

const holding = (text: string | null): Storage => ({ getItem: () => text }) as unknown as Storage

describe('the habits of a desk', () => {
    test('come back as they were kept', () => {
        let text = ''
        keepPreferences({ setItem: (_: string, value: string) => { text = value } } as unknown as Storage, { lettersOn: false, bellOn: false, language: 'en', warned: new Set(['threats', 'scam']) })
        expect(readPreferences(holding(text), 'fi-FI')).toEqual({ lettersOn: false, bellOn: false, language: 'en', warned: new Set(['threats', 'scam']) })
    })

    test.each([null, '', 'nonsense', '7', 'null', '{"language":"xx","bellOn":3,"warned":7}'])('are the usual ones when the device holds %s', (text) => {
        expect(readPreferences(holding(text), 'de-DE')).toEqual({ lettersOn: true, bellOn: true, language: 'fi', warned: new Set(HEAVY_TOPICS) })
    })

    test('hold no topic that this version does not know', () => {
        expect(readPreferences(holding('{"warned":["threats","x",3]}'), 'fi').warned).toEqual(new Set(['threats']))
    })

    test('may be without any warning', () => expect(readPreferences(holding('{"warned":[]}'), 'fi').warned.size).toBe(0))

    test('begin in the language of the browser', () => expect(readPreferences(null, 'en-US').language).toBe('en'))
})
