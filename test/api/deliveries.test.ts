import { gzipSync } from 'node:zlib'
import t from 'tap'
import { hashToken } from '../../api/auth.js'
import { STRETCH_LINES } from '../../api/ingest/take-lines.js'
import { report, startApi } from '../support/api.js'

const envelope = (messages: readonly string[]) => ({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/sonde/probes',
  logStream: '2026/01/31/[1]abc',
  subscriptionFilters: ['sonde'],
  logEvents: messages.map((message, index) => ({ id: String(index), timestamp: 1, message })),
})
const line = (run: string) => JSON.stringify(report({ run }))
const json = { 'content-type': 'application/json' }

t.test('a CloudWatch Logs subscription delivers in each of its forms', async (t) => {
  const { app, store, close } = await startApi()
  t.teardown(close)
  const zipped = (messages: readonly string[]) => gzipSync(JSON.stringify(envelope(messages)))
  const forms: readonly (readonly [string, string | Buffer, Record<string, string>])[] = [
    [
      'the event of a Lambda',
      JSON.stringify({ awslogs: { data: zipped([line('a'), 'START RequestId: 1']).toString('base64') } }),
      json,
    ],
    ['the gzipped envelope', zipped([line('b')]), { 'content-type': 'application/octet-stream' }],
    ['the envelope as JSON', JSON.stringify(envelope([line('c')])), json],
  ]
  for (const [name, payload, headers] of forms) {
    const answer = await app.inject({ method: 'POST', url: '/v1/reports/cloudwatch', payload, headers })
    t.equal(answer.statusCode, 200, `${name}: ${answer.body}`)
    t.equal(answer.json().accepted, 1, name)
  }
  const again = await app.inject({
    method: 'POST',
    url: '/v1/reports/cloudwatch',
    payload: JSON.stringify(envelope([line('c')])),
    headers: json,
  })
  t.match(again.json(), { accepted: 0, duplicates: 1 }, 'a delivery that is repeated counts once')
  t.equal((await store.counts(new Date())).reports, 3)
  for (const rejected of [1, 0]) {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/reports/cloudwatch',
      payload: JSON.stringify(envelope(['{"sonde":1}'])),
      headers: json,
    })
    t.match(answer.json(), { rejected }, 'a line that was rejected is known by its id')
  }
  t.equal((await store.listRejects({ limit: 10 })).items.length, 1)
})

t.test(
  'a test message of CloudWatch is welcome, and what is no delivery is refused with what was expected',
  async (t) => {
    const { app, close } = await startApi()
    t.teardown(close)
    const send = (payload: string) =>
      app.inject({ method: 'POST', url: '/v1/reports/cloudwatch', payload, headers: json })
    const control = await send(JSON.stringify({ ...envelope([]), messageType: 'CONTROL_MESSAGE' }))
    t.match(control.json(), { accepted: 0, ignored: 0 })
    for (const [payload, expected] of [
      ['nothing', /gzip data or JSON/],
      ['{}', /CloudWatch Logs envelope/],
      ['{"awslogs":{"data":"H4sIAAAA"}}', /gzip data is broken/],
      [
        '{"messageType":"DATA_MESSAGE","logEvents":[{"message":1}]}',
        /\/logEvents\/0\/message: expected a string/,
      ],
    ] as const) {
      const answer = await send(payload)
      t.equal(answer.statusCode, 400, payload)
      t.match(answer.json().detail, expected, payload)
    }
  },
)

