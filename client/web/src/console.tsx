/** The composition root of the expert console: what is made once, and what is given to whom. */
import { render } from 'preact'
import { Desk, getFile } from './console/desk'
import { takeDeviceCode } from './console/device-code'
import { Session } from './console/session'
import { SignInGate } from './console/sign-in'
import { AT_START, next } from './console/state'
import { createStore } from './console/store'
import { ConsoleApp } from './console/views/ConsoleApp'
import { DESK_LANGUAGES } from './console/views/LanguageSwitch'
import en from './i18n/console/en.json'
import fiSimple from './i18n/console/fi-simple.json'
import fi from './i18n/console/fi.json'
import sv from './i18n/console/sv.json'
import { addWords } from './i18n/text'
import { startDeriver } from './net/workers'
import './style/tokens.css'
import './style/base.css'
import './style/messages.css'
import './style/console.css'

addWords('fi-simple', fiSimple)
addWords('fi', fi)
addWords('sv', sv)
addWords('en', en)

const TICK_MS = 30_000

// Before anything else: a secret in the address must not stay there.
const device = takeDeviceCode()
const nowS = (): number => Math.floor(Date.now() / 1_000)
const store = createStore({ ...AT_START, nowS: nowS() }, next)
const desk = new Desk()
const gate = new SignInGate(desk, getFile, startDeriver(), nowS)
const work = new Session(desk, gate, store.state, store.tell, nowS)

setInterval(() => store.tell({ type: 'tick', nowS: nowS() }), TICK_MS)

const first = DESK_LANGUAGES.find((language) => navigator.language.startsWith(language)) ?? 'fi'
const root = document.getElementById('app')
if (root) render(<ConsoleApp store={store} work={work} device={device} language={first} />, root)
