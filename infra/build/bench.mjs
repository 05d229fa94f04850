import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Runs test/bench/*.bench.ts one after the other, prints a table and writes dist/bench.json.
 * Usage: node infra/build/bench.mjs [NAME …], where NAME is a part of a file's name.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = join(root, 'test/bench')
const wanted = process.argv.slice(2)
const files = readdirSync(folder)
  .filter(
    (file) =>
      file.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((name) => file.includes(name))),
  )
  .sort()
if (files.length === 0) {
  console.error(`no benchmark is called ${wanted.join(' or ')}`)
  process.exit(2)
}

const { status } = spawnSync(process.execPath, [join(root, 'infra/build/build.mjs')], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

// Inside the checkout, so that packages are found from there.
const out = join(root, 'node_modules/.cache', `sonde-bench-${process.pid}`)
await build({
  entryPoints: files.map((file) => join(folder, file)),
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
})
const rows = []
const failed = []
try {
  for (const file of files) {
    const { run } = await import(pathToFileURL(join(out, `${basename(file, '.ts')}.mjs`)).href)
    try {
      for (const row of await run()) rows.push({ file, ...row })
    } catch (error) {
      failed.push({ file, error: error instanceof Error ? error.message : String(error) })
    }
  }
} finally {
  rmSync(out, { recursive: true, force: true })
}

print([
  ['benchmark', 'value', 'unit', 'reference', 'ratio', 'goal'],
  ...rows.map((row) => [
    row.name,
    number(row.value),
    row.unit,
    number(row.reference),
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`,
    row.goal ?? '',
  ]),
])
for (const { file, error } of failed) console.error(`${file}: ${error}`)
mkdirSync(join(root, 'dist'), { recursive: true })
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model }
writeFileSync(
  join(root, 'dist/bench.json'),
  `${JSON.stringify({ at: new Date().toISOString(), machine, rows, failed }, null, 2)}\n`,
)
process.exit(failed.length > 0 ? 1 : 0)

function number(value) {
  if (value === undefined) return ''
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(4)))
}

function print(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)))
  for (const line of table) {
    console.log(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  '),
    )
  }
}
