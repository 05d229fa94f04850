import t from 'tap'
import { report, result, START, startApi, takeIn } from '../support/api.js'

t.test('a list of pages, with filters that compose', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.store.declareFunctions(Array.from({ length: 7 }, (_, i) => ({ name: `idle-${i}` })))
  await takeIn(api, report({ run: 'r1' }))
  const seen: string[] = []
  let cursor: string | null = null
  let pages = 0
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await api.app.inject(`/v1/functions?limit=3${query}`)).json()
    t.ok(page.items.length <= 3)
    seen.push(...page.items.map(({ name }: { name: string }) => name))
    cursor = page.nextCursor
    pages++
  } while (cursor !== null)
  t.same(seen.toSorted(), [...Array.from({ length: 7 }, (_, i) => `idle-${i}`), 'orders'])
  t.equal(pages, 3)
  const idle = (await api.app.inject('/v1/functions?status=unknown&text=IDLE-3')).json()
  t.match(idle.items, [{ name: 'idle-3', status: 'unknown', since: null, checks: [] }])
  const posture = (await api.app.inject('/v1/functions/orders')).json().posture
  const shared = (await api.app.inject(`/v1/functions?posture=${posture}`)).json()
  t.same(
    shared.items.map(({ name }: { name: string }) => name),
    ['orders'],
  )
})

t.test('what is asked wrongly is told, place by place', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const answer = await api.app.inject('/v1/functions?limit=900&stauts=failing&status=bad')
  t.equal(answer.statusCode, 400)
  t.match(answer.headers['content-type'], /^application\/problem\+json/)
  const problem = answer.json()
  t.match(problem, {
    type: '/problems/invalid_request',
    code: 'invalid_request',
    status: 400,
    requestId: String,
  })
  const places = new Map(
    problem.errors.map((one: { pointer: string; message: string }) => [one.pointer, one.message]),
  )
  t.equal(places.get('/stauts'), 'is not known here')
  t.equal(places.get('/limit'), 'must be <= 200')
  t.equal(places.get('/status'), 'must be one of healthy, degraded, failing, stale, unknown')
  const cursor = await api.app.inject('/v1/functions?cursor=made-up')
  t.equal(cursor.statusCode, 400)
  t.equal(cursor.json().code, 'invalid_cursor')
})

t.test('a cursor that was tampered with is refused by every list', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000)
  const checks = ['a', 'b', 'c'].map((name) => result(name, 'connect_timeout'))
  for (const workload of ['orders', 'billing', 'search'])
    for (const minutes of [0, 1, 2])
      await takeIn(
        api,
        report({
          run: `${workload}-${minutes}`,
          at: at(minutes),
          function: `probe-${workload}`,
          subnet: `subnet-${workload}`,
          workloads: [workload],
          results: checks,
        }),
      )
  const broken = Array.from({ length: 3 }, () => '{"sonde":1}').join('\n')
  await api.app.inject({
    method: 'POST',
    url: '/v1/reports',
    payload: broken,
    headers: { 'content-type': 'text/plain' },
  })
  api.pass(180_000)
  const pack = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const list of [
    '/v1/functions',
    '/v1/matrix',
    '/v1/checks',
    '/v1/postures',
    '/v1/incidents',
    '/v1/rejects',
    '/v1/functions/orders/results',
  ]) {
    const ask = async (cursor: string) =>
      api.app.inject(`${list}?limit=1&cursor=${encodeURIComponent(cursor)}`)
    const { nextCursor } = (await api.app.inject(`${list}?limit=1`)).json()
    t.type(nextCursor, 'string', `${list} has a second page`)
    t.equal((await ask(nextCursor)).statusCode, 200, list)
    const [name, ...keys]: unknown[] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString())
    const strange: readonly unknown[] = [null, true, {}, [], typeof keys[0] === 'string' ? 5 : 'x']
    for (const cursor of [
      ...strange.map((value) => pack([name, value, ...keys.slice(1)])),
      pack([name]),
      pack([name, ...keys, 1]),
      pack(['another', ...keys]),
      pack({ 0: name }),
      pack(null),
      nextCursor.slice(1),
      '\u0000',
    ]) {
      const answer = await ask(cursor)
      t.equal(answer.statusCode, 400, `${list} ${Buffer.from(cursor, 'base64url')}`)
      t.equal(answer.json().code, 'invalid_cursor')
    }
  }
})

