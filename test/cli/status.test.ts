import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { newToken } from '../../api/auth.js'
import { widthOf } from '../../api/cli/screen.js'
import { registerStatus } from '../../api/cli/status.js'
import { ago } from '../../api/cli/status-table.js'
import { listen, report, result, START, startApi, takeIn } from '../support/api.js'
import { type RunOptions, run } from './run.js'

const at = (seconds: number) => new Date(START.getTime() + seconds * 1000)
const status = (args: readonly string[], options: RunOptions = {}) =>
  run(registerStatus, ['status', ...args], options)

t.test('all functions, worst first, within 80 columns', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const url = await listen(api.app)
  const none = await status(['--url', url])
  t.match(none, { code: 3, stdout: /No functions yet/ })

  await takeIn(api, report({ run: 'a' }), report({ run: 'b', at: at(1) }))
  const good = await status(['--url', url])
  t.match(good, { code: 0, stderr: '' })
  t.match(good.stdout, /● healthy +orders /)

  const bad = [result('a-check-with-quite-a-long-name-that-goes-on', 'connect_timeout'), result('internet')]
  for (const i of [0, 1, 2]) {
    const parts = {
      function: 'probe-x',
      subnet: 'subnet-x',
      workloads: ['billing-\u001b[31mred\u001b[0m'],
      results: bad,
    }
    await takeIn(api, report({ run: `x${i}`, at: at(i), ...parts }))
  }
  const both = await status([], { env: { SONDE_URL: url } })
  t.equal(both.code, 1)
  const lines = both.stdout.split('\n')
  t.ok(
    lines.findIndex((line) => line.includes('failing')) < lines.findIndex((line) => line.includes('healthy')),
  )
  t.ok(
    lines.every((line) => widthOf(line) <= 80),
    both.stdout,
  )
  t.notMatch(both.stdout, '\u001b', 'a name can not steer the terminal')
  t.match(both.stdout, /1 failing, .*healthy/)

  const json = await status(['--url', url, '--json'])
  t.match(JSON.parse(json.stdout), { more: false, items: [{ status: 'failing' }, { status: 'healthy' }] })
  const first = await status(['--url', url, '--limit', '1'])
  t.match(first.stdout, /Shown are the first 1; --limit shows more/)
})

t.test('one function and its checks', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const url = await listen(api.app)
  const bad = [result('orders-db', 'connect_timeout'), result('internet')]
  for (const i of [0, 1, 2]) await takeIn(api, report({ run: `r${i}`, at: at(i), results: bad }))
  const one = await status(['orders', '--url', url])
  t.equal(one.code, 1)
  t.match(one.stdout, /✗ failing +orders-db +connect_timeout +12\.5 +db\.internal:5432/)
  t.match(one.stdout, /● passing +internet +ok/)
  const json = await status(['orders', '--url', url, '--json'])
  t.equal(JSON.parse(json.stdout).name, 'orders')
  t.match(await status(['nobody', '--url', url]), { code: 2, stderr: /knows no function "nobody"/ })
})

t.test('what keeps it from the API is told in a sentence, exit 2', async (t) => {
  const { token, hash } = newToken()
  const api = await startApi({ auth: { mode: 'token', tokens: [{ name: 'r', hash, scopes: ['read'] }] } })
  t.teardown(api.close)
  const url = await listen(api.app)
  t.match(await status(['--url', url]), {
    code: 2,
    stderr: /asks for a token: give --token, or set SONDE_TOKEN/,
  })
  t.match(await status(['--url', url, '--token', token]), { code: 3 })
  t.match(await status(['--url', url], { env: { SONDE_TOKEN: token } }), { code: 3 })
  t.match(await status(['--url', 'nonsense']), { code: 2, stderr: /must be an http or https URL/ })
  t.match(await status(['--url', url, '--limit', '0']), { code: 2 })

  const other = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  t.match(await status(['--url', `http://127.0.0.1:${port}`]), { code: 2, stderr: /is not Sonde's API/ })
  await new Promise((resolve) => other.close(resolve))
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const free = (gone.address() as AddressInfo).port
  await new Promise((resolve) => gone.close(resolve))
  const closed = await status(['--url', `http://127.0.0.1:${free}`])
  t.match(closed, {
    code: 2,
    stderr: /no answer from .*connection refused.*is `sonde serve` running there\?/,
  })
})

t.test('durations as a person says them', async (t) => {
  const now = new Date('2026-01-31T12:00:00Z')
  const before = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000).toISOString(), now)
  t.same([0, 59, 99, 120, 5400, 7200, 86_400, 400_000].map(before), [
    '0 s',
    '59 s',
    '99 s',
    '2 min',
    '90 min',
    '2 h',
    '24 h',
    '5 d',
  ])
  t.equal(ago(null, now), '')
  t.equal(ago('nonsense', now), '')
})