t.test('Firehose delivers, is answered in its own form, and is let in by its access key alone', async (t) => {
  const { app, store, close } = await startApi({ firehoseKeyHash: hashToken('open sesame') })
  t.teardown(close)
  const body = (records: readonly Buffer[]) =>
    JSON.stringify({
      requestId: 'req-1',
      timestamp: 1,
      records: records.map((data) => ({ data: data.toString('base64') })),
    })
  const send = (payload: string, key = 'open sesame') =>
    app.inject({
      method: 'POST',
      url: '/v1/reports/firehose',
      payload,
      headers: { ...json, 'x-amz-firehose-request-id': 'req-1', 'x-amz-firehose-access-key': key },
    })
  const two = Buffer.concat([
    gzipSync(JSON.stringify(envelope([line('a')]))),
    gzipSync(JSON.stringify(envelope([line('b')]))),
  ])
  const good = await send(body([two, Buffer.from(`${line('c')}\n${line('d')}\n`)]))
  t.equal(good.statusCode, 200, good.body)
  t.match(good.json(), { requestId: 'req-1', timestamp: Number })
  t.notOk('errorMessage' in good.json())
  t.equal(
    (await store.counts(new Date())).reports,
    4,
    'envelopes in a row and extracted lines are both taken in',
  )

  const wrongKey = await send(body([two]), 'guess')
  t.equal(wrongKey.statusCode, 401)
  t.match(wrongKey.json(), { requestId: 'req-1', errorMessage: /access key/ })
  const broken = await send('{"requestId":"req-1","records":[{"data":1}]}')
  t.equal(broken.statusCode, 400)
  t.match(broken.json().errorMessage, /\/records\/0\/data/)
})

t.test('without an access key the route of Firehose wants a token, as every other', async (t) => {
  const { app, close } = await startApi({ auth: { mode: 'token', tokens: [] } })
  t.teardown(close)
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/reports/firehose',
    payload: '{}',
    headers: json,
  })
  t.equal(answer.statusCode, 401)
})

t.test('a large delivery is taken in by stretches, and others get their turn in between', async (t) => {
  const { app, store, close } = await startApi()
  t.teardown(close)
  const count = 3 * STRETCH_LINES
  const lines = Array.from({ length: count }, (_, index) => line(`run-${index}`))
  const send = (records: readonly Buffer[]) =>
    app.inject({
      method: 'POST',
      url: '/v1/reports/firehose',
      payload: JSON.stringify({
        requestId: 'req-1',
        timestamp: 1,
        records: records.map((data) => ({ data: data.toString('base64') })),
      }),
      headers: json,
    })
  const seen = new Set<number>()
  const stop = store.onChange(() => {
    setImmediate(async () => seen.add((await store.counts(new Date())).reports))
  })
  const answer = await send([gzipSync(lines.join('\n'))])
  stop()
  t.equal(answer.statusCode, 200, answer.body)
  t.equal((await store.counts(new Date())).reports, count)
  t.ok(
    [...seen].some((reports) => reports > 0 && reports < count),
    `others saw ${[...seen].join(', ')} reports`,
  )

  const cut = await send([gzipSync(line('before')), gzipSync(line('broken')).subarray(0, 40)])
  t.equal(cut.statusCode, 400)
  t.match(cut.json().errorMessage, /gzip data is broken/)
  const again = await send([gzipSync(line('before')), gzipSync(line('broken'))])
  t.equal(again.statusCode, 200)
  t.equal((await store.counts(new Date())).reports, count + 2, 'sent again, each counts once')
})

t.test('millions of empty lines cost no memory, and a record past the limit is refused', async (t) => {
  const { app, close } = await startApi()
  t.teardown(close)
  const send = (bytes: number, times: number) => {
    const data = gzipSync(Buffer.alloc(bytes, '\n')).toString('base64')
    return app.inject({
      method: 'POST',
      url: '/v1/reports/firehose',
      payload: JSON.stringify({
        requestId: 'r',
        timestamp: 1,
        records: Array.from({ length: times }, () => ({ data })),
      }),
      headers: json,
    })
  }
  const before = process.memoryUsage().rss
  t.equal((await send(30_000_000, 1)).statusCode, 200)
  const grown = process.memoryUsage().rss - before
  t.ok(grown < 400e6, `grew by ${Math.round(grown / 1e6)} MB`)
  const refused = await send(40_000_000, 2)
  t.equal(refused.statusCode, 400)
  t.match(refused.json().errorMessage, /larger than 64 MiB/)
})
