import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import t from 'tap'
import { loadPlan, type PlanError, parsePlan } from '../../probe/plan.js'
import { CheckSchemas, PlanEnvelopeSchema } from '../../probe/plan.schema.js'
import { nearest, schemaErrors } from '../../probe/plan-schema.js'

const SEED = 20260301
const REFERENCE = `\${STAGE}`

function errorsOf(input: unknown): readonly PlanError[] {
  const reading = parsePlan(input)
  return reading.ok ? [] : reading.errors
}

/** The errors of one check, with pointers into it. */
function checkErrors(check: object): Record<string, string> {
  const errors = errorsOf({ version: 1, checks: [check] })
  return Object.fromEntries(
    errors.map(({ pointer, message }) => [pointer.replace(/^\/checks\/0/, ''), message]),
  )
}

t.test('a plan as the design shows it', async (t) => {
  const reading = parsePlan(`{ "version": 1, "timeoutMs": 3000, "attempts": 2,
    "checks": [
      { "name": "orders-db", "kind": "postgres", "host": "orders.abc.ap-northeast-2.rds.amazonaws.com", "port": 5432 },
      { "name": "internet",  "kind": "http",  "url": "https://api.example.com/health", "status": "2xx" },
      { "name": "egress-ip", "kind": "http",  "url": "https://checkip.amazonaws.com", "egressIp": ["203.0.113.7"] },
      { "name": "dynamodb",  "kind": "aws",   "service": "dynamodb", "via": "endpoint" },
      { "name": "no-admin",  "kind": "tcp",   "host": "10.0.9.4", "port": 22, "expect": "unreachable" } ] }`)
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors))
  t.equal(reading.plan.checks.length, 5)
  t.same(reading.warnings, [])
  const bare = parsePlan({ version: 1, checks: [{ name: 'x', kind: 'dns', host: 'x.test' }] })
  t.match(
    bare,
    { ok: true, plan: { timeoutMs: 3000, attempts: 2, concurrency: 64 } },
    'defaults are filled in',
  )
})

t.test('everything that is wrong is told at once, each with its pointer', async (t) => {
  const errors = errorsOf({
    version: 2,
    timeoutMs: '3s',
    cheks: [],
    checks: [
      { name: 'a', kind: 'tcpp', host: 'x.test', port: 1 },
      { name: 'b', kind: 'tcp', hots: 'x.test', port: 70_000 },
      {
        name: 'b',
        kind: 'http',
        url: 'https://x.test/',
        headers: { Cookie: 'a=b', 'X~/Y': 'z' },
        status: '9xx',
      },
      { name: 'c' },
      'd',
      { name: '', kind: 'redis', host: 'x.test', tls: 'maybe', bodyMatches: '(' },
      { name: 'e', kind: 'http', url: 'https://x.test/', bodyMatches: '(', attempts: 99 },
    ],
  })
  t.match(errors.map(({ pointer, message }) => `${pointer}: ${message}`).sort(), [
    '/checks/0/kind: unknown kind "tcpp"; did you mean "tcp"? Known kinds are dns, tcp, tls, http, postgres, mysql, redis, mssql, aws',
    '/checks/1/hots: unknown property; did you mean host?',
    '/checks/1/port: must be a whole number from 1 to 65535',
    '/checks/1: host is missing',
    '/checks/2/headers/X~0~1Y: not a name that is allowed here',
    '/checks/2/name: the name "b" is already that of /checks/1',
    /^\/checks\/2\/status: must be a text that matches .* or a list of 1 to 32 entries/,
    /^\/checks\/3: kind is missing; known kinds are dns/,
    '/checks/4: must be an object',
    /^\/checks\/5\/bodyMatches: unknown property; known are kind, name/,
    /^\/checks\/5\/name: must be a text of 1 to 128 characters/,
    '/checks/5/tls: must be one of "require", "verify", "off"',
    /^\/checks\/6\/attempts: must be a whole number from 1 to 10/,
    /^\/checks\/6\/bodyMatches: Invalid regular expression/,
    '/cheks: unknown property; did you mean checks?',
    /^\/timeoutMs: must be a whole number from 50 to 120000/,
    '/version: must be 1',
  ])
  t.equal(errors.length, 17)
})

