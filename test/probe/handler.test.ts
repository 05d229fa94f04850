import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { Value } from 'typebox/value'
import { createAssets } from '../../probe/assets.js'
import { createHandler } from '../../probe/handler.js'
import { identify } from '../../probe/identity.js'
import { budgetOf } from '../../probe/invoke.js'
import type { Printer } from '../../probe/print.js'
import { stdoutPrinter } from '../../probe/print.js'
import { ErrorLineSchema, ProbeAnswerSchema, ReportSchema } from '../../probe/report.schema.js'
import { VERSION } from '../../probe/version.js'
import { silentServer } from './support.js'

/** The probe's modules as one file, so that a process that hosts them starts in no time. */
const modules = join(await mkdtemp(join(tmpdir(), 'sonde-host-')), 'probe.mjs')
t.teardown(() => rm(dirname(modules), { recursive: true }))
const exported = ['assets', 'invoke', 'print'].map((name) => `export * from './${name}.js'`).join('\n')
await build({
  stdin: {
    contents: exported,
    resolveDir: fileURLToPath(new URL('../../probe', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: modules,
})

const lambda = {
  AWS_LAMBDA_FUNCTION_NAME: 'sonde-probe-a',
  AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
  AWS_REGION: 'eu-central-1',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
  SONDE_SUBNET: 'subnet-0a',
  SONDE_SECURITY_GROUPS: 'sg-1,sg-2',
  SONDE_WORKLOADS: 'orders, billing',
  SONDE_INTERVAL_MS: '60000',
}
const context = {
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:sonde-probe-a',
  getRemainingTimeInMillis: () => 10_000,
}
// Needs no network: the name is in no file and in no zone, since there is no server at the port.
const plan = {
  version: 1,
  attempts: 1,
  timeoutMs: 200,
  checks: [{ name: 'self', kind: 'tcp', host: '127.0.0.1', port: 9001 }],
}

function collecting(): { lines: string[]; printer: Printer } {
  const lines: string[] = []
  return {
    lines,
    printer: {
      line: async (text) => {
        lines.push(text)
      },
      lineNow: (text) => lines.push(text),
    },
  }
}

t.test('an invocation prints its report and returns the same', async (t) => {
  const { lines, printer } = collecting()
  const handler = createHandler({ env: lambda, printer, assets: createAssets([]) })
  const answer = await handler({ plan }, context)
  t.ok(Value.Check(ProbeAnswerSchema, answer))
  t.same(
    answer.reports,
    lines.map((line) => JSON.parse(line)),
  )
  t.match(answer.reports, [
    {
      probe: {
        function: 'sonde-probe-a',
        version: VERSION,
        region: 'eu-central-1',
        account: '123456789012',
        subnet: 'subnet-0a',
        securityGroups: ['sg-1', 'sg-2'],
        coldStart: true,
        memoryMb: 256,
        runtime: 'nodejs22.x',
        workloads: ['orders', 'billing'],
        intervalMs: 60_000,
      },
      results: [{ check: 'self', outcome: 'not_allowed' }],
    },
  ])
  const again = await handler({ plan }, context)
  t.equal(again.reports[0]?.probe.coldStart, false, 'the second invocation is warm')
  t.not(
    again.reports[0]?.run,
    answer.reports[0]?.run,
    'and a run of its own, also where Lambda repeats a request',
  )
})

t.test('the plan beside the bundle, and SONDE_PLAN before it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-assets-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(
    join(folder, 'plan.json'),
    JSON.stringify({ ...plan, checks: [{ ...plan.checks[0], name: 'bundled' }] }),
  )
  const { lines, printer } = collecting()
  const assets = createAssets([join(folder, 'nowhere'), folder])
  await createHandler({ env: lambda, printer, assets })({ source: 'aws.events', detail: {} }, context)
  t.match(JSON.parse(lines[0] ?? ''), { results: [{ check: 'bundled' }] })
  await createHandler({ env: { ...lambda, SONDE_PLAN: JSON.stringify(plan) }, printer, assets })(
    undefined,
    context,
  )
  t.match(JSON.parse(lines[1] ?? ''), { results: [{ check: 'self' }] })
  await t.rejects(assets.read('rds-ca.pem'), { message: /rds-ca\.pem is not beside the probe/ })
  for (const name of ['../secret', '/etc/passwd', '.env', 'a/b'])
    await t.rejects(assets.read(name), { message: /not the name of an asset/ })
})

t.test('a plan that can not be run: a line, and an error that names every fault', async (t) => {
  const { lines, printer } = collecting()
  const handler = createHandler({ env: lambda, printer, assets: createAssets([]) })
  const bad = { version: 1, checks: [{ name: 'x', kind: 'tcp', port: 0 }] }
  await t.rejects(handler({ plan: bad }, context), {
    name: 'BadPlan',
    message: 'event: /checks/0: host is missing; /checks/0/port: must be a whole number from 1 to 65535',
  })
  const line = JSON.parse(lines[0] ?? '')
  t.ok(Value.Check(ErrorLineSchema, line))
  t.match(line, {
    error: {
      code: 'bad_plan',
      source: 'event',
      errors: [{ pointer: '/checks/0' }, { pointer: '/checks/0/port' }],
    },
  })
  await t.rejects(handler({}, context), { message: /no plan/ })
  const closed = createHandler({
    env: { ...lambda, SONDE_ALLOW: '10.0.0.1/8' },
    printer,
    assets: createAssets([]),
  })
  await t.rejects(closed({ plan }, context), { name: 'BadPlan', message: /^SONDE_ALLOW: 10\.0\.0\.1\/8/ })
  t.match(JSON.parse(lines.at(-1) ?? ''), { error: { code: 'bad_allow_list' } })
})

t.test('the time of the invocation bounds the run', async (t) => {
  t.same(budgetOf(60_000), { budgetMs: 58_500, closingMs: 400 })
  t.same(budgetOf(3000), { budgetMs: 2250, closingMs: 375 })
  t.same(budgetOf(0), { budgetMs: 0, closingMs: 0 })
  t.equal(budgetOf(-5).budgetMs, 0)
  const hole = await silentServer()
  t.teardown(hole.stop)
  const { printer } = collecting()
  // Outside Lambda, so that loopback may be a target at all.
  const slow = {
    version: 1,
    checks: [{ name: 'x', kind: 'redis', host: '127.0.0.1', port: hole.port, timeoutMs: 60_000 }],
  }
  const handler = createHandler({ env: {}, printer, assets: createAssets([]) })
  const answer = await handler({ plan: slow }, { getRemainingTimeInMillis: () => 400 })
  t.match(answer.reports[0]?.results, [{ outcome: /deadline|not_allowed/ }])
})

t.test('who reports, where Lambda says nothing', async (t) => {
  t.match(identify({}, false), {
    function: 'local',
    region: null,
    account: null,
    subnet: null,
    securityGroups: [],
    memoryMb: null,
    runtime: `node${process.versions.node}`,
  })
  t.match(identify({ SONDE_FUNCTION: 'laptop', SONDE_INTERVAL_MS: 'often', SONDE_ACCOUNT: '1' }, false), {
    function: 'laptop',
    account: '1',
  })
  t.notOk('intervalMs' in identify({ SONDE_INTERVAL_MS: '5' }, false))
})

t.test('nothing listens on the process between invocations', async (t) => {
  const events = ['uncaughtException', 'unhandledRejection', 'SIGTERM', 'SIGINT'] as const
  const counts = (): number[] => events.map((event) => process.listenerCount(event))
  const before = counts()
  const { printer } = collecting()
  const handler = createHandler({ env: lambda, printer, assets: createAssets([]) })
  for (let index = 0; index < 3; index++) await handler({ plan }, context)
  await handler({}, context).catch(() => undefined)
  t.same(counts(), before)
})

/** Runs a script in a process of its own, as the Lambda runtime would host the handler. */
function hosted(script: string): Promise<{ stdout: string; code: number | null; signal: string | null }> {
  const head = `import { createAssets, invoke, stdoutPrinter } from ${JSON.stringify(pathToFileURL(modules).href)}\n`
  const child = spawn(process.execPath, ['--input-type=module', '-e', head + script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ stdout, code, signal })))
}