t.test('one function, its results and its timeline', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await takeIn(
    api,
    report({ run: 'r1' }),
    report({
      run: 'r2',
      at: new Date(START.getTime() + 60_000),
      results: [result('orders-db', 'connect_timeout')],
    }),
  )
  api.pass(61_000)
  const found = (await api.app.inject('/v1/functions/orders')).json()
  t.match(found, { name: 'orders', checks: [{ name: 'orders-db', standpoints: [{ subnet: 'subnet-a' }] }] })
  const results = (await api.app.inject('/v1/functions/orders/results')).json()
  t.match(results.items, [
    { run: 'r2', outcome: 'connect_timeout', endedIn: 'connect', detail: {} },
    { run: 'r1', outcome: 'ok', endedIn: null },
  ])
  const failed = (
    await api.app.inject('/v1/functions/orders/results?asExpected=false&from=2026-01-31')
  ).json()
  t.equal(failed.items.length, 1)
  for (const [from, count] of [
    ['2026-01-31T21:00:30+09:00', 1],
    // A plus that was not escaped.
    ['2026-01-31T21:00:30 09:00', 1],
    ['2026-01-31T12:00:30', 1],
    ['2026-01-31T21:00:30Z', 0],
  ] as const) {
    const { items } = (await api.app.inject(`/v1/functions/orders/results?from=${from}`)).json()
    t.equal(items.length, count, from)
  }
  const timeline = (await api.app.inject('/v1/functions/orders/timeline?step=minute')).json()
  t.equal(timeline.step, 'minute')
  t.match(timeline.buckets, [
    { at: '2026-01-31T12:00:00.000Z', total: 1, outcomes: { ok: 1 }, latency: { count: 1 } },
    { at: '2026-01-31T12:01:00.000Z', total: 1, outcomes: { connect_timeout: 1 }, latency: null },
  ])
})

t.test('the timeline is bounded, and its steps follow the stretch', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.store.declareFunctions([{ name: 'orders' }])
  const step = async (query: string) =>
    (await api.app.inject(`/v1/functions/orders/timeline?${query}`)).json().step
  t.equal(await step('from=2026-01-31T08:00:00Z'), 'minute')
  t.equal(await step('from=2026-01-30T08:00:00Z'), 'hour')
  t.equal(await step('from=2025-06-01'), 'day')
  t.equal(
    await step('from=2025-01-01T00:00:00Z&to=2025-01-01T01:00:00Z'),
    'day',
    'minutes and hours of then are gone',
  )
  const much = await api.app.inject('/v1/functions/orders/timeline?from=2026-01-01&step=minute')
  t.equal(much.statusCode, 400)
  t.match(much.json(), { code: 'too_many_buckets', detail: /makes 43920 buckets; the limit is 2000/ })
  for (const [query, pointer] of [
    ['from=yesterday', '/from'],
    ['to=2026-02-31', '/to'],
    ['from=2026-01-02&to=2026-01-01', '/from'],
  ] as const) {
    const answer = await api.app.inject(`/v1/functions/orders/timeline?${query}`)
    t.equal(answer.statusCode, 400, query)
    t.equal(answer.json().errors[0].pointer, pointer)
  }
})

t.test('a name that is not known is 404 everywhere', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (const path of ['', '/health', '/results', '/timeline']) {
    const answer = await api.app.inject(`/v1/functions/nobody${path}`)
    t.equal(answer.statusCode, 404, path)
    t.match(answer.json(), { code: 'not_found', detail: 'there is no function "nobody"' })
  }
})

