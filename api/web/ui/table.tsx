import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** `number` stands to the right in tabular figures; `grow` takes what room is left; `narrow` never wraps. */
  readonly fit?: 'number' | 'grow' | 'narrow'
}

/**
 * A plain table of some rows. Where there is no room for columns side by side, each row becomes a card whose cells name
 * their columns. The first column heads its row.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
}) {
  return (
    <table class="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ key, title, fit }) => (
            <th key={key} scope="col" class={fit === undefined ? '' : `fit-${fit}`}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map(({ key, title, cell, fit }, index) => {
              const cls = fit === undefined ? '' : `fit-${fit}`
              return index === 0 ? (
                <th key={key} scope="row" class={cls}>
                  {cell(row)}
                </th>
              ) : (
                <td key={key} class={cls} data-title={title}>
                  {cell(row)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
