/** A table of words and numbers as they come. It may be wider than a phone, and scrolls in its own box then. */
import { useId } from 'preact/hooks'
import type { Grid } from '../methods'

/** What stands under each other by its decimals: numbers, and what goes with them. */
const NUMBER = /^[\d\s.,±<%–-]*$/

/** The first column names its row. */
export function GridTable({ grid: { caption, columns, rows } }: { grid: Grid }) {
    const id = useId()
    const classOf = (column: number): string | undefined => (rows.every((row) => NUMBER.test(row[column] ?? '')) ? 'number' : undefined)
    return (
        <div class="table-box" role="region" tabIndex={0} aria-labelledby={id}>
            <table class="figures-table">
                <caption id={id}>{caption}</caption>
                <thead><tr>{columns.map((title, nth) => <th key={title} scope="col" class={classOf(nth)}>{title}</th>)}</tr></thead>
                <tbody>
                    {rows.map(([name, ...cells], nth) => (
                        <tr key={nth}><th scope="row">{name}</th>{cells.map((cell, at) => <td key={at} class={classOf(at + 1)}>{cell}</td>)}</tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}
