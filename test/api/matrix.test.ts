import t from 'tap'
import { report, result, startApi, takeIn } from '../support/api.js'

t.test('rows and cells, in pages and by name', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'idle' }])
  const failing = result('internet', 'connect_timeout')
  for (const run of ['r1', 'r2']) {
    await takeIn(
      api,
      report({ run, results: [result('orders-db'), failing] }),
      report({
        run: `${run}b`,
        function: 'sonde-probe-b',
        subnet: 'subnet-b',
        results: [result('internet')],
      }),
    )
    api.pass(1000)
  }
  const first = (await api.app.inject('/v1/matrix?limit=1')).json()
  t.match(first.items, [{ name: 'idle', status: 'unknown', cells: [] }])
  const rest = (
    await api.app.inject(`/v1/matrix?limit=1&cursor=${encodeURIComponent(first.nextCursor)}`)
  ).json()
  t.match(rest.items, [{ name: 'orders', lastReportAt: String }])
  t.equal(rest.nextCursor, null)
  t.same(rest.items[0].cells[1], {
    name: 'orders-db',
    status: 'passing',
    failed: 0,
    of: 1,
    outcome: null,
  })
  t.match(rest.items[0].cells[0], { name: 'internet', failed: 1, outcome: 'connect_timeout' })

  const urgent = (await api.app.inject('/v1/matrix?sort=urgency&limit=1')).json()
  t.match(urgent.items, [{ name: 'orders', status: 'degraded' }], 'what needs a look stands first')
  const after = (
    await api.app.inject(`/v1/matrix?sort=urgency&limit=1&cursor=${encodeURIComponent(urgent.nextCursor)}`)
  ).json()
  t.match(after, { items: [{ name: 'idle' }] })
  const end = await api.app.inject(`/v1/matrix?sort=urgency&cursor=${encodeURIComponent(after.nextCursor)}`)
  t.match(end.json(), { items: [], nextCursor: null })
  t.equal((await api.app.inject('/v1/matrix?sort=urgency&cursor=made-up')).statusCode, 400)

  const named = (await api.app.inject('/v1/matrix?name=orders&name=gone&name=idle')).json()
  t.same(named.items.map(({ name }: { name: string }) => name).sort(), ['idle', 'orders'])
  t.equal((await api.app.inject('/v1/matrix?name=orders&status=failing')).statusCode, 400)
})

t.test('totals by status, and how old the newest report is', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'idle' }])
  t.match((await api.app.inject('/v1/totals')).json(), {
    functions: { unknown: 1, failing: 0 },
    lastReportAt: null,
  })
  const at = api.now()
  await takeIn(api, report({ run: 'r1', at }))
  t.match((await api.app.inject('/v1/totals')).json(), {
    functions: { unknown: 1, healthy: 1 },
    openIncidents: 0,
    lastReportAt: at.toISOString(),
  })
  // An outage of many is many events after its report.
  const workloads = Array.from({ length: 300 }, (_, index) => `fn-${index}`)
  for (let run = 1; run <= 2; run += 1) {
    api.pass(60_000)
    const results = [result('db', 'connect_timeout')]
    await takeIn(api, report({ run: `many ${run}`, at: api.now(), workloads, results }))
  }
  t.match((await api.app.inject('/v1/totals')).json(), {
    functions: { failing: 301 },
    lastReportAt: api.now().toISOString(),
  })
})
