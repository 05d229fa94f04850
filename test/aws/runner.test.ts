import t, { type Test } from 'tap'
import { createLambdaRunner } from '../../api/aws/runner.js'
import { registerRun } from '../../api/cli/run.js'
import { run } from '../cli/run.js'
import { listen, report, START, startApi, takeIn } from '../support/api.js'
import { type FunctionDouble, startLambda } from './lambda-endpoint.js'

// Refused in a Lambda before any packet: loopback is where the runtime API listens.
const plan = {
  version: 1,
  attempts: 1,
  checks: [{ name: 'self', kind: 'tcp', host: '127.0.0.1', port: 9001 }],
}
const probeEnv = (subnet: string) => ({
  SONDE_PLAN: JSON.stringify(plan),
  SONDE_SUBNET: subnet,
  SONDE_SECURITY_GROUPS: 'sg-1',
  SONDE_WORKLOADS: 'orders',
})

const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
}

async function open(t: Test, functions: Readonly<Record<string, FunctionDouble>>, timeoutMs = 60_000) {
  const lambda = await startLambda(functions)
  t.teardown(lambda.close)
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL: lambda.url })
  const { close, ...runner } = createLambdaRunner({ roles: () => undefined, probes: ['sonde-*'], timeoutMs })
  t.teardown(close)
  const api = await startApi({ runner })
  t.teardown(api.close)
  // Probes report by the real clock.
  api.pass(Date.now() - START.getTime())
  const known = (probe: string, subnet: string) =>
    report({ run: `before-${probe}`, at: new Date(), function: probe, subnet })
  return {
    lambda,
    api,
    known,
    ask: async () => (await api.app.inject({ method: 'POST', url: '/v1/functions/orders/runs' })).json(),
  }
}

t.test('every probe of the posture runs its own plan, and its report counts once', async (t) => {
  const { lambda, api, known, ask } = await open(t, {
    'sonde-a': { env: probeEnv('subnet-a') },
    'sonde-b': { env: probeEnv('subnet-b') },
  })
  await takeIn(api, known('sonde-a', 'subnet-a'), known('sonde-b', 'subnet-b'))
  const answer = await ask()
  t.match(answer.runs, [
    {
      probe: 'sonde-a',
      subnet: 'subnet-a',
      error: null,
      results: [{ check: 'self', outcome: 'not_allowed' }],
    },
    {
      probe: 'sonde-b',
      subnet: 'subnet-b',
      error: null,
      results: [{ check: 'self', outcome: 'not_allowed' }],
    },
  ])
  t.ok(answer.runs.every(({ run, ms }: { run: string; ms: number }) => run.length > 10 && ms > 0))
  t.same(lambda.calls.map(({ name, event }) => [name, event]).sort(), [
    ['arn:aws:lambda:eu-west-1:123456789012:function:sonde-a', '{"sonde":{}}'],
    ['arn:aws:lambda:eu-west-1:123456789012:function:sonde-b', '{"sonde":{}}'],
  ])
  const { items } = (await api.app.inject('/v1/functions/orders/results?check=self')).json()
  t.same(
    items.map((one: { run: string }) => one.run).sort(),
    answer.runs.map((one: { run: string }) => one.run).sort(),
  )
})

