/** A table of figures. It may be wider than a phone, and scrolls in its own box then. */
import { useId } from 'preact/hooks'
import { useWords } from '../../ui/parts/words'
import type { Row, Table } from '../page'

export function FiguresTable({ table }: { table: Table }) {
    const { t } = useWords()
    const caption = useId()
    const rows = table.total === null ? table.rows : [...table.rows, table.total]
    const few = rows.flatMap(({ cells }) => cells).find(({ value, low }) => value === null && low !== null)
    return (
        <>
            <div class="table-box" role="region" tabIndex={0} aria-labelledby={caption}>
                <table class="figures-table">
                    <caption id={caption}>{table.caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{table.head}</th>
                            {table.columns.map(({ id, title }) => <th key={id} scope="col" class="number">{title}</th>)}
                        </tr>
                    </thead>
                    <tbody>{table.rows.map((row) => <Line key={row.id} row={row} />)}</tbody>
                    {table.total !== null && <tfoot><Line row={table.total} /></tfoot>}
                </table>
            </div>
            {few !== undefined && <p class="soft small" data-part="few">{t('figures.few', { few: few.text })}</p>}
        </>
    )
}

function Line({ row }: { row: Row }) {
    return (
        <tr data-row={row.id}>
            <th scope="row">{row.title}{row.note !== '' && <span class="row-note">{row.note}</span>}</th>
            {row.cells.map(({ text }, nth) => <td key={nth} class="number">{text}</td>)}
        </tr>
    )
}
