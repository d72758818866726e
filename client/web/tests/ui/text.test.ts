/** The words of the screens: placeables, plurals, languages that follow later. */
import { beforeAll, expect, test } from 'vitest'
import { hasText, loadOtherWords, translator } from '../../src/i18n/text.ts'

beforeAll(() => loadOtherWords())

test('a placeable is filled in', () => {
    expect(translator('fi-simple')('sending.progress', { done: 2, total: 6 })).toBe('Lähetetään: 2/6')
})

test('one second is singular in English', () => {
    expect(translator('en')('sending.secondsLeft', { count: 1 })).toBe('About 1 second left')
})

test('two seconds are plural in English', () => {
    expect(translator('en')('sending.secondsLeft', { count: 2 })).toBe('About 2 seconds left')
})

test('text from outside is never read as a placeable', () => {
    expect(translator('en')('continue.unknownWord', { word: '{{word}} $& $1' })).toContain('{{word}} $& $1')
})

test('a key that no catalog holds is known as such', () => {
    expect(hasText('errors.no-such-code.what')).toBe(false)
})
