/** How somebody comes to the page of figures, and what is left in the address and in the tab. */
import { describe, expect, test } from 'vitest'
import { arrivalOf, invitationIn, organisationIn, setOut } from '../../src/statistics/arrival.ts'

const SECRET = 'A'.repeat(43)
const away = { holder: 'B'.repeat(43), secret: SECRET }
const at = (pathname: string, search = '', hash = '') => ({ pathname, search, hash })

class Tab implements Storage {
    readonly kept = new Map<string, string>()
    get length(): number { return this.kept.size }
    clear(): void { this.kept.clear() }
    getItem(key: string): string | null { return this.kept.get(key) ?? null }
    key(): string | null { return null }
    removeItem(key: string): void { this.kept.delete(key) }
    setItem(key: string, value: string): void { this.kept.set(key, value) }
}

describe('somebody comes to the page of figures', () => {
    test('by itself, also where the address names a body', () => {
        expect(arrivalOf(at('/figures'), null)).toEqual({ by: 'itself' })
        expect(arrivalOf(at('/figures', '', '#o=837'), null)).toEqual({ by: 'itself' })
    })

    test('by the link of an invitation', () => {
        expect(arrivalOf(at('/figures', '', `#v=${SECRET}`), null)).toEqual({ by: 'invitation', secret: SECRET })
    })

    test('from the provider, with what this tab had kept', () => {
        expect(arrivalOf(at('/oidc/back', '?state=s&code=c'), away)).toEqual({ by: 'provider', ...away, state: 's', code: 'c' })
    })

    test('from the provider without having set out, which lets nobody in', () => {
        expect(arrivalOf(at('/oidc/back', '?state=s&code=c'), null)).toEqual({ by: 'provider-refusal', secret: null })
    })

    test('refused by the provider, with the link still there to be used', () => {
        expect(arrivalOf(at('/oidc/back', '?error=access_denied&state=s'), away)).toEqual({ by: 'provider-refusal', secret: SECRET })
    })

    test('with a code at another address, which is passed over', () => {
        expect(arrivalOf(at('/figures', '?state=s&code=c'), away)).toEqual({ by: 'itself' })
    })
})

test('whoever sets out has drawn something that nobody else knows, each time anew', () => {
    const tab = new Tab()
    const holders = [setOut(SECRET, tab), setOut(null, tab)]
    expect(new Set(holders).size).toBe(2)
    expect(JSON.parse(tab.getItem('lyhty-away') ?? '')).toEqual({ holder: holders[1], secret: null })
})

test('a fragment names an invitation or a body, or neither', () => {
    expect([invitationIn('#v=abc'), invitationIn('#o=837'), invitationIn('')]).toEqual(['abc', null, null])
    expect([organisationIn('#v=abc'), organisationIn('#o=837'), organisationIn('')]).toEqual([null, '837', null])
})
