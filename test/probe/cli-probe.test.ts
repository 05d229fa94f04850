import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import t from 'tap'
import { Value } from 'typebox/value'
import { registerProbe } from '../../api/cli/probe.js'
import { ReportSchema } from '../../probe/report.schema.js'
import { startDnsServer } from '../support/dns-server.js'
import { closedPort, redisServer, silentServer } from './support.js'

const folder = await mkdtemp(join(tmpdir(), 'sonde-cli-'))
t.teardown(() => rm(folder, { recursive: true }))

interface Ran {
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

/** Runs `sonde probe …` in this process, with streams in place of a terminal. */
async function sonde(
  args: readonly string[],
  options: { stdin?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const texts = Promise.all([text(stdout), text(stderr)])
  let code: number | undefined
  const program = new Command('sonde').exitOverride()
  registerProbe(program, {
    stdin: Readable.from([options.stdin ?? '']),
    stdout,
    stderr,
    env: options.env ?? {},
    cwd: folder,
    language: 'en',
    exit: (given) => {
      code = given
    },
  })
  await program.parseAsync(['probe', ...args], { from: 'user' })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, out, err }
}

async function file(name: string, content: string | object): Promise<string> {
  await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return name
}

const redis = await redisServer()
t.teardown(redis.stop)
const closed = await closedPort()
const good = { name: 'cache', kind: 'redis', host: '127.0.0.1', port: redis.port }
const bad = { name: 'db', kind: 'tcp', host: '127.0.0.1', port: closed }

t.test('all as expected: exit 0 and a table', async (t) => {
  const plan = await file('good.json', { version: 1, checks: [good] })
  const { code, out, err } = await sonde(['--plan', plan, '--allow-loopback'])
  t.equal(code, 0)
  t.match(
    out,
    new RegExp(`^✓ cache  127\\.0\\.0\\.1:${redis.port}  ok  +[\\d.]+ ms  connect [\\d.]+ ms, exchange`),
  )
  t.match(out, /The check is as expected, in [\d.]+ ms\.\n$/)
  t.equal(err, '')
})

t.test('not all as expected: exit 1, and why', async (t) => {
  const plan = await file('bad.json', {
    version: 1,
    checks: [good, bad, { ...good, name: 'closed', expect: 'unreachable' }],
  })
  const { code, out } = await sonde(['--plan', plan, '--allow-loopback'])
  t.equal(code, 1)
  t.match(out, /✗ db .*connect_refused/)
  t.match(out, /ended in phase connect at 127\.0\.0\.1 \(private\): connect ECONNREFUSED/)
  t.match(out, /2 attempts: connect_refused, connect_refused/)
  t.match(out, /✗ closed .*ok \(should be unreachable\)/)
  t.match(out, /2 of 3 checks are not as expected/)
})

t.test('--json prints the lines that a Lambda prints', async (t) => {
  const plan = await file('json.json', { version: 1, checks: [good, bad] })
  const { code, out } = await sonde(['--plan', plan, '--json', '--allow-loopback'], {
    env: { SONDE_FUNCTION: 'laptop' },
  })
  t.equal(code, 1)
  const report = JSON.parse(out)
  t.ok(Value.Check(ReportSchema, report))
  t.match(report, {
    probe: { function: 'laptop' },
    results: [{ outcome: 'ok' }, { outcome: 'connect_refused' }],
  })
})

t.test('a bad plan: exit 2, each fault with file and pointer', async (t) => {
  const plan = await file('faulty.json', {
    version: 1,
    checks: [
      { name: 'a', kind: 'tcp', hots: 'x' },
      { name: 'b', kind: 'udp' },
    ],
  })
  const { code, out, err } = await sonde(['--plan', plan])
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err.trim().split('\n'), [
    'faulty.json: /checks/0: host is missing',
    'faulty.json: /checks/0: port is missing',
    'faulty.json: /checks/0/hots: unknown property; did you mean host?',
    /^faulty\.json: \/checks\/1\/kind: unknown kind "udp"; known kinds are dns/,
  ])
  const syntax = await sonde(['--plan', await file('syntax.json', '{"version": 1,\n "checks": [}')])
  t.match(syntax, {
    code: 2,
    err: 'syntax.json: line 2, column 13: found } where a value or "]" should be\n',
  })
  const json = await sonde(['--plan', plan, '--json'])
  t.match(JSON.parse(json.out), { sonde: 1, error: { code: 'bad_plan', source: 'faulty.json' } })
})

