import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { newToken } from '../../api/auth.js'
import { ndjson, report, until } from '../support/api.js'

const root = t.testdir({})
// Inside the checkout, so that packages are found from there.
const out = join(import.meta.dirname, '../../node_modules/.cache', `sonde-serve-test-${process.pid}`)
await build({
  entryPoints: { sonde: join(import.meta.dirname, '../../api/cli.ts') },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
})
t.teardown(async () => (await import('node:fs/promises')).rm(out, { recursive: true, force: true }))

interface Served {
  readonly child: ChildProcess
  readonly url: () => string | null
  readonly output: () => string
  readonly exit: Promise<number | null>
}

function serve(
  t: { teardown(fn: () => unknown): unknown },
  args: readonly string[],
  environment: Record<string, string> = {},
): Served {
  const child = spawn(process.execPath, [join(out, 'sonde.mjs'), 'serve', '--no-sample', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  t.teardown(() => child.kill('SIGKILL'))
  return {
    child,
    output: () => output,
    url: () => /"url":"([^"]+)"/.exec(output)?.[1] ?? null,
    // `exit` may come before the last of the output.
    exit: once(child, 'close').then(([code]) => code),
  }
}

async function started(served: Served): Promise<string> {
  await until(() => served.url() !== null || served.child.exitCode !== null)
  const url = served.url()
  if (url === null) throw new Error(served.output())
  return url
}

t.test('a report that is posted, and one in a followed folder, are the health of a function', async (t) => {
  const logs = join(root, 'logs')
  mkdirSync(logs)
  writeFileSync(
    join(root, 'sonde.yaml'),
    'data: data\nsources:\n  folders:\n    - path: logs\nfunctions:\n  - name: billing\n',
  )
  const served = serve(t, ['--port', '0', '--config', 'sonde.yaml'])
  const url = await started(served)
  t.equal((await fetch(`${url}/readyz`)).status, 200)
  const posted = await fetch(`${url}/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: ndjson(report({ run: 'a', at: new Date() })),
  })
  t.match(await posted.json(), { accepted: 1 })
  t.equal((await fetch(`${url}/v1/functions/orders/health`)).status, 200)
  t.match(await (await fetch(`${url}/v1/functions/billing`)).json(), { status: 'unknown' })
  const line = JSON.stringify(report({ run: 'b', at: new Date(), workloads: ['from-the-log'] }))
  writeFileSync(join(logs, 'probes.log'), `START RequestId: 1\n${line}\n`)
  await until(async () => (await fetch(`${url}/v1/functions/from-the-log/health`)).status === 200)
  served.child.kill('SIGTERM')
  t.equal(await served.exit, 0)
  t.match(served.output(), /shutting down[\s\S]*stopped/)

  const again = serve(t, ['--port', '0', '--config', 'sonde.yaml'])
  t.equal(
    (await fetch(`${await started(again)}/v1/functions/orders/health`)).status,
    200,
    'what came in is kept',
  )
  again.child.kill('SIGINT')
  t.equal(await again.exit, 0)
})

t.test('it refuses to listen for the world without a token, and says how to make one', async (t) => {
  const open = serve(t, ['--port', '0', '--host', '0.0.0.0', '--data', 'open'])
  t.equal(await open.exit, 2)
  t.match(open.output(), /^sonde serve: refusing to listen on 0\.0\.0\.0 without a token.*sonde token new/)
  const { token, hash } = newToken()
  writeFileSync(join(root, 'tokens.yaml'), `tokens:\n  - name: t\n    hash: ${hash}\n    scopes: [read]\n`)
  const safe = serve(t, ['--port', '0', '--config', 'tokens.yaml', '--data', 'safe'])
  const url = await started(safe)
  t.equal((await fetch(`${url}/v1/functions`)).status, 401)
  t.equal((await fetch(`${url}/v1/functions`, { headers: { authorization: `Bearer ${token}` } })).status, 200)
  t.notMatch(safe.output(), token, 'the log holds no token')
  t.notMatch(safe.output(), hash)
})

t.test('what is wrong at the start is told in a line, exit 2', async (t) => {
  const holder = createServer()
  holder.listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  const address = holder.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''
  writeFileSync(join(root, 'bad.yaml'), 'server:\n  prot: 1\n')
  for (const [args, environment, words] of [
    [
      ['--port', port, '--data', 'a'],
      {},
      /127\.0\.0\.1:\d+ is taken by another program; choose one with --port/,
    ],
    [['--config', 'bad.yaml'], {}, /bad\.yaml:2:3: unknown key "prot"; did you mean "port"\?/],
    [['--data', 'b'], { SONDE_PORT: 'x' }, /SONDE_PORT: must be a port number/],
    [['--prot', '1'], {}, /unknown option '--prot'/],
  ] as const) {
    const served = serve(t, args, environment)
    t.equal(await served.exit, 2, served.output())
    t.match(served.output(), words)
    t.notMatch(served.output(), /^\s+at /m, 'no stack')
  }
})
