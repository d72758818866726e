/** How a desk is liked is remembered, and nonsense on the device does no harm. */
import { describe, expect, test } from 'vitest'
import { keepPreferences, readPreferences } from '../../src/console/preferences.ts'

const holding = (text: string | null): Storage => ({ getItem: () => text }) as unknown as Storage

describe('the habits of a desk', () => {
    test('come back as they were kept', () => {
        let text = ''
        keepPreferences({ setItem: (_: string, value: string) => { text = value } } as unknown as Storage, { lettersOn: false, bellOn: false, language: 'en' })
        expect(readPreferences(holding(text), 'fi-FI')).toEqual({ lettersOn: false, bellOn: false, language: 'en' })
    })

    test.each([null, '', 'nonsense', '7', 'null', '{"language":"xx","bellOn":3}'])('are the usual ones when the device holds %s', (text) => {
        expect(readPreferences(holding(text), 'de-DE')).toEqual({ lettersOn: true, bellOn: true, language: 'fi' })
    })

    test('begin in the language of the browser', () => expect(readPreferences(null, 'en-US').language).toBe('en'))
})