t.test('what goes wrong is told by probe, and hides no other', async (t) => {
  const refuse = (status: number, code: string, body: object): FunctionDouble => ({
    refuse: { status, code, body },
  })
  const throttled = {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    message: 'Rate Exceeded.',
    retryAfterSeconds: '0',
  }
  const { api, known, ask } = await open(
    t,
    {
      'sonde-01-good': { env: probeEnv('subnet-01') },
      'sonde-02-bad-plan': { env: { ...probeEnv('subnet-02'), SONDE_PLAN: '{"version":1,"checks":[]}' } },
      'sonde-03-timed-out': {
        functionError: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 30.00 seconds' },
      },
      'sonde-04-denied': refuse(403, 'AccessDeniedException', {
        Message: 'not authorized to perform: lambda:InvokeFunction',
      }),
      'sonde-05-throttled': refuse(429, 'TooManyRequestsException', throttled),
      'sonde-06-once-throttled': {
        refuse: { status: 429, code: 'TooManyRequestsException', body: throttled },
        times: 1,
        env: probeEnv('subnet-06'),
      },
      'sonde-07-no-addresses': refuse(502, 'SubnetIPAddressLimitReachedException', {
        Type: 'Service',
        Message: 'Lambda was not able to set up VPC access',
      }),
      'sonde-08-no-probe': { answer: { statusCode: 200, body: 'hello' } },
      'sonde-09-odd': { answer: { sonde: 1, reports: [{ sonde: 1, run: '' }] } },
      'sonde-11-silent': 'hang',
    },
    4000,
  )
  const names = [
    '01-good',
    '02-bad-plan',
    '03-timed-out',
    '04-denied',
    '05-throttled',
    '06-once-throttled',
    '07-no-addresses',
    '08-no-probe',
    '09-odd',
    '10-gone',
    '11-silent',
  ]
  await takeIn(
    api,
    ...names.map((name) => known(`sonde-${name}`, `subnet-${name.slice(0, 2)}`)),
    known('payroll', 'subnet-99'),
  )
  const { runs } = await ask()
  const errors = new Map<string, string | null>(
    runs.map((one: { probe: string; error: string }) => [one.probe, one.error]),
  )
  const told = (name: string) => errors.get(`sonde-${name}`)
  t.equal(errors.size, 12)
  t.equal(told('01-good'), null)
  t.match(told('02-bad-plan'), /^the probe failed: BadPlan: SONDE_PLAN: \/checks:/)
  t.equal(told('03-timed-out'), 'the probe failed: Sandbox.Timedout: Task timed out after 30.00 seconds')
  t.match(told('04-denied'), /^AccessDeniedException: not authorized to perform: lambda:InvokeFunction/)
  t.equal(
    told('05-throttled'),
    'TooManyRequestsException (ReservedFunctionConcurrentInvocationLimitExceeded): Rate Exceeded.',
  )
  t.equal(told('06-once-throttled'), null, 'what Lambda turned away is tried again')
  t.match(told('07-no-addresses'), /^SubnetIPAddressLimitReachedException: Lambda was not able/)
  t.match(told('08-no-probe'), /not as a probe does/)
  t.match(told('09-odd'), /^1 of 1 reports can't be read: must have required properties part/)
  t.match(told('10-gone'), /^ResourceNotFoundException: Function not found/)
  t.match(told('11-silent'), /^no answer within 4 s/)
  t.match(errors.get('payroll'), /^not invoked: none of the names under runs\.probes \(sonde-\*\) fits it/)
})

t.test('sonde run shows it as a table, and exits by it', async (t) => {
  const { api, known } = await open(t, { 'sonde-a': { env: probeEnv('subnet-a') } })
  const url = await listen(api.app)
  const command = (...args: string[]) => run(registerRun, ['run', '--url', url, ...args])
  t.match(await command('orders'), { code: 2, stderr: /knows no function "orders"/ })
  await api.store.declareFunctions([{ name: 'idle' }])
  t.match(await command('idle'), { code: 3, stdout: /No probe of idle is known/ })
  await takeIn(api, known('sonde-a', 'subnet-a'), known('sonde-b', 'subnet-b'))
  const table = await command('orders')
  t.equal(table.code, 1)
  t.match(table.stdout, /^sonde-a in subnet-a\n✗ self +127\.0\.0\.1:9001 +not_allowed/)
  t.match(table.stdout, /\nsonde-b in subnet-b\n! ResourceNotFoundException: Function not found/)
  t.match(table.stdout, /\n2 probes, 0 of 1 results as expected, 1 probe with an error\.\n$/)
  const json = await command('orders', '--json')
  t.match(JSON.parse(json.stdout), { function: 'orders', runs: [{ probe: 'sonde-a' }, { probe: 'sonde-b' }] })
  t.equal(json.code, 1)
})
