import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import t from 'tap'
import { newToken } from '../../api/auth.js'
import { targets } from '../../infra/build/targets.mjs'
import { startLambda } from '../aws/lambda-endpoint.js'
import { newTable, startDynalite } from '../store/support/dynamo.js'
import { report, result } from '../support/api.js'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'node_modules/.cache', `sonde-lambda-test-${process.pid}`)
t.teardown(() => rm(out, { recursive: true, force: true }))
t.setTimeout(600_000)

type Handler = (event: unknown, context?: unknown) => Promise<unknown>

const emulator = await startDynalite()
t.teardown(emulator.stop)
// Without it the SDK would ask AWS.
process.env['AWS_ENDPOINT_URL'] = emulator.endpoint

const built = { api: join(out, 'api'), ingest: join(out, 'ingest') }
for (const [name, outdir] of Object.entries(built)) {
  const [target] = targets(root, [`lambda-${name}`])
  if (target === undefined) throw new Error(`no target builds the Lambda ${name}`)
  await build({ ...target.options, outdir })
}

let loads = 0

/** The handler as it is deployed: built, minified, and read from its own folder. */
async function load(name: keyof typeof built, env: Readonly<Record<string, string>>): Promise<Handler> {
  loads += 1
  for (const key of Object.keys(process.env)) if (key.startsWith('SONDE_')) delete process.env[key]
  Object.assign(process.env, env)
  const file = pathToFileURL(join(built[name], 'index.mjs'))
  const loaded: { handler: Handler } = await import(`${file.href}?${loads}`)
  return loaded.handler
}

