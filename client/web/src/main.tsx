/** The reporter's pages, put together: the words and screens, and the session that holds the keys. */
import './style/tokens.css'
import './style/base.css'
import './style/messages.css'
import './style/site.css'
import { render } from 'preact'
import { createReporterSession } from './session/browser'
import { App } from './ui/App'
import { prepareExit } from './ui/quietExit'

const root = document.getElementById('app')
if (root !== null) {
    root.replaceChildren()
    render(<App session={createReporterSession()} language="fi-simple" />, root)
    // Without a line the exit still works; it only asks for its page then.
    prepareExit().catch(() => undefined)
}
