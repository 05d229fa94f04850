import { createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { type ConfigFlags, loadConfig } from '../config.js'
import { openStore } from '../open-store.js'
import type { ExportedResult } from '../store/store.js'
import { EXIT, guard, InputError, type Io, instant, unwritable, write } from './io.js'
import { isStoreError } from './store-error.js'

interface ExportFlags extends Pick<ConfigFlags, 'config' | 'data'> {
  readonly from?: string
  readonly to?: string
  readonly format: string
  readonly out?: string
}

const DAY_MS = 86_400_000

/** `sonde export`: results by time, for Athena, DuckDB and whatever reads NDJSON or Parquet. */
export function registerExport(program: Command, io: Io): void {
  program
    .command('export')
    .description('write results to a file, one row a result, for Athena or DuckDB')
    .option('--from <time>', 'ISO 8601 (default: a day before --to)')
    .option('--to <time>', 'ISO 8601 (default: now)')
    .option('--format <format>', 'ndjson or parquet', 'ndjson')
    .option('--out <file>', 'file to write, replaced only when all is written; - is stdout, for ndjson')
    .option('--data <dir>', 'folder of the embedded database')
    .option('--config <file>', 'configuration file')
    .action((flags: ExportFlags) => guard(io, 'export', isStoreError, () => exportResults(flags, io)))
}

async function exportResults(flags: ExportFlags, io: Io): Promise<number> {
  const { format, out } = flags
  if (format !== 'ndjson' && format !== 'parquet')
    throw new InputError(
      `--format: there is no format "${format.slice(0, 64)}"; there are ndjson and parquet`,
    )
  if (out === undefined) throw new InputError('--out is missing: name the file to write')
  if (out === '-' && format === 'parquet') throw new InputError('--out -: Parquet needs a file')
  const to = instant('--to', flags.to) ?? new Date()
  const from = instant('--from', flags.from) ?? new Date(to.getTime() - DAY_MS)
  if (from >= to) throw new InputError('--from must lie before --to')
  const config = loadConfig(flags, io.env)
  const data = resolve(io.cwd, config.data)
  if (config.store.engine === 'sqlite') await expectDatabase(data)
  const store = await openStore({ ...config, data })
  try {
    const results = store.exportResults(from, to)
    if (out === '-') await printNdjson(io, results)
    else {
      const rows = await replace(resolve(io.cwd, out), out, (draft) =>
        format === 'ndjson' ? writeNdjson(draft, results) : writeParquet(draft, results),
      )
      await write(io.stdout, `${out}: ${rows} ${rows === 1 ? 'result' : 'results'}\n`)
    }
    return EXIT.ok
  } finally {
    await store.close()
  }
}

/** A folder that is not there would be made, and nothing exported from it. */
async function expectDatabase(data: string): Promise<void> {
  const { FILE_NAME } = await import('../store/sqlite/store.js')
  await access(join(data, FILE_NAME)).catch((cause: unknown) => {
    throw new InputError(`there is no database in ${data}; name the data folder of a server with --data`, {
      cause,
    })
  })
}

async function printNdjson(io: Io, results: AsyncIterable<ExportedResult>): Promise<void> {
  for await (const result of results) {
    if (!(await write(io.stdout, `${JSON.stringify(result)}\n`))) return
  }
}

/** Writes beside the file and puts it in its place once it is whole. */
async function replace(
  file: string,
  shown: string,
  work: (draft: string) => Promise<number>,
): Promise<number> {
  const draft = `${file}.${process.pid}.tmp`
  try {
    const rows = await work(draft)
    await rename(draft, file)
    return rows
  } catch (error) {
    await rm(draft, { force: true })
    throw unwritable(error, shown)
  }
}

async function writeNdjson(file: string, results: AsyncIterable<ExportedResult>): Promise<number> {
  let rows = 0
  const lines = async function* (): AsyncGenerator<string> {
    for await (const result of results) {
      rows += 1
      yield `${JSON.stringify(result)}\n`
    }
  }
  await pipeline(lines, createWriteStream(file))
  return rows
}

async function writeParquet(file: string, results: AsyncIterable<ExportedResult>): Promise<number> {
  const { parquetFile } = await import('../export/parquet.js')
  const parquet = parquetFile(file)
  let rows = 0
  for await (const result of results) {
    rows += 1
    await parquet.add(result)
  }
  await parquet.finish()
  return rows
}
