import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { newToken } from '../../api/auth.js'
import { ndjson, report, until } from '../support/api.js'
import { builtCli, type Served, startCli, urlOf } from '../support/cli.js'

const root = t.testdir({})
const cli = await builtCli()

function serve(
  t: { teardown(fn: () => unknown): unknown },
  args: readonly string[],
  env: Record<string, string> = {},
): Served {
  const served = startCli(cli, ['serve', '--no-sample', ...args], { cwd: root, env })
  t.teardown(() => served.child.kill('SIGKILL'))
  return served
}

t.test('a report that is posted, and one in a followed folder, are the health of a function', async (t) => {
  const logs = join(root, 'logs')
  mkdirSync(logs)
  writeFileSync(
    join(root, 'sonde.yaml'),
    'data: data\nsources:\n  folders:\n    - path: logs\nfunctions:\n  - name: billing\n',
  )
  const served = serve(t, ['--port', '0', '--config', 'sonde.yaml'])
  const url = await urlOf(served)
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
    (await fetch(`${await urlOf(again)}/v1/functions/orders/health`)).status,
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
  const url = await urlOf(safe)
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
  writeFileSync(join(root, 'a-file'), '')
  mkdirSync(join(root, 'strange'))
  writeFileSync(join(root, 'strange', 'sonde.db'), 'this is no database at all\n'.repeat(99))
  mkdirSync(join(root, 'blocked', 'sonde.db'), { recursive: true })
  for (const [args, environment, words] of [
    [
      ['--port', port, '--data', 'a'],
      {},
      /127\.0\.0\.1:\d+ is taken by another program; choose one with --port/,
    ],
    [['--config', 'bad.yaml'], {}, /bad\.yaml:2:3: unknown key "prot"; did you mean "port"\?/],
    [['--data', 'b'], { SONDE_PORT: 'x' }, /SONDE_PORT: must be a port number/],
    [['--prot', '1'], {}, /unknown option '--prot'/],
    [['--data', 'a-file'], {}, /the data folder .*a-file can't be used: it is a file; choose another/],
    [['--data', 'a-file/b'], {}, /the data folder .*b can't be used: a file lies on the way to it/],
    [['--data', 'strange'], {}, /the data folder .*strange can't be used: sonde\.db in it is no database/],
    [['--data', 'blocked'], {}, /the data folder .*blocked can't be used: sonde\.db in it can not be opened/],
    // Node's own way of making folders above folders never ends here.
    ...(process.platform === 'linux'
      ? ([[['--data', '/proc/sonde/data'], {}, /can't be used: nothing can be made there/]] as const)
      : []),
  ] as const) {
    const served = serve(t, args, environment)
    t.equal(await served.exit, 2, served.output())
    t.match(served.output(), words)
    t.notMatch(served.output(), /^\s+at /m, 'no stack')
  }
})