t.test('YAML, from a file or stdin', async (t) => {
  const yaml = `# a comment\nversion: 1\nchecks:\n  - name: cache\n    kind: redis\n    host: 127.0.0.1\n    port: ${redis.port}\n`
  t.match(await sonde(['--plan', await file('plan.yaml', yaml), '--allow-loopback']), { code: 0 })
  t.match(await sonde(['--plan', '-', '--allow-loopback'], { stdin: yaml }), { code: 0 })
  t.match(
    await sonde(['--plan', '-', '--allow-loopback'], {
      stdin: JSON.stringify({ version: 1, checks: [good] }),
    }),
    { code: 0 },
  )
  const two = await sonde(['--plan', '-'], { stdin: `${yaml}---\nversion: 1\n` })
  t.match(two, { code: 2, err: 'stdin: line 8, column 1: a second document begins here; one is read\n' })
  const broken = await sonde(['--plan', '-'], { stdin: 'version: 1\nchecks: [a\nb: {' })
  t.equal(broken.code, 2)
  t.match(broken.err, /^stdin: line \d, column \d+: /)
  t.match(await sonde(['--plan', '-'], { stdin: 'version: 1\nversion: 1\nchecks: []' }), {
    code: 2,
    err: /unique/,
  })
  t.match(await sonde(['--plan', '-'], { stdin: 'version: 1\nchecks:\n  - *nowhere' }), {
    code: 2,
    err: /nowhere/,
  })
  t.match(await sonde(['--plan', '-'], { stdin: '' }), { code: 2, err: 'stdin: it is empty\n' })
})

t.test('options that are wrong', async (t) => {
  t.match(await sonde([]), { code: 2, err: /--plan is missing/ })
  t.match(await sonde(['--plan', 'nowhere.json']), {
    code: 2,
    err: /--plan nowhere\.json: no such file or folder/,
  })
  t.match(await sonde(['--plan', '-', '--timeout', '1s'], { stdin: '{}' }), {
    code: 2,
    err: /--timeout: expected whole milliseconds from 1 to 2147483647, found 1s/,
  })
  t.match(await sonde(['--plan', '-', '--allow', 'a.*.b'], { stdin: '{}' }), {
    code: 2,
    err: /--allow: a\.\*\.b/,
  })
  t.match(await sonde(['--plan', '-'], { stdin: '{}', env: { SONDE_ALLOW: 'x:0' } }), {
    code: 2,
    err: /SONDE_ALLOW: x:0/,
  })
})

t.test('targets are bounded', async (t) => {
  const plan = await file('local.json', { version: 1, checks: [good] })
  const before = redis.accepted()
  t.match(await sonde(['--plan', plan]), { code: 1, out: /not_allowed[\s\S]*--allow-loopback/ })
  t.match(await sonde(['--plan', plan, '--allow-loopback', '--allow', '10.0.0.0/8', 'db.test']), {
    code: 1,
    out: /not in the/,
  })
  t.match(await sonde(['--plan', plan, '--allow-loopback'], { env: { AWS_LAMBDA_FUNCTION_NAME: 'f' } }), {
    code: 1,
    out: /loopback/,
  })
  t.equal(redis.accepted(), before, 'nothing was contacted')
  t.match(await sonde(['--plan', plan, '--allow-loopback', '--allow', '127.0.0.0/8', 'db.test']), { code: 0 })
})

t.test('--timeout ends the whole run', async (t) => {
  const hole = await silentServer()
  t.teardown(hole.stop)
  const plan = await file('slow.json', {
    version: 1,
    checks: [
      { ...good, port: hole.port, timeoutMs: 60_000 },
      { ...good, name: 'fine' },
    ],
  })
  const { code, out } = await sonde(['--plan', plan, '--allow-loopback', '--timeout', '200'])
  t.equal(code, 1)
  t.match(out, /✗ cache .*deadline[\s\S]*✓ fine/)
})

t.test('warnings, several addresses, and names that could steer a terminal', async (t) => {
  const dns = await startDnsServer({ 'two.test': { a: ['127.0.0.9', '127.0.0.1'] } })
  t.teardown(dns.stop)
  const checks = [
    { ...good, name: '캐시', host: 'two.test' },
    { ...good, name: 'a\u009bb' },
    { name: 'm', kind: 'http', url: `http://127.0.0.1:1/\${X}`, expect: 'unreachable' },
  ]
  const { out, err } = await sonde(
    ['--plan', await file('odd.json', { version: 1, checks }), '--allow-loopback'],
    {
      env: { SONDE_DNS_SERVERS: dns.address },
    },
  )
  t.match(out, /127\.0\.0\.9: connect_refused/)
  t.notMatch(out, /\u009b/)
  t.match(err, /odd\.json: warning: \/checks\/2\/url: \$\{X\} is taken literally/)
})
