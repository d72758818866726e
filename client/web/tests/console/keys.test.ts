/** Which key asks for what, and where single letters keep still. */
import { describe, expect, test } from 'vitest'
import { actionFor, KEYS, nameOf, type KeyPlace, type KeyPress } from '../../src/console/keys.ts'

const press = (key: string, changes: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...changes })
const anywhere: KeyPlace = { focus: 'nothing', dialogOpen: false, lettersOn: true }
const letters = KEYS.filter(({ kind }) => kind === 'letter')

describe('the keyboard of the console', () => {
    test.each(KEYS.map((row) => [nameOf(row), row] as const))('%s does what the help says', (_name, { key, kind, action }) => {
        expect(actionFor(press(key, { ctrlKey: kind === 'ctrl' }), anywhere)).toBe(action)
    })

    test('has no key twice', () => {
        const names = KEYS.map(nameOf)
        expect(names).toEqual([...new Set(names)])
    })

    test('takes a capital letter for the letter', () => expect(actionFor(press('J'), anywhere)).toBe('next'))

    test('a letter in a field is a letter', () => {
        for (const { key } of letters) expect(actionFor(press(key), { ...anywhere, focus: 'field' })).toBeNull()
    })

    test('a letter works while a button has the focus', () => expect(actionFor(press('j'), { ...anywhere, focus: 'control' })).toBe('next'))

    test('Enter belongs to the button that has the focus', () => expect(actionFor(press('Enter'), { ...anywhere, focus: 'control' })).toBeNull())

    test('Enter in a field begins a line', () => expect(actionFor(press('Enter'), { ...anywhere, focus: 'field' })).toBeNull())

    test('Escape leads out of a field', () => expect(actionFor(press('Escape'), { ...anywhere, focus: 'field' })).toBe('back'))

    test('Ctrl and Enter send from inside a field', () => {
        expect(actionFor(press('Enter', { ctrlKey: true }), { ...anywhere, focus: 'field' })).toBe('send')
        expect(actionFor(press('Enter', { metaKey: true }), { ...anywhere, focus: 'field' })).toBe('send')
    })

    test('letters that are switched off do nothing, and sending still works', () => {
        const off = { ...anywhere, lettersOn: false }
        for (const { key } of letters) expect(actionFor(press(key), off)).toBeNull()
        expect(actionFor(press('Enter', { ctrlKey: true }), off)).toBe('send')
    })

    test('letters with Ctrl, Alt or the command key belong to the browser', () => {
        for (const held of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }]) expect(actionFor(press('c', held), anywhere)).toBeNull()
    })

    test('nothing reaches the desk while a dialog is open', () => {
        for (const { key, kind } of KEYS) expect(actionFor(press(key, { ctrlKey: kind === 'ctrl' }), { ...anywhere, dialogOpen: true })).toBeNull()
    })

    test('a letter that an input method is still composing is not a command', () => {
        expect(actionFor(press('c', { isComposing: true }), anywhere)).toBeNull()
    })
})
