import { createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { type ConfigFlags, loadConfig } from '../config.js'
import { josa } from '../korean.js'
import { openStore } from '../open-store.js'
import type { ExportedResult } from '../store/store.js'
import { EXIT, guard, InputError, type Io, instant, say, unwritable, write } from './io.js'
import { safe } from './screen.js'
import { isStoreError, STORE_OPTIONS } from './store-error.js'

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
    .description(
      say(
        io,
        'write results to a file, one row a result, for Athena or DuckDB',
        '결과를 한 행에 하나씩 파일로 씁니다 (Athena나 DuckDB용)',
      ),
    )
    .option(
      '--from <time>',
      say(io, 'ISO 8601 (default: a day before --to)', 'ISO 8601 (기본값: --to의 하루 전)'),
    )
    .option('--to <time>', say(io, 'ISO 8601 (default: now)', 'ISO 8601 (기본값: 지금)'))
    .option('--format <format>', say(io, 'ndjson or parquet', 'ndjson 또는 parquet'), 'ndjson')
    .option(
      '--out <file>',
      say(
        io,
        'file to write, replaced only when all is written; - is stdout, for ndjson',
        '쓸 파일. 다 쓴 뒤에만 바꿉니다. ndjson이면 -는 표준 출력',
      ),
    )
    .option('--data <dir>', STORE_OPTIONS.data[io.language])
    .option('--config <file>', STORE_OPTIONS.config[io.language])
    .action((flags: ExportFlags) => guard(io, 'export', isStoreError, () => exportResults(flags, io)))
}

async function exportResults(flags: ExportFlags, io: Io): Promise<number> {
  const { format, out } = flags
  if (format !== 'ndjson' && format !== 'parquet')
    throw new InputError({
      en: `--format: there is no format "${format.slice(0, 64)}"; there are ndjson and parquet`,
      ko: josa`--format: "${format.slice(0, 64)}"(이)라는 형식은 없습니다. ndjson과 parquet이 있습니다`,
    })
  if (out === undefined)
    throw new InputError({
      en: '--out is missing: name the file to write',
      ko: '--out이 빠졌습니다. 쓸 파일을 지정하세요',
    })
  if (out === '-' && format === 'parquet')
    throw new InputError({
      en: '--out -: Parquet needs a file',
      ko: '--out -: Parquet에는 파일이 필요합니다',
    })
  const to = instant('--to', flags.to) ?? new Date()
  const from = instant('--from', flags.from) ?? new Date(to.getTime() - DAY_MS)
  if (from >= to)
    throw new InputError({ en: '--from must lie before --to', ko: '--from은 --to보다 앞이어야 합니다' })
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
      const count = say(io, `${rows} ${rows === 1 ? 'result' : 'results'}`, `결과 ${rows}개`)
      await write(io.stdout, `${safe(out)}: ${count}\n`)
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
    throw new InputError(
      {
        en: `there is no database in ${data}; name the data folder of a server with --data`,
        ko: `${data}에 데이터베이스가 없습니다. --data로 서버의 데이터 폴더를 지정하세요`,
      },
      { cause },
    )
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
