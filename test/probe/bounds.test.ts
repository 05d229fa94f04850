import { createServer } from 'node:http'
import t from 'tap'
import { phaseClock } from '../../probe/phase-clock.js'
import type { Check } from '../../probe/plan.schema.js'
import { mostTelling } from '../../probe/verdict.js'
import { startDnsServer } from '../support/dns-server.js'
import { listen, runChecks } from './support.js'
import { testIo } from './transport.js'

const tcp = (name: string, port: number, more: object = {}): Check => ({
  name,
  kind: 'tcp',
  host: '127.0.0.1',
  port,
  ...more,
})

t.test('a range with a port admits that port alone, by address and behind a name', async (t) => {
  const [open, other] = [await listen(() => undefined), await listen(() => undefined)]
  const dns = await startDnsServer({ 'db.test': { a: ['127.0.0.1'] } })
  t.teardown(() => Promise.all([open.stop(), other.stop(), dns.stop()]))
  const env = { SONDE_ALLOW: `127.0.0.0/8:${open.port}`, SONDE_DNS_SERVERS: dns.address }
  const results = await runChecks(
    [
      tcp('open', open.port),
      tcp('other', other.port),
      tcp('named', open.port, { host: 'db.test' }),
      tcp('other-named', other.port, { host: 'db.test' }),
    ],
    { env },
  )
  t.match(results, {
    open: { outcome: 'ok' },
    other: { outcome: 'not_allowed' },
    named: { outcome: 'ok' },
    'other-named': { outcome: 'not_allowed' },
  })
  t.equal(other.accepted(), 0)
})

t.test('a redirect to a name outside of the allow-list is not followed, nor is its name asked', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location: 'http://stranger.test/' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dns = await startDnsServer({
    'ours.test': { a: ['127.0.0.1'] },
    'stranger.test': { a: ['127.0.0.1'] },
  })
  t.teardown(async () => {
    server.close()
    await dns.stop()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { web } = await runChecks(
    [{ name: 'web', kind: 'http', url: `http://ours.test:${port}/`, followRedirects: 3 }],
    { env: { SONDE_ALLOW: 'ours.test', SONDE_DNS_SERVERS: dns.address } },
  )
  t.match(web, { outcome: 'not_allowed', asExpected: false, endedIn: 'plan' })
  t.ok(dns.questions.some((question) => question.endsWith(' ours.test')))
  t.notOk(dns.questions.some((question) => question.endsWith(' stranger.test')))
})

t.test('a target that is unreachable as expected is not tried again', async (t) => {
  const dns = await startDnsServer({})
  t.teardown(dns.stop)
  const { gone } = await runChecks([tcp('gone', 1, { host: 'gone.test', expect: 'unreachable' })], {
    env: { SONDE_DNS_SERVERS: dns.address },
    plan: { attempts: 5 },
  })
  t.match(gone, { outcome: 'dns_not_found', asExpected: true, attempts: { length: 1 } })
})

t.test('a denial by one address says more than the failure of another', async (t) => {
  const at = (address: string, outcome: Parameters<typeof mostTelling>[0][number]['finding']['outcome']) => ({
    address,
    ms: 1,
    finding: { outcome, phases: {}, endedIn: 'exchange' as const },
  })
  for (const other of ['aws_failed', 'protocol_mismatch', 'aws_throttled'] as const)
    t.equal(mostTelling([at('a', other), at('b', 'aws_access_denied')], 'reachable')?.address, 'b')
  t.equal(mostTelling([at('a', 'aws_access_denied'), at('b', 'ok')], 'reachable')?.address, 'b')
})

t.test('a hold takes nothing from the timeout, and gives nothing back', async (t) => {
  let now = 0
  const clock = phaseClock({ ...testIo({ timeoutMs: 600_000 }), now: () => now })
  t.teardown(clock.dispose)
  clock.enter('exchange')
  now += 599_999
  // However long it is held, a millisecond is left.
  const held = clock.pause(Promise.resolve().then(() => (now += 1e9)))
  await held
  await t.rejects(clock.guard(new Promise(() => undefined)), { name: 'PhaseTimeout' })
  t.equal(clock.phases().exchange, 599_999, 'nor is it time of the phase')
})