t.test('a name that functions of two regions bear is 404, and tells their ARNs', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const arns = ['eu-north-1', 'eu-west-1'].map(
    (region) => `arn:aws:lambda:${region}:123456789012:function:orders`,
  )
  await takeIn(
    api,
    report({ run: 'a', region: 'eu-west-1', account: '123456789012', subnet: 'subnet-a' }),
    report({ run: 'b', region: 'eu-north-1', account: '123456789012', subnet: 'subnet-b' }),
    report({ run: 'c', subnet: 'subnet-c', workloads: ['reorders'] }),
  )
  for (const path of ['', '/health', '/results', '/timeline', '/diagnosis', '/paths']) {
    const answer = await api.app.inject(`/v1/functions/orders${path}`)
    t.equal(answer.statusCode, 404, path)
    t.equal(answer.json().detail, `there is no function "orders"; those of that name: ${arns.join(', ')}`)
    for (const arn of arns) {
      const named = await api.app.inject(`/v1/functions/${encodeURIComponent(arn)}${path}`)
      t.equal(named.statusCode, 200, `${arn}${path}`)
    }
  }
})

t.test('hostile names are data: they come back as they went in, as JSON, unsniffed', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const names = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '../../etc/passwd',
    'a/b?c#d%20',
    '__proto__',
    'constructor',
    'ไม่:한국어',
    "'; DROP TABLE functions; --",
  ]
  await api.store.declareFunctions(names.map((name) => ({ name })))
  const list = await api.app.inject('/v1/functions')
  t.same(
    list
      .json()
      .items.map(({ name }: { name: string }) => name)
      .toSorted(),
    names.toSorted(),
  )
  for (const name of names) {
    const answer = await api.app.inject(`/v1/functions/${encodeURIComponent(name)}`)
    t.equal(answer.statusCode, 200, name)
    t.equal(answer.json().name, name)
    t.equal(answer.headers['x-content-type-options'], 'nosniff')
    t.match(answer.headers['content-type'], /^application\/json/)
    t.equal((await api.app.inject(`/v1/functions/${encodeURIComponent(name)}/health`)).json().name, name)
  }
  const missing = await api.app.inject(`/v1/functions/${encodeURIComponent('<svg onload=x>')}`)
  t.match(missing.headers['content-type'], /problem\+json/)
})

t.test('checks, postures, incidents and rejects', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const failing = [result('orders-db', 'connect_timeout'), result('internet')]
  await takeIn(
    api,
    ...[0, 1, 2].map((i) =>
      report({ run: `r${i}`, at: new Date(START.getTime() + i * 1000), results: failing }),
    ),
  )
  await api.store.ingest({
    source: 'test',
    receivedAt: api.now(),
    reports: [],
    rejects: [{ reason: 'expected a string', pointer: '/run', line: '{"sonde":1}' }],
    otherLines: 0,
  })
  api.pass(5000)
  const checks = (await api.app.inject('/v1/checks?function=orders&status=failing')).json()
  t.match(checks.items, [{ function: 'orders', name: 'orders-db', status: 'failing' }])
  t.equal(checks.items.length, 1)
  const postures = (await api.app.inject('/v1/postures')).json()
  t.match(postures.items, [
    { subnets: ['subnet-a'], securityGroups: ['sg-1'], probes: [{ name: 'sonde-probe-a' }] },
  ])
  const incidents = (await api.app.inject('/v1/incidents?open=true&function=orders')).json()
  t.match(incidents.items, [
    { function: 'orders', check: 'orders-db', closedAt: null, firstOutcome: 'connect_timeout' },
  ])
  t.equal((await api.app.inject('/v1/incidents?open=false')).json().items.length, 0)
  const rejects = (await api.app.inject('/v1/rejects')).json()
  t.match(rejects.items, [{ reason: 'expected a string', pointer: '/run', source: 'test' }])
})
