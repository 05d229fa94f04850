import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { newToken } from '../../api/auth.js'
import { widthOf } from '../../api/cli/screen.js'
import { registerStatus } from '../../api/cli/status.js'
import { ago } from '../../api/cli/status-table.js'
import { listen, report, result, START, startApi, takeIn } from '../support/api.js'
import { scenarioSnapshot } from '../support/snapshots.js'
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
  const korean = await status([], { env: { SONDE_URL: url, LANG: 'ko_KR.UTF-8' } })
  t.match(korean.stdout, /^상태 +함수 +지속 +이유\n✗ 장애 .*subnet-x에서\s+connect_timeout/s)
  t.match(korean.stdout, /함수 2개: 장애 1, 정상 1\n/)
  t.ok(korean.stdout.split('\n').every((line) => widthOf(line) <= 80))

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
  const korean = await status(['orders', '--url', url], { env: { LANG: 'ko_KR.UTF-8' } })
  t.match(korean.stdout, /✗ 장애 +orders .*째\n +orders-db: .*에서 connect_timeout \(서브넷 1개 중 1개\)/)
  t.match(korean.stdout, /상태 +검사 +결과 +MS +대상\n.*✗ 장애 +orders-db +connect_timeout/s)
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

t.test(
  'what is wrong is told with its cause and what to change, in the language of the terminal',
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    const url = await listen(api.app)
    const snapshot = await scenarioSnapshot('S3')
    await api.network.add({ ...snapshot, takenAt: null }, api.now())
    const checks = [
      result('orders-db', 'connect_timeout', {
        kind: 'postgres',
        target: 'orders.c1x2y3z4.ap-northeast-2.rds.amazonaws.com:5432',
        address: '10.0.21.20',
      }),
    ]
    for (const subnet of ['subnet-00000000000000a11', 'subnet-00000000000000b11']) {
      for (const i of [0, 1]) {
        const from = { function: `probe-${subnet}`, subnet, workloads: ['orders-api'], results: checks }
        const told = report({ run: `${subnet}-${i}`, at: at(i), ...from })
        await takeIn(api, { ...told, probe: { ...told.probe, securityGroups: ['sg-000000000000000f1'] } })
      }
    }
    const all = await status(['--url', url])
    t.equal(all.code, 1)
    const causes = all.stdout.slice(all.stdout.indexOf('CAUSES')).replace(/\s+/g, ' ')
    t.match(
      causes,
      /1\. Security group sg-000000000000000d1 \(orders-db\) lacks an inbound rule for tcp\/5432/,
    )
    t.match(causes, /hits: orders-api fix: Allow inbound tcp\/5432 from sg-/)
    t.notMatch(causes, /2\. /, 'two subnets have one cause')
    t.ok(
      all.stdout.split('\n').every((line) => widthOf(line) <= 80),
      all.stdout,
    )

    const one = await status(['orders-api', '--url', url])
    const paragraphs = one.stdout.split('\n').filter((line) => line.startsWith('orders-api → orders-db'))
    t.equal(paragraphs.length, 1, 'both subnets share one paragraph')
    t.match(one.stdout, /subnet-00000000000000a11.*,\n {2}subnet-00000000000000b11/)
    t.match(one.stdout, /^ {4}aws ec2 authorize-security-group-ingress --group-id sg-000000000000000d1 /m)

    const korean = await status(['--url', url], { env: { LANG: 'ko_KR.UTF-8' } })
    t.match(korean.stdout, /원인\n1\. 보안 그룹 sg-000000000000000d1/)
    t.match(
      (await status(['orders-api', '--url', url], { env: { LANG: 'ko_KR.UTF-8' } })).stdout,
      /^증명됨: /m,
    )
  },
)
