import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { ordersFiles, writeFiles } from './orders-snapshot.js'

const entry = fileURLToPath(new URL('../../api/cli.ts', import.meta.url))
const root = t.testdir({})
await build({
  entryPoints: [entry],
  outdir: join(root, 'bin'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'error',
})

/** Runs `sonde` as a process of its own. */
async function sonde(args: readonly string[], stdin = '') {
  const child = spawn(process.execPath, [join(root, 'bin', 'cli.mjs'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  child.stdin.end(stdin)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, stdout, stderr }
}

t.test('as a process: arguments, standard streams, exit code', async (t) => {
  const folder = await writeFiles(join(root, 'closed'), ordersFiles({ admitted: false }))
  const [picture, batch, wrong] = await Promise.all([
    sonde(['trace', '--snapshot', folder, '--from', 'orders', '--to', 'rds:orders-db']),
    sonde(
      ['trace', '--snapshot', folder, '--batch', '-'],
      '{"id":1,"from":"orders","to":"rds:orders-db"}\n{"id":2}\n{"id":3,"from":"orders","to":"internet"}\n',
    ),
    sonde(['trace', '--shapnot', folder]),
  ])
  t.match(picture, { code: 1, stderr: '' })
  t.match(picture.stdout, /^UNREACHABLE .*[^\n]*\n[\s\S]*✗ .*sg-0d {2}ENI_SG_RULES_MISMATCH/)
  t.equal(batch.code, 0)
  t.match(
    batch.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { id: 1, verdict: 'unreachable' },
      { id: 2, error: /^from: / },
      { id: 3, verdict: 'reachable' },
    ],
  )
  t.equal(wrong.code, 2, 'an unknown option is bad input')
  t.match(wrong.stderr, /unknown option '--shapnot'/)
})