const hostScript = (trouble: string): string => `
  const port = 9
  const plan = { version: 1, attempts: 1, timeoutMs: 60000, checks: [
    { name: 'known', kind: 'tcp', host: '127.0.0.1', port },
    { name: 'pending', kind: 'dns', host: 'silent.test' } ] }
  import { createSocket } from 'node:dgram'
  const dns = createSocket('udp4')
  await new Promise((resolve) => dns.bind(0, '127.0.0.1', resolve))
  const env = { SONDE_DNS_SERVERS: '127.0.0.1:' + dns.address().port }
  dns.once('message', () => setTimeout(() => { ${trouble} }, 20))
  const host = { env, assets: createAssets([]), printer: stdoutPrinter() }
  const answer = await invoke({ plan }, { getRemainingTimeInMillis: () => 30000 }, true, host)
  dns.close()
  process.stdout.write('ANSWER ' + JSON.stringify(answer.reports) + '\\n')`

t.test('the line is printed in any case', async (t) => {
  const troubles = [
    [
      'an exception outside of every check',
      `throw new Error('boom')`,
      /uncaughtException: boom/,
      'internal_error',
    ],
    [
      'a rejection that nobody handles',
      `Promise.reject(new Error('boom'))`,
      /unhandledRejection: boom/,
      'internal_error',
    ],
    ['SIGTERM', `process.kill(process.pid, 'SIGTERM')`, /SIGTERM/, 'deadline'],
    [
      'one trouble after the other, of which the first is told',
      `process.emit('SIGTERM'); process.emit('SIGINT'); Promise.reject(new Error('boom'))`,
      /SIGTERM/,
      'deadline',
    ],
  ] as const
  for (const [name, trouble, message, outcome] of troubles) {
    const { stdout, code } = await hosted(hostScript(trouble))
    const lines = stdout.trim().split('\n')
    t.equal(lines.length, 2, `${name}: one line and the answer`)
    const report = JSON.parse(lines[0] ?? '{}')
    t.ok(Value.Check(ReportSchema, report), name)
    t.match(report.results, [
      { check: 'known', outcome: 'not_allowed' },
      { check: 'pending', outcome, asExpected: false, detail: { message } },
    ])
    t.equal(lines[1], `ANSWER ${JSON.stringify([report])}`, 'the caller gets what was printed')
    t.equal(code, 0, name)
  }
})