/** An event as CloudWatch Logs sends it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
function subscription(...messages: readonly string[]): unknown {
  const envelope = {
    messageType: 'DATA_MESSAGE',
    owner: '123456789012',
    logGroup: '/sonde/probes',
    logStream: '2026/01/31/sonde-probe-a[$LATEST]0123456789abcdef',
    subscriptionFilters: ['sonde'],
    logEvents: messages.map((message, n) => ({ id: `3716${n}`, timestamp: Date.now(), message })),
  }
  return { awslogs: { data: gzipSync(JSON.stringify(envelope)).toString('base64') } }
}

/** An event of a Function URL, payload format 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
function request(
  method: string,
  path: string,
  { headers = {}, body, query = '', iam = false }: RequestParts = {},
): unknown {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'abc.lambda-url.eu-west-1.on.aws', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      domainName: 'abc.lambda-url.eu-west-1.on.aws',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'test' },
      requestId: 'r-1',
      routeKey: '$default',
      stage: '$default',
      time: '31/Jan/2026:12:00:00 +0000',
      timeEpoch: Date.now(),
      ...(iam ? { authorizer: { iam: { userArn: 'arn:aws:iam::123456789012:user/someone' } } } : {}),
    },
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    ...(body === undefined ? { isBase64Encoded: false } : {}),
  }
}

interface RequestParts {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly query?: string
  readonly iam?: boolean
}

const NOW = Date.now()
const line = (n: number, outcome = 'ok') =>
  JSON.stringify(
    report({ run: `run-${n}`, at: new Date(NOW + n * 1000), results: [result('orders-db', outcome)] }),
  )

t.test('log events in, once however often they come; what is no delivery throws', async (t) => {
  const handler = await load('ingest', { SONDE_TABLE: await newTable(emulator) })
  const event = subscription(
    line(0),
    `2026-01-31T12:00:01.000Z\tid\tINFO\t${line(1)}`,
    'START RequestId: 8f5 Version: $LATEST',
    '{"sonde":1,"run":"cut off',
  )
  t.same(await handler(event), { accepted: 2, duplicates: 0, rejected: 1, otherLines: 1 })
  t.same(
    await handler(event),
    { accepted: 0, duplicates: 2, rejected: 0, otherLines: 1 },
    'a retry counts nothing twice',
  )
  t.same(
    await handler({ awslogs: { data: gzipSync('{"messageType":"CONTROL_MESSAGE"}').toString('base64') } }),
    {
      accepted: 0,
      duplicates: 0,
      rejected: 0,
      otherLines: 0,
    },
  )
  await t.rejects(handler({ Records: [] }), {
    name: 'BadDelivery',
    message: /expected a CloudWatch Logs envelope/,
  })
  await t.rejects(handler({ awslogs: { data: 'bm90IGd6aXA=' } }), { name: 'BadDelivery' })
})

t.test('a table that is made later is found by the retry', async (t) => {
  const table = 'sonde-later'
  const handler = await load('ingest', { SONDE_TABLE: table })
  await t.rejects(handler(subscription(line(0))), { name: 'TableMissing' })
  await t.rejects((await load('ingest', {}))(subscription(line(0))), /SONDE_TABLE: name the DynamoDB table/)
  const wrong = await load('ingest', { SONDE_TABLE: table, SONDE_POLICY: '{"flipAfter":0}' })
  await t.rejects(wrong(subscription(line(0))), /SONDE_POLICY\/flipAfter/)
})

t.test('the API behind a Function URL, with tokens: reports in by log, health out', async (t) => {
  const table = await newTable(emulator)
  const { token, hash } = newToken()
  const tokens = JSON.stringify([{ name: 'page', hash, scopes: ['read', 'ingest'] }])
  const api = await load('api', { SONDE_TABLE: table, SONDE_TOKENS: tokens, SONDE_LOG_LEVEL: 'silent' })
  const ingest = await load('ingest', { SONDE_TABLE: table })
  await ingest(subscription(line(0), line(1), line(2, 'connect_timeout'), line(3, 'connect_timeout')))
  const headers = { authorization: `Bearer ${token}` }
  const found = await api(request('GET', '/v1/functions/orders', { headers }), {})
  t.match(found, { statusCode: 200 })
  t.match(bodyOf(found), { name: 'orders', status: 'failing' })
  t.match(await api(request('GET', '/v1/functions/orders/health', { headers }), {}), { statusCode: 503 })
  t.match(await api(request('GET', '/v1/functions/orders'), {}), { statusCode: 401 })
  t.match(await api(request('GET', '/readyz'), {}), { statusCode: 200 })

  const posted = await api(
    request('POST', '/v1/reports', {
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: `${line(4)}\n${line(5)}\n`,
    }),
    {},
  )
  t.match(bodyOf(posted), { accepted: 2 })
  const events = await api(request('GET', '/v1/events', { headers }), {})
  t.match(events, { statusCode: 501 })
  t.match(bodyOf(events), { code: 'streaming_unavailable' }, 'a stream is not possible, and that is said')
  const list = await api(request('GET', '/v1/functions', { headers, query: 'status=healthy&limit=5' }), {})
  t.match(bodyOf(list), { items: [{ name: 'orders' }] })
  t.same(await api({ sonde: 'upkeep' }), { pruned: true, snapshot: null })
  t.match(await api(request('GET', '/openapi.json'), {}), { statusCode: 200 })
})

t.test('with IAM whoever AWS let in may do everything; without either it does not start', async (t) => {
  const table = await newTable(emulator)
  const api = await load('api', { SONDE_TABLE: table, SONDE_AUTH: 'iam', SONDE_LOG_LEVEL: 'silent' })
  const answer = await api(
    request('POST', '/v1/reports', {
      iam: true,
      headers: { 'content-type': 'application/x-ndjson' },
      body: line(0),
    }),
    {},
  )
  t.match(bodyOf(answer), { accepted: 1 })
  t.match(await api(request('GET', '/v1/functions/orders', { iam: true }), {}), { statusCode: 200 })
  const bare = await load('api', { SONDE_TABLE: table, SONDE_LOG_LEVEL: 'silent' })
  await t.rejects(bare(request('GET', '/v1/functions'), {}), /SONDE_TOKENS: needed unless SONDE_AUTH is iam/)
})

t.test('runs on demand, where they are allowed; what is set wrongly is told', async (t) => {
  const table = await newTable(emulator)
  const seen = report({ run: 'asked', at: new Date(), function: 'sonde-a', results: [result('orders-db')] })
  const lambda = await startLambda({ 'sonde-a': { answer: { sonde: 1, reports: [seen] } } })
  t.teardown(lambda.close)
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url
  const env = { SONDE_TABLE: table, SONDE_AUTH: 'iam', SONDE_LOG_LEVEL: 'silent' }
  const before = report({ run: 'before', at: new Date(Date.now() - 1000), function: 'sonde-a' })
  await (await load('ingest', { SONDE_TABLE: table }))(subscription(JSON.stringify(before)))
  const run = request('POST', '/v1/functions/orders/runs', { iam: true })
  t.match(await (await load('api', env))(run, {}), { statusCode: 409 })
  const api = await load('api', { ...env, SONDE_RUNS: '{"timeoutSeconds":25}' })
  t.match(bodyOf(await api(run, {})), { runs: [{ probe: 'sonde-a', run: 'asked', error: null }] })
  t.equal(lambda.calls.length, 1)
  const wrong = await load('api', { ...env, SONDE_RUNS: '{"timeout":25}' })
  await t.rejects(wrong(run, {}), /SONDE_RUNS/)
  const badly = await load('api', { ...env, SONDE_ACCOUNTS: '[{"account":"1"}]' })
  await t.rejects(badly(run, {}), /SONDE_ACCOUNTS\/0/)
})

function bodyOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('body' in answer)) throw new Error('no answer')
  return JSON.parse(String(answer.body))
}
