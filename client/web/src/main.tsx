/** The reporter's pages, put together: the words and screens, and the session that holds the keys. */
import './style/tokens.css'
import './style/base.css'
import './style/messages.css'
import './style/site.css'
import { render } from 'preact'
import { endWorkers } from './net/workers'
import { createReporterSession, takeFragment } from './session/browser'
import { App } from './ui/App'
import { prepareExit } from './ui/quietExit'

// Before anything else: half a phrase must not stay in the address.
const fragment = takeFragment()
const root = document.getElementById('app')
if (root !== null) {
    root.replaceChildren()
    const leave = () => {
        render(null, root)
        endWorkers()
    }
    render(<App session={createReporterSession(fragment)} fragment={fragment} language="fi-simple" onLeave={leave} />, root)
    // Without it the exit still works; it only asks for its page then.
    prepareExit().catch(() => undefined)
}
