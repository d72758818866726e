/** When a desk that nobody touches locks itself. */
import { beforeEach, describe, expect, test } from 'vitest'
import { IDLE_MS, IdleWatch } from '../../src/console/idle-watch.ts'

const MINUTE_MS = 60_000
let nowMs = 0
let locked = 0
let timer: { readonly atMs: number; readonly task: () => void } | null = null
let watch: IdleWatch

/** Time passes, and the timer fires when it is due; `asleep`: not before the end. */
function pass(ms: number, { asleep = false } = {}): void {
    const endMs = nowMs + ms
    if (asleep) nowMs = endMs
    while (!asleep && timer !== null && timer.atMs <= endMs) {
        const { atMs, task } = timer
        nowMs = Math.max(nowMs, atMs)
        timer = null
        task()
    }
    nowMs = endMs
}

beforeEach(() => {
    nowMs = locked = 0
    watch = new IdleWatch({ nowMs: () => nowMs, after: (delayMs, task) => { timer = { atMs: nowMs + delayMs, task } } }, () => { locked += 1 })
})

describe('a desk', () => {
    test('locks after fifteen minutes in which nobody touched it, and not before', () => {
        pass(IDLE_MS - 1)
        expect(locked).toBe(0)
        pass(1)
        expect(locked).toBe(1)
        expect(IDLE_MS).toBe(15 * MINUTE_MS)
    })

    test('does not lock while somebody works, however long', () => {
        for (let minute = 0; minute < 8 * 60; minute++) {
            pass(MINUTE_MS)
            watch.touched()
        }
        expect(locked).toBe(0)
    })

    test('counts from the last touch', () => {
        pass(10 * MINUTE_MS)
        watch.touched()
        pass(14 * MINUTE_MS)
        expect(locked).toBe(0)
        pass(MINUTE_MS)
        expect(locked).toBe(1)
    })

    test('locks at the first touch after its computer slept, before the touch counts', () => {
        pass(60 * MINUTE_MS, { asleep: true })
        expect(locked).toBe(0)
        watch.touched()
        expect(locked).toBe(1)
    })

    test('locks again after another fifteen minutes, in case somebody has unlocked it', () => {
        pass(IDLE_MS)
        pass(IDLE_MS)
        expect(locked).toBe(2)
    })
})