t.test("the runtime's own listener exits at once, and the line is out before", async (t) => {
  const exiting = `process.on('uncaughtException', () => process.exit(129)); ${hostScript(`throw new Error('boom')`)}`
  const { stdout, code } = await hosted(exiting)
  t.equal(code, 129)
  t.match(JSON.parse(stdout.trim()), {
    results: [{ check: 'known' }, { check: 'pending', outcome: 'internal_error' }],
  })
})

t.test('a line of 64 KiB through a pipe arrives whole before the process exits', async (t) => {
  const script = `
    const printer = stdoutPrinter()
    await printer.line('a'.repeat(65536))
    printer.lineNow('b'.repeat(200000))
    process.exit(0)`
  const { stdout } = await hosted(script)
  t.same(
    stdout.split('\n').map((line) => line.length),
    [65536, 200_000, 0],
  )
})

t.test('a reader that is slow gets all of a line that is printed at the last moment', async (t) => {
  const script = `
    process.stdout.write('')
    const printer = stdoutPrinter()
    printer.lineNow('a'.repeat(3000000))
    process.exit(0)`
  const head = `import { stdoutPrinter } from ${JSON.stringify(pathToFileURL(modules).href)}\n`
  const child = spawn(process.execPath, ['--input-type=module', '-e', head + script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.pause()
  await new Promise((resolve) => setTimeout(resolve, 400))
  let length = 0
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  child.stdout.resume()
  await new Promise((resolve) => child.on('close', resolve))
  t.equal(length, 3_000_001)
})

t.test('a stream that fails says so', async (t) => {
  const { Writable } = await import('node:stream')
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
  broken.on('error', () => undefined)
  await t.rejects(stdoutPrinter(broken).line('x'), { message: 'gone' })
})
