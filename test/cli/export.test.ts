import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import t from 'tap'
import { registerExport } from '../../api/cli/export.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { batchOf, MINUTE, OPTIONS, T0 } from '../store/support/open.js'
import { makeReport, makeResult } from '../store/support/reports.js'
import { builtCli, startCli } from '../support/cli.js'
import { run } from './run.js'

t.setTimeout(600_000)
const cli = await builtCli()

const COUNT = 300

t.test('results go to NDJSON and to Parquet, the same rows in both', async (t) => {
  const cwd = t.testdir()
  const store = await openSqliteStore(join(cwd, 'data'), OPTIONS)
  await store.ingest(
    batchOf(
      Array.from({ length: COUNT }, (_, n) =>
        makeReport({
          at: T0 + n * MINUTE,
          results: [makeResult(), makeResult({ check: 'y', outcome: 'dns_failed' })],
        }),
      ),
    ),
  )
  await store.close()
  const time = [
    '--data',
    join(cwd, 'data'),
    '--from',
    new Date(T0).toISOString(),
    '--to',
    new Date(T0 + 200 * MINUTE).toISOString(),
  ]
  const exported = (...args: readonly string[]) => run(registerExport, ['export', ...time, ...args], { cwd })

  t.match(await exported('--out', 'r.ndjson'), { code: 0, stdout: 'r.ndjson: 400 results\n' })
  const lines = (await readFile(join(cwd, 'r.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.equal(lines.length, 400)
  // As it is built: the loader of the tests does not find the writer's modules.
  const args = ['export', ...time, '--out', 'r.parquet', '--format', 'parquet']
  const built = startCli(cli, args, { cwd })
  t.equal(await built.exit, 0)
  t.equal(built.output(), 'r.parquet: 400 results\n')
  const file = await asyncBufferFromFile(join(cwd, 'r.parquet'))
  const rows = await parquetReadObjects({ file })
  t.same(
    rows.map(({ at, run, check, outcome, as_expected, ms, dns_ms, subnet, region, ended_in }) => ({
      at: at.toISOString(),
      run,
      check,
      outcome,
      as_expected,
      ms,
      dns_ms,
      subnet,
      region,
      ended_in,
    })),
    lines.map(({ at, run, check, outcome, asExpected, ms, phases, subnet, region, endedIn }) => ({
      at,
      run,
      check,
      outcome,
      as_expected: asExpected,
      ms,
      dns_ms: phases.dns,
      subnet,
      region,
      ended_in: endedIn,
    })),
  )
  const printed = await exported('--out', '-')
  t.equal(printed.stdout, await readFile(join(cwd, 'r.ndjson'), 'utf8'), 'and to stdout')
})

t.test('what is asked wrongly is told', async (t) => {
  const cwd = t.testdir()
  const asked = async (...args: readonly string[]) =>
    (await run(registerExport, ['export', '--data', join(cwd, 'data'), ...args], { cwd })).stderr
  t.match(await asked('--out', 'x'), /there is no database in .*data; name the data folder/)
  await t.rejects(access(join(cwd, 'data')), { code: 'ENOENT' }, 'nor is one made')
  await (await openSqliteStore(join(cwd, 'data'), OPTIONS)).close()
  t.match(await asked(), /--out is missing/)
  t.match(await asked('--out', 'x', '--format', 'csv'), /there are ndjson and parquet/)
  t.match(await asked('--out', '-', '--format', 'parquet'), /Parquet needs a file/)
  t.match(await asked('--out', 'x', '--from', 'yesterday'), /--from: "yesterday" is no time/)
  t.match(
    await asked('--out', 'x', '--from', '2026-01-02', '--to', '2026-01-01'),
    /--from must lie before --to/,
  )
  t.match(await asked('--out', 'none/x'), /can't write none\/x: there is no such folder/)
})
