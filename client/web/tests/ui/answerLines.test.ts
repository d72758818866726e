/** An answer's text becomes paragraphs and tick-boxes. */
import { expect, test } from 'vitest'
import { linesOf } from '../../src/ui/answerLines.ts'

const actions = (text: string) => linesOf('now', text).filter(({ type }) => type === 'action').map((line) => line.text)

test('bulleted lines of what to do now are actions, the line above them is not', () => {
    expect(linesOf('now', 'Rauhassa:\n- Estä hänet.\n- Kerro kotona.')).toEqual([
        { type: 'paragraph', text: 'Rauhassa:' }, { type: 'action', text: 'Estä hänet.' }, { type: 'action', text: 'Kerro kotona.' },
    ])
})

test('without bullets every line is an action', () => {
    expect(actions('Estä hänet.\n\nKerro kotona.')).toEqual(['Estä hänet.', 'Kerro kotona.'])
})

test('numbers and dots count as bullets', () => {
    expect(actions('1. Estä hänet.\n• Kerro kotona.')).toEqual(['Estä hänet.', 'Kerro kotona.'])
})

test('a year at the start of a line is no bullet', () => {
    expect(actions('2026 laki muuttui.')).toEqual(['2026 laki muuttui.'])
})

test('how to protect oneself is a list of actions too', () => {
    expect(linesOf('protect', 'Vaihda salasana.')).toEqual([{ type: 'action', text: 'Vaihda salasana.' }])
})

test('the legal assessment has nothing to tick', () => {
    expect(linesOf('legal', '- Tämä on rikos.')).toEqual([{ type: 'paragraph', text: '- Tämä on rikos.' }])
})