t.test('text that is not JSON has a line and a column', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'line 1, column 1: the text ends where a value should follow'],
    [
      '{"version": 1,\n  "checks": [\n    {"name": "a" "kind": "tcp"}]}',
      'line 3, column 18: found "kind" where "," or "}" should be',
    ],
    ['{"version": 1,\n}', 'line 2, column 1: found } where a property name in double quotes should be'],
    ["{'version': 1}", 'line 1, column 2: strings take double quotes'],
    ['{"version": 1, // no\n"checks": []}', 'line 1, column 16: JSON has no comments'],
    ['{"version": 01}', 'line 1, column 13: unexpected "01"'],
    ['{"a": "x', 'line 1, column 7: this string has no closing quote'],
    ['{"a": "x\ny"}', 'line 1, column 9: a control character or line break inside a string'],
    ['{"a": "\\d"}', 'line 1, column 8: not an escape that JSON knows'],
    ['{"a": [1, 2}', 'line 1, column 12: found } where "," or "]" should be'],
    ['{"a": 1} x', 'line 1, column 10: unexpected "x"'],
    ['{"a": 1} {}', 'line 1, column 10: found { after the end of the value'],
    ['{"a": yes}', 'line 1, column 7: unexpected "yes"'],
    ['{"a" 1}', 'line 1, column 6: found 1 where ":" should be'],
    ['[1,', 'line 1, column 4: the text ends where a value should follow'],
  ]
  for (const [text, message] of cases)
    t.same(errorsOf(text), [{ pointer: '', message }], JSON.stringify(text))
  t.match(errorsOf('[]'), [{ pointer: '', message: 'must be an object' }])
  t.match(
    errorsOf('\ufeff{"version":1,"checks":[]}'),
    [{ pointer: '/checks' }],
    'a byte order mark is no fault',
  )
})

t.test('what a schema cannot say', async (t) => {
  const http = { name: 'h', kind: 'http', url: 'https://x.test/' }
  const tcp = { name: 't', kind: 'tcp', host: 'x.test', port: 1 }
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [{ ...http, headers: { Authorization: 'Bearer x' } }, '/headers/Authorization', /no secrets/],
    [{ ...http, headers: { 'proxy-authorization': 'x' } }, '/headers/proxy-authorization', /no secrets/],
    [{ ...http, headers: { cookie: 'x' } }, '/headers/cookie', /no secrets/],
    [{ ...http, headers: { 'X-A': 'a\r\nB: c' } }, '/headers/X-A', /must be a text/],
    [{ ...http, headers: { 'Content-Length': '7' } }, '/headers/Content-Length', /frames its request/],
    [{ ...http, headerMatches: { Server: '[' } }, '/headerMatches/Server', /Invalid regular expression/],
    [{ ...http, egressIp: ['203.0.113.300'] }, '/egressIp/0', /neither an address/],
    [{ ...http, egressIp: ['203.0.113.7/24'] }, '/egressIp/0', /host bits/],
    [{ ...http, url: 'https://x.test:99999/' }, '/url', /not a URL/],
    [{ ...http, url: 'https://user:pw@x.test/' }, '/url', /must be a text/],
    [{ ...http, method: 'HEAD', bodyMatches: 'x' }, '/bodyMatches', /contradicts/],
    [{ ...http, method: 'HEAD', egressIp: ['203.0.113.7'] }, '/egressIp', /contradicts/],
    [{ ...http, url: 'http://x.test/', ca: 'rds' }, '/ca', /no effect: the URL is plain http/],
    [{ ...http, url: 'https://[::1]/', family: 'ipv4' }, '/family', /contradicts/],
    [{ ...tcp, exchange: [{}] }, '/exchange/0', /a step needs/],
    [{ ...tcp, exchange: [{ expect: '(' }] }, '/exchange/0/expect', /Invalid regular/],
    [{ ...tcp, minDaysLeft: 3 }, '/minDaysLeft', /no effect/],
    [{ ...tcp, host: 'x.test:80' }, '/host', /"port": 80/],
    [{ ...tcp, host: '[::1]' }, '/host', /without brackets/],
    [{ ...tcp, host: 'a..b' }, '/host', /an empty label/],
    [{ ...tcp, host: '-a.test' }, '/host', /the label "-a"/],
    [{ ...tcp, host: '한국.test' }, '/host', /xn--/],
    [{ ...tcp, host: '10.0.1' }, '/host', /four numbers/],
    [{ ...tcp, host: '10.0.0.1', family: 'ipv6' }, '/family', /IPv4/],
    [{ ...tcp, caFile: '../ca.pem', exchange: [{ startTls: true }] }, '/caFile', /without a path/],
    [{ name: 'd', kind: 'dns', host: '10.0.0.1' }, '/host', /needs no DNS/],
    [{ name: 'd', kind: 'dns', host: 'x.test', type: 'A', family: 'ipv6' }, '/family', /contradicts/],
    [
      { name: 'p', kind: 'postgres', host: 'x.test', tls: 'off', ca: 'rds' },
      '/ca',
      /no effect: "tls" is "off"/,
    ],
    [
      { name: 'p', kind: 'postgres', host: 'x.test', tls: 'require', caFile: 'a.pem' },
      '/caFile',
      /trusts any/,
    ],
    [{ name: 'r', kind: 'redis', host: 'x.test', serverName: 'y.test' }, '/serverName', /off" by default/],
    [
      { name: 'a', kind: 'aws', service: 's3', endpoint: 'vpce-1.s3.test', variant: 'fips' },
      '/variant',
      /contradicts/,
    ],
  ]
  for (const [check, pointer, message] of cases) {
    const errors = checkErrors(check)
    t.match(errors[pointer] ?? 'no error', message, `${JSON.stringify(check)} at ${pointer}`)
    t.equal(Object.keys(errors).length, 1, 'and nothing else')
  }
})

