import { Writable } from 'node:stream'
import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { createLogger } from '../../api/log.js'
import type { ProbeRun, Runner } from '../../api/runner.js'
import type { Report } from '../../probe/report.schema.js'
import { report, result, startApi, takeIn } from '../support/api.js'
import { openapiFaults } from '../support/openapi.js'

const TOKEN = 'sonde_test-token-of-an-admin'

/** Runs by hand: what Lambda would answer is handed in, since this is about what the API makes of it. */
function runnerOf(...reports: readonly Report[]): Runner {
  return {
    run: async () =>
      reports.map(
        (one): ProbeRun => ({
          probe: one.probe.function,
          subnet: one.probe.subnet,
          run: one.run,
          ms: 12,
          results: one.results,
          error: null,
          reports: [one],
        }),
      ),
  }
}

const post = (name: string) => ({ method: 'POST', url: `/v1/functions/${name}/runs` }) as const

t.test('a run answers with what the probes saw, and its reports count once', async (t) => {
  const seen = report({ run: 'on-demand', results: [result('orders-db', 'connect_timeout')] })
  const api = await startApi({ runner: runnerOf(seen) })
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'orders' }])
  const answer = await api.app.inject(post('orders'))
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), {
    function: 'orders',
    startedAt: api.now().toISOString(),
    runs: [
      {
        probe: 'sonde-probe-a',
        subnet: 'subnet-a',
        run: 'on-demand',
        ms: 12,
        error: null,
        results: [
          { check: 'orders-db', outcome: 'connect_timeout', attempts: [{ outcome: 'connect_timeout' }] },
        ],
      },
    ],
  })
  t.notOk('reports' in answer.json().runs[0], 'the reports themselves are not told twice')
  const kept = (await api.app.inject('/v1/functions/orders/results')).json()
  t.match(kept.items, [{ run: 'on-demand', check: 'orders-db', outcome: 'connect_timeout' }])
  await takeIn(api, seen)
  t.match(await api.store.counts(api.now()), { reports: 1, duplicates: 1 })
})

t.test('an unknown function, no runner, and a runner that fails', async (t) => {
  const without = await startApi()
  t.teardown(without.close)
  await without.store.declareFunctions([{ name: 'orders' }])
  t.match((await without.app.inject(post('no-such'))).json(), { status: 404, code: 'not_found' })
  t.match((await without.app.inject(post('orders'))).json(), { status: 409, code: 'runs_unavailable' })
  t.match((await without.app.inject('/v1/about')).json(), { runs: false })

  const broken = await startApi({ runner: { run: () => Promise.reject(new Error('no credentials')) } })
  t.teardown(broken.close)
  await broken.store.declareFunctions([{ name: 'orders' }])
  t.match((await broken.app.inject(post('orders'))).json(), { status: 500, code: 'internal_error' })
  t.match((await broken.app.inject('/v1/about')).json(), { runs: true })
})

for (const mode of ['open', 'token'] as const) {
  t.test(`limits for one function and for all (${mode})`, async (t) => {
    const tokens =
      mode === 'open' ? [] : [{ name: 'operator', hash: hashToken(TOKEN), scopes: ['admin' as const] }]
    const api = await startApi({
      runner: runnerOf(),
      runLimits: { perFunctionPerMinute: 2, perMinute: 3 },
      auth: { mode, tokens },
    })
    t.teardown(api.close)
    await api.store.declareFunctions([{ name: 'orders' }, { name: 'billing' }, { name: 'search' }])
    const ask = (name: string) =>
      api.app.inject({ ...post(name), headers: { authorization: `Bearer ${TOKEN}` } })
    t.equal((await ask('orders')).statusCode, 200)
    t.equal((await ask('orders')).statusCode, 200)
    const third = await ask('orders')
    t.match(third.json(), {
      status: 429,
      code: 'too_many_requests',
      detail: '"orders" may be run 2 times a minute',
    })
    t.ok(Number(third.headers['retry-after']) > 0)
    t.equal((await ask('billing')).statusCode, 200)
    const fourth = await ask('search')
    t.match(fourth.json(), { status: 429, detail: 'all functions together may be run 3 times a minute' })
    t.equal((await api.app.inject({ url: '/livez' })).statusCode, 200)
  })
}

t.test('a run needs the scope admin', async (t) => {
  const api = await startApi({
    runner: runnerOf(),
    auth: { mode: 'token', tokens: [{ name: 'viewer', hash: hashToken(TOKEN), scopes: ['read', 'ingest'] }] },
  })
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'orders' }])
  const answer = await api.app.inject({ ...post('orders'), headers: { authorization: `Bearer ${TOKEN}` } })
  t.match(answer.json(), { status: 403, code: 'forbidden' })
})

t.test('who ran what and when stands in the log, before and after', async (t) => {
  const written: string[] = []
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk))
      done()
    },
  })
  const api = await startApi({
    logger: createLogger('info', output),
    runner: runnerOf(report({ run: 'r', results: [result('orders-db', 'connect_timeout')] })),
    auth: { mode: 'token', tokens: [{ name: 'operator', hash: hashToken(TOKEN), scopes: ['admin'] }] },
  })
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'orders' }])
  await api.app.inject({ ...post('orders'), headers: { authorization: `Bearer ${TOKEN}` } })
  const audit = written.map((line) => JSON.parse(line)).filter((line) => line.audit === 'run')
  const who = { who: 'operator', function: 'orders', at: api.now().toISOString() }
  t.match(audit, [
    { ...who, msg: 'run asked for' },
    { ...who, msg: 'run ended', probes: 1, failed: 1 },
  ])
  t.notMatch(written.join(''), TOKEN)
})

t.test('the reference documents runs', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const document = (await api.app.inject('/openapi.json')).json()
  t.same(openapiFaults(document), [])
  const { responses } = document.paths['/v1/functions/{name}/runs'].post
  const documented = ['200', '400', '401', '403', '404', '409', '413', '415', '429', '500', '503']
  t.same(Object.keys(responses), documented)
})
