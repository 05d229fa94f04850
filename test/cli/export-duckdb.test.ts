import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { batchOf, MINUTE, OPTIONS, T0 } from '../store/support/open.js'
import { makeReport, makeResult } from '../store/support/reports.js'
import { builtCli, startCli } from '../support/cli.js'

/** A Python that has DuckDB: `SONDE_DUCKDB`. */
const python = process.env['SONDE_DUCKDB'] ?? ''
const skip = existsSync(python) ? false : 'DuckDB is not installed (pip install duckdb; SONDE_DUCKDB=PYTHON)'

t.test('DuckDB reads what is exported, the same of both formats', { skip }, async (t) => {
  const dir = t.testdir()
  const store = await openSqliteStore(join(dir, 'data'), OPTIONS)
  const outcomes = ['ok', 'ok', 'connect_timeout']
  const reports = outcomes.map((outcome, n) =>
    makeReport({ at: T0 + n * MINUTE, results: [makeResult({ outcome, ms: 10 * (n + 1) })] }),
  )
  await store.ingest(batchOf(reports))
  await store.close()
  const cli = await builtCli()
  const time = [
    '--from',
    new Date(T0 - MINUTE).toISOString(),
    '--to',
    new Date(T0 + 9 * MINUTE).toISOString(),
  ]
  for (const format of ['ndjson', 'parquet']) {
    const args = ['export', '--data', 'data', ...time, '--format', format, '--out', `r.${format}`]
    const exported = startCli(cli, args, { cwd: dir })
    t.equal(await exported.exit, 0, exported.output())
  }
  const ask = (from: string, asExpected: string): unknown =>
    JSON.parse(
      execFileSync(python, [
        '-c',
        'import duckdb, json, sys; print(json.dumps(duckdb.sql(sys.argv[1]).fetchall()))',
        `select outcome, count(*), sum(ms)::int, bool_and(${asExpected}), min(epoch_ms("at"::timestamp)) from ${from} group by 1 order by 1`,
      ]).toString(),
    )
  const wanted = [
    ['connect_timeout', 1, 30, false, T0 + 2 * MINUTE],
    ['ok', 2, 30, true, T0],
  ]
  t.strictSame(ask(`'${join(dir, 'r.parquet')}'`, 'as_expected'), wanted)
  t.strictSame(
    ask(`read_json('${join(dir, 'r.ndjson')}', format = 'newline_delimited')`, '"asExpected"'),
    wanted,
  )
})
