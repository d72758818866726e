/** Who wrote an opened envelope, and whether that person may have written it in this case. SPEC 4.3, 4.4 */
import { equal } from './bytes.ts'
import type { Directory, KnownAuthor } from './directories.ts'
import { ForgedError } from './errors.ts'
import type { SignKey } from './ids.ts'
import { queuesOf } from './rosters.ts'
import type { Roster } from './rosters.ts'
import type { Opened } from './sealing.ts'

export { queuesOf }

const forged = (detail: string): ForgedError => new ForgedError(detail, 'envelope-tampered')

/** The first message of a case is the report, and nothing else is one. SPEC 4.4 */
export function checkReport(opened: Pick<Opened, 'header' | 'content'>, reporter: SignKey): void {
    const isFirst = equal(opened.header.author, reporter) && opened.header.counter === 1
    if (isFirst !== (opened.content.type === 'report')) throw forged('the first message of a case is the report')
}

/** `'reporter'`, or the expert as the directory names them. `roster` is the one of the message's generation. */
export function authorOf(
    opened: Pick<Opened, 'header' | 'content'>,
    reporter: SignKey,
    roster: Pick<Roster, 'generation' | 'entries' | 'directoryVersion'>,
    directory: Directory,
): 'reporter' | KnownAuthor {
    const { author, generation } = opened.header
    if (generation !== roster.generation) throw forged('sealed for another generation')
    checkReport(opened, reporter)
    const { content } = opened
    const queues = queuesOf(roster)
    if (content.type === 'opened') {
        // SPEC 4.6: by an expert, as a member of one of the case's queues.
        if (equal(author, reporter) || !queues.includes(content.queue)) throw forged('not an opening by somebody who may open')
        return directory.author(author, [content.queue], roster.directoryVersion)
    }
    // SPEC 4.8: nobody says for the reporter that it helped.
    if (content.type === 'helped' && !equal(author, reporter)) throw forged("not the reporter's word")
    return equal(author, reporter) ? 'reporter' : directory.author(author, queues, roster.directoryVersion)
}

/** All three urgent bits must agree; a reader who finds that they do not alarms with `urgent-mismatch`. SPEC 4.4 */
export const urgentAgrees = ({ header, content }: Opened, urgentByServer: boolean): boolean =>
    content.type === 'card' && content.urgent === header.urgent && content.urgent === urgentByServer