t.test('references are not expanded, and that is said', async (t) => {
  const plan = { version: 1, checks: [{ name: 'x', kind: 'http', url: `https://x.test/${REFERENCE}` }] }
  const reading = parsePlan(plan)
  t.match(reading, { ok: true, plan: { checks: [{ url: `https://x.test/${REFERENCE}` }] } })
  t.match(reading, { warnings: [/^\/checks\/0\/url: \$\{STAGE\} is taken literally/] })
})

t.test('an expectation that nothing can decide is warned of', async (t) => {
  const check = { name: 'x', kind: 'http', url: 'https://x.test/', status: '2xx', expect: 'unreachable' }
  t.match(parsePlan({ version: 1, checks: [check] }), { ok: true, warnings: [/status decides nothing/] })
})

t.test('where a plan comes from', async (t) => {
  const plan = (name: string): object => ({ version: 1, checks: [{ name, kind: 'dns', host: 'x.test' }] })
  const env = { SONDE_PLAN: JSON.stringify(plan('env')) }
  const bundled = async (): Promise<string> => JSON.stringify(plan('file'))
  const none = async (): Promise<undefined> => undefined
  const cases: readonly (readonly [unknown, string, string])[] = [
    [{ plan: plan('event') }, 'event', 'event'],
    [{ plan: JSON.stringify(plan('text')) }, 'event', 'text'],
    [{ sonde: { plan: plan('inner') } }, 'event', 'inner'],
    [{ sonde: plan('bare') }, 'event', 'bare'],
    [plan('itself'), 'event', 'itself'],
    [{ version: '0', source: 'aws.events', detail: { plan: plan('detail') } }, 'event', 'detail'],
    [
      { version: '0', source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} },
      'SONDE_PLAN',
      'env',
    ],
    [{ sonde: true }, 'SONDE_PLAN', 'env'],
    [undefined, 'SONDE_PLAN', 'env'],
    [[], 'SONDE_PLAN', 'env'],
  ]
  for (const [event, source, name] of cases) {
    t.match(await loadPlan({ event, env, bundled }), { ok: true, source, plan: { checks: [{ name }] } }, name)
  }
  t.match(await loadPlan({ event: {}, env: {}, bundled }), {
    source: 'plan.json',
    plan: { checks: [{ name: 'file' }] },
  })
  t.match(await loadPlan({ event: {}, env: { SONDE_PLAN: ' ' }, bundled: none }), {
    ok: false,
    source: 'none',
    errors: [{ message: /no plan/ }],
  })
  t.match(
    await loadPlan({ event: { plan: 7 }, env, bundled }),
    { ok: false, source: 'event' },
    'a bad plan is not passed over',
  )
})

t.test('near words', async (t) => {
  t.equal(nearest('hsot', ['host', 'port']), 'host')
  t.equal(nearest('timeoutms', ['timeoutMs']), 'timeoutMs')
  t.equal(nearest('zebra', ['host', 'port']), undefined)
  t.equal(nearest('x'.repeat(1e6), ['host']), undefined)
})

