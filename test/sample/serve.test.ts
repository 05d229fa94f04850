import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labMissing } from '../lab/support.js'
import { until } from '../support/api.js'
import { allGone, buildAll, descendants, lives, sonde } from '../support/built.js'
import { type Answer, type Server, serveSample } from './support/serve.js'

const EIGHT = [
  'audit-export',
  'checkout-api',
  'image-resizer',
  'ledger-archiver',
  'orders-api',
  'partner-sync',
  'payments-worker',
  'report-builder',
]

async function beginsBroken(t: Test, server: Server): Promise<void> {
  await until(async () => {
    const all = await server.statuses()
    const broken = Object.keys(all).filter((name) => all[name] === 'failing')
    const sound = Object.keys(all).filter((name) => all[name] === 'healthy')
    return broken.sort().join() === 'partner-sync,report-builder' && sound.length === 6
  })
  t.same(Object.keys(await server.statuses()), EIGHT)
}

interface Group {
  readonly kind: string
  readonly cause: { readonly code: string; readonly component: string } | null
  readonly functions: readonly string[]
  readonly fixes: readonly { readonly changes: readonly unknown[] }[]
}

/** The cause that hits a function, once it is known. */
async function causeOf(server: Server, name: string, code: string): Promise<Group> {
  let found: Group | undefined
  await until(async () => {
    const { items = [] } = (await server.ask('GET', '/v1/diagnoses')).body
    const groups: readonly Group[] = JSON.parse(JSON.stringify(items))
    found = groups.find((group) => group.functions.includes(name) && group.cause?.code === code)
    return found !== undefined
  })
  if (found === undefined) throw new Error('unreachable')
  return found
}

t.setTimeout(600_000)
await buildAll()

t.test('a recording is shown as if it happened now, and says that it is one', async (t) => {
  const server = await serveSample(t, 'recording')
  const about = (await server.ask('GET', '/v1/about')).body
  t.match(about['sample'], { kind: 'recording', recordedAt: /^\d{4}-\d\d-\d\dT/ })
  t.equal(about['runs'], false)
  await beginsBroken(t, server)
  const group = await causeOf(server, 'report-builder', 'ENI_SG_RULES_MISMATCH')
  t.equal(group.kind, 'proven')
  t.ok(group.fixes.length > 0)
  const sample = await server.ask('GET', '/v1/sample')
  t.match(sample.body, { kind: 'recording', whyNoLab: null, fixesApplied: 0 })
  for (const [method, path] of [
    ['POST', '/v1/sample/faults/dns-off'],
    ['DELETE', '/v1/sample/faults/dns-off'],
    ['POST', '/v1/sample/reset'],
  ] as const)
    t.match(await server.ask(method, path), { status: 409, body: { code: 'sample_recording' } }, path)
  t.match(await server.ask('POST', '/v1/functions/orders-api/runs'), {
    status: 409,
    body: { code: 'runs_unavailable' },
  })
  const reports = await server.ask('GET', '/v1/functions/orders-api/results?limit=1')
  const at = Date.parse(String(reports.body.items?.[0]?.['at']))
  t.ok(Math.abs(Date.now() - at) < 120_000, 'results are of the present')
  server.child.kill('SIGTERM')
  t.equal(await server.exit, 0)
})

t.test('without a sample there is nothing to break', async (t) => {
  const server = await serveSample(t, 'off')
  t.equal((await server.ask('GET', '/v1/about')).body['sample'], null)
  t.match(await server.ask('GET', '/v1/sample'), { status: 404, body: { code: 'not_found' } })
})

/** The same by `sonde sample`, from another terminal. */
async function commands(t: Test, server: Server): Promise<void> {
  const run = async (...args: string[]) => {
    const command = sonde(t, ['sample', '--url', server.url, '--lang', 'en', ...args])
    return { code: await command.exit, said: command.output() }
  }
  const start = await run()
  t.equal(start.code, 0, start.said)
  t.match(start.said, /^✗ reports-not-admitted +The database does not admit report-builder$/m)
  t.match(start.said, /^● endpoint-closed /m)
  t.match(start.said, /\n0 fixes applied\n$/)
  const put = await run('--break', 'endpoint-closed')
  t.equal(put.code, 0, put.said)
  t.match(put.said, /^✗ endpoint-closed /m)
  await causeOf(server, 'audit-export', 'ENI_SG_RULES_MISMATCH')
  const taken = await run('--mend', 'endpoint-closed')
  t.match(taken.said, /^● endpoint-closed /m)
  await until(async () => (await server.statuses())['audit-export'] === 'healthy')
  await causeOf(server, 'report-builder', 'ENI_SG_RULES_MISMATCH')
  const fixed = await run('--fix')
  t.equal(fixed.code, 0, fixed.said)
  t.match(fixed.said, /^Allow inbound tcp\/5432 from sg-\S+ in sg-\S+$/m, 'what was done is told')
  t.match(fixed.said, /^● reports-not-admitted /m)
  await until(async () => (await server.statuses())['report-builder'] === 'healthy')
  const reset = await run('--reset')
  t.match(reset.said, /^✗ reports-not-admitted [\s\S]*\n0 fixes applied\n$/m)
  const absent = await run('--break', 'none')
  t.equal(absent.code, 2)
  t.match(absent.said, /^sonde sample: .*"none"/)
  const both = await run('--break', 'dns-off', '--reset')
  t.equal(both.code, 2, both.said)
}

