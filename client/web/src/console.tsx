/** The composition root of the expert console: what is made once, and what is given to whom. */
import { render } from 'preact'
import { createBell } from './console/bell'
import { Desk, getFile } from './console/desk'
import { takeDeviceCode } from './console/device-code'
import { Duty } from './console/duty'
import type { Clock } from './console/leaving-replies'
import { IdleWatch } from './console/idle-watch'
import { keepPreferences, readPreferences } from './console/preferences'
import { Session } from './console/session'
import { SignInGate } from './console/sign-in'
import { next } from './console/next'
import { lookedAt, rings } from './console/questions'
import { AT_START } from './console/state'
import { deviceStorage } from './console/storage'
import { createStore } from './console/store'
import { ConsoleApp } from './console/views/ConsoleApp'
import { Join } from './console/views/Join'
import { Founding } from './console/founding'
import { Joining, secretIn } from './console/joining'
import en from './i18n/console/en.json'
import fiSimple from './i18n/console/fi-simple.json'
import fi from './i18n/console/fi.json'
import sv from './i18n/console/sv.json'
import { addWords } from './i18n/text'
import { hourOf } from './session/openings'
import { startToiler } from './net/workers'
import { loadHours } from './session/hours'
import './style/tokens.css'
import './style/base.css'
import './style/messages.css'
import './style/console.css'
import './style/answering.css'

addWords('fi-simple', fiSimple)
addWords('fi', fi)
addWords('sv', sv)
addWords('en', en)

const TICK_MS = 30_000
/** They change at midnight, or when the server is set anew. */
const HOURS_AGAIN_MS = 1_800_000

const storage = deviceStorage()
// Before anything else: a secret in the address must not stay there.
const [invited, founding] = [secretIn(location.hash, 'i'), secretIn(location.hash, 'f')]
const device = takeDeviceCode(storage)
const clock: Clock = {
    nowMs: () => Date.now(),
    after: (delayMs, task) => {
        const timer = setTimeout(task, delayMs)
        return () => clearTimeout(timer)
    },
}
const nowS = (): number => Math.floor(clock.nowMs() / 1_000)
const store = createStore({ ...AT_START, ...readPreferences(storage, navigator.language), nowS: nowS() }, next)
const desk = new Desk()
const toiler = startToiler()
const { derive } = toiler
const gate = new SignInGate(desk, getFile, toiler, nowS)
const work = new Session(desk, gate, storage, store.state, store.tell, clock, device)
const ring = createBell()

let before = store.state()
store.listen((state) => {
    if (rings(before, state)) ring()
    if (before.lettersOn !== state.lettersOn || before.bellOn !== state.bellOn || before.language !== state.language || before.warned !== state.warned) keepPreferences(storage, state)
    if (before.drafts !== state.drafts || before.duties !== state.duties) work.drafts.soon()
    const writing = state.selected
    if (writing !== null && state.drafted.has(writing) && before.drafts.get(writing) !== state.drafts.get(writing)) work.lists.written(writing)
    const key = lookedAt(state)
    const isLater = hourOf(state.nowS) !== hourOf(before.nowS)
    if (key !== null && (isLater || key !== lookedAt(before))) work.looked(key)
    before = state
})
addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && work.drafts.now())
const idle = new IdleWatch(clock, () => work.doors.lock())
for (const touch of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) addEventListener(touch, () => idle.touched(), { capture: true, passive: true })
for (const return_ of ['focus', 'visibilitychange', 'pageshow']) addEventListener(return_, () => idle.look())
const readHours = (): void => void loadHours(getFile).then((hours) => hours && store.tell({ type: 'hours', hours }))
readHours()
setInterval(readHours, HOURS_AGAIN_MS)
const tick = (): void => store.tell({ type: 'tick', nowS: nowS() })
setInterval(tick, TICK_MS)
// A hidden page's timers are late: whoever comes back must not see a case under an hour that is over.
for (const moment of ['focus', 'visibilitychange'] as const) addEventListener(moment, tick)

const root = document.getElementById('app')
const duty = new Duty(desk)
const showConsole = (): void => { if (root) render(<ConsoleApp store={store} work={work} duty={duty} device={device} />, root) }
const joining = invited !== null ? new Joining(desk, getFile, derive, nowS, invited) : founding !== null ? new Founding(desk, getFile, derive, nowS, founding) : null
if (root && joining !== null) {
    render(<Join joining={joining} language={store.state().language} onDone={(code) => { device.bring(code); showConsole() }} />, root)
} else showConsole()