function resolves(pointer: string, root: unknown): boolean {
  let node = root
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replace(/~1/g, '/').replace(/~0/g, '~')
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false
    node = Reflect.get(node, key)
  }
  return true
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('x.test', '10.0.0.1', 'https://x.test/', '2xx', REFERENCE, '('),
)
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text),
  fc.dictionary(text, text),
)
const property = fc.constantFrom(
  ...new Set(Object.values(CheckSchemas).flatMap((schema) => Object.keys(schema.properties))),
  '__proto__',
  'constructor',
  'a~/b',
)
const anyCheck = fc
  .tuple(
    fc.constantFrom(...Object.keys(CheckSchemas), 'other'),
    fc.array(fc.tuple(property, value), { maxLength: 6 }),
  )
  .map(([kind, entries]) =>
    JSON.parse(
      `{${[...entries, ['kind', kind] as const].map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`).join()}}`,
    ),
  )
const anyPlan = fc.record(
  {
    version: fc.oneof(fc.constant(1), value),
    timeoutMs: fc.oneof(fc.constant(100), value),
    checks: fc.array(fc.oneof(anyCheck, value), { maxLength: 4 }),
  },
  { requiredKeys: [] },
)

t.test(`whatever is given: no throw, and every pointer leads somewhere (seed ${SEED})`, async (t) => {
  fc.assert(
    fc.property(fc.oneof(anyPlan, fc.anything()), (input) => {
      const plain = JSON.stringify(input)
      for (const error of errorsOf(plain === undefined ? input : JSON.parse(plain))) {
        if (!resolves(error.pointer, plain === undefined ? input : JSON.parse(plain)))
          throw new Error(error.pointer)
      }
      parsePlan(input)
    }),
    { seed: SEED, numRuns: 1500 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().chain((json) => fc.nat(json.length).map((cut) => json.slice(0, cut) + json.slice(cut + 1))),
      ),
      (input) => {
        const reading = parsePlan(input)
        if (!reading.ok && reading.errors.length === 0) throw new Error('refused without a reason')
      },
    ),
    { seed: SEED, numRuns: 1500 },
  )
  const cycle: Record<string, unknown> = { version: 1 }
  cycle['checks'] = [cycle]
  t.match(errorsOf(cycle), [{ message: /not a JSON value/ }])
  t.match(errorsOf({ version: 1n }), [{ message: /not a JSON value/ }])
  t.match(errorsOf('['.repeat(100_000)), [{ message: /the text ends/ }])
  t.match(errorsOf('['.repeat(5000) + ']'.repeat(5000)), [{ message: /nested deeper/ }])
  t.match(errorsOf('{"\\ud800": 1}'), [{ message: /not valid Unicode/ }])
})

t.test(`a valid plan comes back as it was (seed ${SEED})`, async (t) => {
  const valid = fc
    .uniqueArray(
      fc.record(
        {
          name: fc.stringMatching(/^[a-z가-힣][a-z0-9 -]{0,20}$/),
          kind: fc.constant('tcp'),
          host: fc.constantFrom('x.test', '10.0.0.1', 'fd00::1', 'a_b.test.'),
          port: fc.integer({ min: 1, max: 65535 }),
          expect: fc.constantFrom('reachable', 'unreachable'),
          timeoutMs: fc.integer({ min: 50, max: 120_000 }),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 20, selector: (check) => check.name },
    )
    .map((checks) => ({ version: 1, timeoutMs: 500, attempts: 3, concurrency: 5, checks }))
  fc.assert(
    fc.property(valid, (plan) => {
      const reading = parsePlan(JSON.stringify(plan))
      if (!reading.ok) throw new Error(JSON.stringify(reading.errors))
      t.strictSame(reading.plan, plan)
      t.strictSame(parsePlan(reading.plan), reading)
    }),
    { seed: SEED, numRuns: 100 },
  )
})

t.test(`the schema reader agrees with a general validator (seed ${SEED})`, async (t) => {
  const validators = Object.entries({ ...CheckSchemas, envelope: PlanEnvelopeSchema }).map(
    ([kind, schema]) =>
      [kind, schema, new Validator(JSON.parse(JSON.stringify(schema)), '2019-09', false)] as const,
  )
  const wellFormed = (input: unknown): boolean =>
    !/[\ud800-\udfff]/u.test(JSON.stringify(input).replace(/\\u(d[89a-f]..)/gi, '\ud800'))
  let valid = 0
  fc.assert(
    fc.property(fc.oneof(anyCheck, anyPlan), (input) => {
      // The general one encodes keys as URIs, which throws for half a surrogate pair.
      fc.pre(wellFormed(input))
      for (const [kind, schema, validator] of validators) {
        const plain = JSON.parse(JSON.stringify(input))
        const expected = validator.validate(plain).valid
        if (expected) valid += 1
        if ((schemaErrors(schema, plain, '').length === 0) !== expected)
          throw new Error(`${kind}: ${JSON.stringify(plain)}`)
      }
    }),
    { seed: SEED, numRuns: 1500 },
  )
  t.comment(`${valid} valid values among them`)
})
