/** A school's papers at a coordinator's desk: each language once, each paper by its name. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Kit, Paper } from '../../src/console/api-types.ts'
import { fileName, languagesOf, papersIn } from '../../src/console/kits.ts'

const LETTER: Paper = { paper: 'letter', languages: ['fi-simple', 'fi', 'sv', 'en'], formats: ['pdf', 'png'] }
const STAFF: Paper = { paper: 'staff', languages: ['fi', 'sv'], formats: ['pdf'] }
const KIT: Kit = { school: '03095', name: 'Rantakoulu', papers: [LETTER, STAFF] }

describe('a kit', () => {
    test('has each of its languages once', () => {
        expect(languagesOf(KIT)).toEqual(['fi-simple', 'fi', 'sv', 'en'])
    })

    test('offers in a language what there is in it', () => {
        expect(papersIn(KIT, 'fi')).toEqual([LETTER, STAFF])
        expect(papersIn(KIT, 'fi-simple')).toEqual([LETTER])
    })

    test('is kept among those of other schools', () => {
        expect(fileName('03095', LETTER, 'sv', 'png')).toBe('lyhty-03095-letter-sv.png')
    })
})

test.each(['fi-simple', 'fi', 'sv', 'en'])('every paper and every format has a name in %s', (language) => {
    const said = JSON.parse(readFileSync(new URL(`../../src/i18n/console/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>
    const api = JSON.parse(readFileSync(new URL('../../../../server/lyhty_server/api/openapi.json', import.meta.url), 'utf8')) as {
        components: { schemas: { Paper: { properties: Record<'paper' | 'formats', { enum: string[]; items: { enum: string[] } }> } } }
    }
    const { paper, formats } = api.components.schemas.Paper.properties
    const keys = [...paper.enum.map((name) => `console.kit.paper.${name}`), ...formats.items.enum.map((name) => `console.kit.${name}`)]
    expect(keys.filter((key) => said[key] === undefined)).toEqual([])
})
