/** What a class that practices is told to do next. */
import { expect, test } from 'vitest'
import { stageOf, type MadeUpCase } from '../../src/ui/rehearsalStages.ts'
import type { View } from '../../src/ui/state.ts'

const NONE: MadeUpCase = { isThere: false, isAnswered: false, isFollowedUp: false, hasComeBack: false }
const THERE = { ...NONE, isThere: true }

test.each<[View, Partial<MadeUpCase>, string]>([
    ['home', NONE, 'intro'],
    ['what', NONE, 'tell'],
    ['who-reads', NONE, 'tell'],
    ['phrase', NONE, 'keep'],
    ['practice', NONE, 'keep'],
    ['sending', NONE, 'sent'],
    ['sent', THERE, 'sent'],
    ['case', THERE, 'wait'],
    ['case', { ...THERE, isAnswered: true }, 'read'],
    ['case', { ...THERE, isAnswered: true, isFollowedUp: true }, 'leave'],
    ['home', THERE, 'back'],
    ['continue', THERE, 'back'],
    ['case', { ...THERE, isAnswered: true, isFollowedUp: true, hasComeBack: true }, 'erase'],
    ['erased', NONE, 'end'],
])('on %s with %j: %s', (view, madeUp, stage) => {
    expect(stageOf(view, { ...NONE, ...madeUp })).toBe(stage)
})
