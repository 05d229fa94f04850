import { spawnSync } from 'node:child_process'
import t from 'tap'
import { report, result, START, startApi, takeIn } from '../support/api.js'

const hasPromtool = () => process.env['CI'] === 'true' || spawnSync('promtool', ['--version']).status === 0
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000)

t.test('functions and checks in the format and by the conventions of Prometheus', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const results = [result('orders-db', 'connect_timeout'), result('say "hi"\\\n')]
  for (const i of [0, 1, 2]) await takeIn(api, report({ run: `r${i}`, at: at(i), results }))
  await takeIn(api, report({ run: 'r0', results }))
  api.pass(3000)
  await api.app.inject('/v1/functions/orders')
  const answer = await api.app.inject('/metrics')
  t.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  const lines = answer.body.split('\n')
  const has = (line: string) => t.ok(lines.includes(line), line)
  has('sonde_function_status{function="orders",status="failing"} 1')
  has('sonde_function_status{function="orders",status="healthy"} 0')
  has('sonde_check_up{function="orders",check="orders-db",kind="tcp"} 0')
  has('sonde_check_up{function="orders",check="say \\"hi\\"\\\\\\n",kind="tcp"} 1')
  has('sonde_check_duration_seconds{function="orders",check="orders-db",kind="tcp"} 0.0125')
  has('sonde_check_consecutive_failures{function="orders",check="orders-db",kind="tcp"} 3')
  has('sonde_reports_total 3')
  has('sonde_reports_duplicate_total 1')
  has('sonde_results_total 6')
  has('sonde_functions{status="failing"} 1')
  has('sonde_incidents_open 1')
  has('sonde_metrics_omitted{kind="function"} 0')
  t.ok(
    lines.some((line) =>
      /^sonde_http_requests_total\{method="GET",route="\/v1\/functions\/:name",code="200"\} 1$/.test(line),
    ),
  )
  t.notMatch(answer.body, /route="\/v1\/functions\/orders"/, 'routes, never paths')
  for (const line of lines.filter((one) => one.startsWith('# TYPE '))) {
    const [, , name = '', type] = line.split(' ')
    t.match(name, /^(sonde|process)_[a-z_]+$/)
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    t.notMatch(name, /_(ms|milliseconds|mb)$/, 'base units')
  }
  t.equal(
    (await api.app.inject('/metrics')).body.match(/^sonde_reports_total 3$/m)?.length,
    1,
    'totals are not added up',
  )
})

t.test(
  "Prometheus' own checker finds nothing to say",
  { skip: hasPromtool() ? false : 'promtool is not installed' },
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    await takeIn(api, report({ run: 'r', results: [result('orders-db'), result('say "hi"\\\n')] }))
    const { body } = await api.app.inject('/metrics')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    })
    t.same([status, stdout, stderr], [0, '', ''])
  },
)

t.test('the number of series is bounded, and what is left out is counted', async (t) => {
  const api = await startApi({ metrics: { maxFunctions: 10, maxChecks: 3 } })
  t.teardown(api.close)
  await takeIn(
    api,
    report({
      run: 'r',
      results: Array.from({ length: 8 }, (_, i) => result(`c${i}`)),
      workloads: ['a-first'],
    }),
  )
  await api.store.declareFunctions(Array.from({ length: 30 }, (_, i) => ({ name: `f-${i}` })))
  const text = (await api.app.inject('/metrics')).body
  const { functions } = await api.store.counts(api.now())
  const known = Object.values(functions).reduce((a, b) => a + b, 0)
  t.equal(text.match(/^sonde_function_status\{.*status="healthy"\}/gm)?.length, 10)
  t.equal(text.match(/^sonde_check_duration_seconds\{/gm)?.length, 3)
  t.match(text, `sonde_metrics_omitted{kind="function"} ${known - 10}`)
  t.match(text, /sonde_metrics_omitted\{kind="check"\} [1-9]/)
})

t.test('what is stale or undecided is neither up nor down', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await takeIn(api, report({ run: 'a' }))
  api.pass(3_600_000)
  const text = (await api.app.inject('/metrics')).body
  t.match(text, 'sonde_function_status{function="orders",status="stale"} 1')
  t.notMatch(text, /^sonde_check_up\{/m)
})