const missing = labMissing()
if (missing !== null) t.test('the sample in the lab', { skip: missing }, async () => undefined)
else {
  t.test('the sample lives: broken, diagnosed, mended by its own fix, over HTTP', async (t) => {
    const server = await serveSample(t, 'lab')
    t.match((await server.ask('GET', '/v1/about')).body, {
      sample: { kind: 'lab', recordedAt: null },
      runs: true,
    })
    await beginsBroken(t, server)
    const below = descendants(server.child.pid ?? 0)
    t.ok(below.length > 5, 'the sample, its world and agents run')

    const broken = await server.ask('POST', '/v1/sample/faults/nat-replies-dropped')
    t.match(broken, { status: 200, body: { kind: 'lab', fixesApplied: 0 } })
    const active = (answer: Answer) => {
      const faults: readonly { id: string; active: boolean }[] = JSON.parse(
        JSON.stringify(answer.body['faults']),
      )
      return faults.filter((fault) => fault.active).map(({ id }) => id)
    }
    t.same(active(broken), ['reports-not-admitted', 'partners-in-public-subnet', 'nat-replies-dropped'])
    const cause = await causeOf(server, 'orders-api', 'SUBNET_ACL_RESTRICTION')
    t.same(cause.kind, 'proven')
    const mended = await server.ask('POST', '/v1/sample/fixes', { changes: cause.fixes[0]?.changes })
    t.match(mended, { status: 200, body: { fixesApplied: 1 } })
    t.same(active(mended), ['reports-not-admitted', 'partners-in-public-subnet'])
    await until(async () => (await server.statuses())['orders-api'] === 'healthy')

    const partner = await causeOf(server, 'partner-sync', 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS')
    await server.ask('POST', '/v1/sample/fixes', { changes: partner.fixes[0]?.changes })
    await until(async () => (await server.statuses())['partner-sync'] === 'healthy')
    t.pass('a function that moves to another subnet is followed there')

    const run = await server.ask('POST', '/v1/functions/orders-api/runs')
    t.match(run, { status: 200, body: { function: 'orders-api' } })
    const runs: readonly { probe: string; error: unknown; results: readonly unknown[] }[] = JSON.parse(
      JSON.stringify(run.body['runs']),
    )
    t.same(
      runs.map(({ probe, error, results }) => [probe, error, results.length]),
      ['a', 'b', 'c'].map((zone) => [`sonde-app-app-${zone}`, null, 5]),
    )

    t.match(await server.ask('POST', '/v1/sample/faults/none'), { status: 404, body: { code: 'not_found' } })
    t.match(await server.ask('POST', '/v1/sample/fixes', { changes: [{ kind: 'x' }] }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ in: 'body', pointer: '/changes/0' }] },
    })
    const absent = { kind: 'attach-internet-gateway', internetGatewayId: 'igw-0', vpcId: 'vpc-0' }
    t.match(await server.ask('POST', '/v1/sample/fixes', { changes: [absent] }), {
      status: 409,
      body: { code: 'sample_unfit', detail: /igw-0/ },
    })
    const reset = await server.ask('POST', '/v1/sample/reset')
    t.same(active(reset), ['reports-not-admitted', 'partners-in-public-subnet'])
    t.equal(reset.body['fixesApplied'], 0)

    await commands(t, server)

    const all = descendants(server.child.pid ?? 0)
    server.child.kill('SIGTERM')
    t.equal(await server.exit, 0)
    t.same([...below, ...all].filter(lives), [], 'no process is left')
  })

  t.test('where the machine has no lab, the recording takes its place and tells why', async (t) => {
    const server = await serveSample(t, 'auto', { withoutNamespaces: true })
    t.match((await server.ask('GET', '/v1/sample')).body, {
      kind: 'recording',
      whyNoLab: /the lab needs network namespaces/,
    })
    const forced = await serveSample(t, 'lab', { withoutNamespaces: true })
    t.equal(await forced.exit, 2)
    t.match(forced.output(), /^sonde serve: the lab needs network namespaces, .*\n$/)
  })

  t.test('a signal while the network is being raised ends it in order', async (t) => {
    const data = await mkdtemp(join(tmpdir(), 'sonde-serve-'))
    t.teardown(() => rm(data, { recursive: true, force: true, maxRetries: 5 }))
    const { child, exit, output } = sonde(t, ['serve', '--port', '0', '--data', data, '--sample', 'lab'])
    const below = () => descendants(child.pid ?? 0)
    // The server's sample, the way into the lab, the lab itself, and the first of those who serve in it.
    await until(() => below().length > 3)
    const raised = below()
    t.notMatch(output(), 'Sonde serves')
    child.kill('SIGTERM')
    t.equal(await exit, 0, output())
    t.same(raised.filter(lives), [], 'no process is left')
  })

  t.test('a server that is killed takes the sample and its network with it', async (t) => {
    const server = await serveSample(t, 'lab')
    await until(async () => Object.keys(await server.statuses()).length === 8)
    const below = descendants(server.child.pid ?? 0)
    t.ok(below.length > 5)
    server.child.kill('SIGKILL')
    t.ok(await allGone(below), 'no process is left')
  })
}
