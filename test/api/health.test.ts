import t from 'tap'
import { type Bench, report, result, START, startApi, takeIn } from '../support/api.js'

async function health(api: Bench, query = '') {
  const answer = await api.app.inject(`/v1/functions/orders/health${query}`)
  return { code: answer.statusCode, ...answer.json() }
}

const at = (seconds: number) => new Date(START.getTime() + seconds * 1000)

t.test(
  'unknown, healthy, failing, healthy again, stale: each with its status code and a sentence',
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    await api.store.declareFunctions([
      { name: 'orders', posture: { subnets: ['subnet-a'], securityGroups: ['sg-1'] } },
    ])
    t.match(await health(api), {
      code: 503,
      status: 'unknown',
      why: /\w/,
      text: { en: /\w/, ko: /[가-힣]/ },
      since: null,
      failing: [],
    })
    await takeIn(api, report({ run: 'a' }), report({ run: 'b', at: at(1) }))
    t.match(await health(api), { code: 200, status: 'healthy', failing: [] })
    const bad = [result('orders-db', 'connect_timeout')]
    await takeIn(
      api,
      report({ run: 'c', at: at(2), results: bad }),
      report({ run: 'd', at: at(3), results: bad }),
    )
    t.match(await health(api), { code: 503, status: 'failing', failing: ['orders-db'] })
    await takeIn(api, report({ run: 'e', at: at(4) }), report({ run: 'f', at: at(5) }))
    t.match(await health(api), { code: 200, status: 'healthy' })
    api.pass(10 * 60_000)
    t.match(await health(api), { code: 503, status: 'stale' })
  },
)

t.test('degraded counts as the caller says', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const bad = [result('internet', 'connect_timeout')]
  for (const i of [0, 1, 2]) {
    await takeIn(
      api,
      report({ run: `a${i}`, at: at(i), results: [result('internet')] }),
      report({ run: `b${i}`, at: at(i), function: 'sonde-probe-b', subnet: 'subnet-b', results: bad }),
    )
  }
  // One posture of two subnets: what makes it one is that a function stands in both.
  await api.store.declareFunctions([
    { name: 'orders', posture: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'] } },
  ])
  api.pass(3000)
  t.match(await health(api), { code: 200, status: 'degraded' })
  t.match(await health(api, '?degraded=ok'), { code: 200 })
  t.match(await health(api, '?degraded=fail'), { code: 503, status: 'degraded' })
  t.equal((await api.app.inject('/v1/functions/orders/health?degraded=perhaps')).statusCode, 400)
})

t.test('the checks that fail are named also before a flip, and when their probe fell silent', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const both = (outcome: string) => [result('orders-db', outcome), result('internet')]
  await takeIn(api, report({ run: 'a', results: both('connect_timeout') }))
  t.match(await health(api), { code: 503, status: 'failing', failing: ['orders-db'] })
  t.equal((await api.app.inject('/v1/functions/orders')).json().checks[1].status, 'pending')
  api.pass(10 * 60_000)
  t.match(await health(api), { code: 503, status: 'stale', failing: ['orders-db'] })
})

t.test('one failure of a check that passed before is no failure yet', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await takeIn(api, report({ run: 'a' }), report({ run: 'b', at: at(1) }))
  await takeIn(api, report({ run: 'c', at: at(2), results: [result('orders-db', 'connect_timeout')] }))
  const told = await health(api)
  t.equal(told.status, 'healthy')
  t.same(told.failing, [])
})

t.test('a kept answer ends with the next report, and with its age', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await takeIn(api, report({ run: 'a' }))
  t.equal((await health(api)).lastReportAt, at(0).toISOString())
  await takeIn(api, report({ run: 'b', at: at(1) }))
  t.equal((await health(api)).lastReportAt, at(1).toISOString(), 'what is taken in is seen at once')
  api.pass(179_000)
  t.equal((await health(api)).status, 'healthy')
  api.pass(2_100)
  t.equal((await health(api)).status, 'stale', 'time alone is seen too')
})
