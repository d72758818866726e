/** The composition root of the page of figures: what is made once, and what is given to whom. */
import { render } from 'preact'
import { getFile } from './console/caller'
import { takeDeviceCode } from './console/device-code'
import { readPreferences } from './console/preferences'
import { deviceStorage } from './console/storage'
import consoleEn from './i18n/console/en.json'
import consoleFiSimple from './i18n/console/fi-simple.json'
import consoleFi from './i18n/console/fi.json'
import consoleSv from './i18n/console/sv.json'
import { addWords } from './i18n/text'
import en from './i18n/viewers/en.json'
import fiSimple from './i18n/viewers/fi-simple.json'
import fi from './i18n/viewers/fi.json'
import sv from './i18n/viewers/sv.json'
import { startToiler } from './net/workers'
import { organisationIn, takeArrival } from './statistics/arrival'
import { StatisticsApp } from './statistics/StatisticsApp'
import { ViewersDoor } from './statistics/viewers-door'
import './style/tokens.css'
import './style/base.css'
import './style/console.css'
import './style/statistics.css'

// Joining, passwords and device codes are told of in the console's words.
addWords('fi-simple', { ...consoleFiSimple, ...fiSimple })
addWords('fi', { ...consoleFi, ...fi })
addWords('sv', { ...consoleSv, ...sv })
addWords('en', { ...consoleEn, ...en })

const storage = deviceStorage()
// Before anything else: a secret in the address must not stay there.
const arrival = takeArrival()
const device = takeDeviceCode(storage, 'lyhty-viewer-device', (fragment) => organisationIn(fragment) !== null)
const door = new ViewersDoor(getFile, startToiler(), () => Math.floor(Date.now() / 1_000))
const { language } = readPreferences(storage, navigator.language)

const root = document.getElementById('app')
if (root) render(<StatisticsApp door={door} device={device} arrival={arrival} language={language} />, root)
