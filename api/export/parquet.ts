import { type BasicType, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { ExportedResult } from '../store/store.js'

/** A Parquet file that grows row by row; what is in memory is one group of rows. */
export interface ParquetFile {
  readonly add: (result: ExportedResult) => Promise<void>
  readonly finish: () => Promise<void>
}

/** Rows in one group: enough for a reader to skip by its statistics, few enough to hold. */
const GROUP_ROWS = 20_000

interface Column {
  readonly name: string
  readonly type: Exclude<BasicType, 'VARIANT'>
  readonly of: (result: ExportedResult) => unknown
}

/** Flat columns, so that Athena and DuckDB need no unpacking; the small facts of a kind stay JSON. Durations in milliseconds. */
const COLUMNS: readonly Column[] = [
  { name: 'at', type: 'TIMESTAMP', of: ({ at }) => new Date(at) },
  { name: 'run', type: 'STRING', of: ({ run }) => run },
  { name: 'account', type: 'STRING', of: ({ account }) => account },
  { name: 'region', type: 'STRING', of: ({ region }) => region },
  { name: 'probe', type: 'STRING', of: ({ probe }) => probe },
  { name: 'subnet', type: 'STRING', of: ({ subnet }) => subnet },
  { name: 'check', type: 'STRING', of: ({ check }) => check },
  { name: 'kind', type: 'STRING', of: ({ kind }) => kind },
  { name: 'target', type: 'STRING', of: ({ target }) => target },
  { name: 'expect', type: 'STRING', of: ({ expect }) => expect },
  { name: 'outcome', type: 'STRING', of: ({ outcome }) => outcome },
  { name: 'as_expected', type: 'BOOLEAN', of: ({ asExpected }) => asExpected },
  { name: 'ended_in', type: 'STRING', of: ({ endedIn }) => endedIn },
  { name: 'ms', type: 'DOUBLE', of: ({ ms }) => ms },
  { name: 'dns_ms', type: 'DOUBLE', of: ({ phases }) => phases.dns },
  { name: 'connect_ms', type: 'DOUBLE', of: ({ phases }) => phases.connect },
  { name: 'tls_ms', type: 'DOUBLE', of: ({ phases }) => phases.tls },
  { name: 'exchange_ms', type: 'DOUBLE', of: ({ phases }) => phases.exchange },
  { name: 'address', type: 'STRING', of: ({ address }) => address },
  { name: 'address_kind', type: 'STRING', of: ({ addressKind }) => addressKind },
  { name: 'detail', type: 'STRING', of: ({ detail }) => JSON.stringify(detail) },
]

/** Opens a file anew. @throws the system's error if it can't be written */
export function parquetFile(file: string): ParquetFile {
  const columnsOf = (rows: readonly ExportedResult[]) =>
    COLUMNS.map(({ name, type, of }) => ({ name, type, data: rows.map((row) => of(row) ?? null) }))
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
    createdBy: 'sonde',
  })
  let rows: ExportedResult[] = []
  const flush = async (): Promise<void> => {
    const columnData = columnsOf(rows).map(({ name, data }) => ({ name, data }))
    rows = []
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS })
  }
  return {
    add: async (result) => {
      rows.push(result)
      if (rows.length >= GROUP_ROWS) await flush()
    },
    finish: async () => {
      if (rows.length > 0) await flush()
      await writer.finish()
    },
  }
}
