import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import type { Check } from '../../probe/plan.schema.js'
import { type RunDeps, run, startRun } from '../../probe/run.js'
import { mostTelling } from '../../probe/verdict.js'
import { certificates } from '../support/certs.js'
import { startDnsServer } from '../support/dns-server.js'
import { httpServer } from '../support/servers.js'
import {
  closedPort,
  listen,
  planOf,
  redisServer,
  runChecks,
  runDeps,
  silentServer,
  speakRedis,
} from './support.js'

function tcp(name: string, port: number, more: Partial<Extract<Check, { kind: 'tcp' }>> = {}): Check {
  return { name, kind: 'tcp', host: '127.0.0.1', port, ...more }
}

/** A check that a silent listener keeps waiting for its whole timeout. */
function silent(name: string, port: number, timeoutMs: number): Check {
  return { name, kind: 'redis', host: '127.0.0.1', port, timeoutMs, attempts: 1 }
}

t.test('a result tells what was tried, where, and how long each phase took', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  const port = await closedPort()
  const results = await runChecks([
    { name: 'redis', kind: 'redis', host: '127.0.0.1', port: redis.port },
    tcp('closed', port),
    tcp('closed-as-it-should', port, { expect: 'unreachable', attempts: 3 }),
  ])
  t.match(results['redis'], {
    check: 'redis',
    kind: 'redis',
    target: `127.0.0.1:${redis.port}`,
    expect: 'reachable',
    outcome: 'ok',
    asExpected: true,
    address: '127.0.0.1',
    addressKind: 'private',
    attempts: [{ outcome: 'ok' }],
  })
  t.match(results['closed'], {
    outcome: 'connect_refused',
    asExpected: false,
    endedIn: 'connect',
    attempts: [{ outcome: 'connect_refused' }, { outcome: 'connect_refused' }],
    detail: { code: 'ECONNREFUSED' },
  })
  t.equal(results['closed']?.addresses, undefined, 'one address needs no list')
  // A refusal is an answer of the host: segmentation that only refuses lets packets through.
  t.match(results['closed-as-it-should'], {
    outcome: 'connect_refused',
    asExpected: false,
    attempts: { length: 3 },
  })
})

t.test('a check is tried again only while it is not as expected', async (t) => {
  let connections = 0
  const flaky = await listen((socket) => {
    connections += 1
    if (connections === 1) socket.resetAndDestroy()
    else speakRedis(socket)
  })
  t.teardown(flaky.stop)
  const { flaky: result } = await runChecks([
    { name: 'flaky', kind: 'redis', host: '127.0.0.1', port: flaky.port, attempts: 5 },
  ])
  t.match(result, { outcome: 'ok', asExpected: true })
  t.same(
    result?.attempts.map(({ outcome }) => outcome),
    ['connection_reset', 'ok'],
    'first and last are told apart',
  )
  t.equal(connections, 2)
})

t.test('what is refused is not contacted, not even behind a name, nor tried again', async (t) => {
  const listener = await listen(() => undefined)
  t.teardown(listener.stop)
  const dns = await startDnsServer({
    'rebind.test': { a: ['127.0.0.1'] },
    'mixed.test': { a: ['127.0.0.1', '169.254.169.254'] },
  })
  t.teardown(dns.stop)
  const env = { SONDE_DNS_SERVERS: dns.address }
  const at = { port: listener.port }
  const refused = await runChecks([tcp('address', at.port), tcp('name', at.port, { host: 'rebind.test' })], {
    env,
    loopback: false,
  })
  t.match(refused, {
    address: { outcome: 'not_allowed', endedIn: 'plan', address: null, attempts: { length: 1 } },
    name: { outcome: 'not_allowed', asExpected: false, address: null, attempts: { length: 1 } },
  })
  t.equal(listener.accepted(), 0)
  const { mixed } = await runChecks([tcp('mixed', at.port, { host: 'mixed.test' })], { env })
  t.match(mixed, { outcome: 'ok', address: '127.0.0.1' })
  t.match(mixed?.addresses, [
    { address: '127.0.0.1', outcome: 'ok' },
    { address: '169.254.169.254', outcome: 'not_allowed', phases: {}, message: /link-local/ },
  ])
})

t.test(
  'a name is asked again with each attempt, and the address that was judged is the one connected to',
  async (t) => {
    const listener = await listen(() => undefined)
    t.teardown(listener.stop)
    let asked = 0
    const dns = await startDnsServer({
      // Loopback only to begin with: what a rebinding server would swap in after the check.
      'swap.test': (type) => (type === 'A' ? { a: [asked++ === 0 ? '127.0.0.2' : '169.254.169.254'] } : {}),
    })
    t.teardown(dns.stop)
    const { swap } = await runChecks([tcp('swap', listener.port, { host: 'swap.test', attempts: 2 })], {
      env: { SONDE_DNS_SERVERS: dns.address },
    })
    // The listener is bound to 127.0.0.1 alone, so 127.0.0.2 refuses, and the second answer is refused by us.
    t.same(
      swap?.attempts.map(({ outcome }) => outcome),
      ['connect_refused', 'not_allowed'],
    )
  },
)

t.test('each address of a name is tried and reported by itself', async (t) => {
  const listener = await listen(() => undefined)
  t.teardown(listener.stop)
  const dns = await startDnsServer({
    'two.test': { a: ['127.0.0.9', '127.0.0.1'] },
    'many.test': { a: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'] },
    // A documentation address: no machine has a route for it, and loopback-only ones say so at once.
    'dual.test': { a: ['127.0.0.1'], aaaa: ['::1'] },
  })
  t.teardown(dns.stop)
  const env = { SONDE_DNS_SERVERS: dns.address }
  const { two, many, dual, down } = await runChecks(
    [
      tcp('two', listener.port, { host: 'two.test' }),
      tcp('many', listener.port, { host: 'many.test' }),
      tcp('dual', listener.port, { host: 'dual.test' }),
      tcp('down', await closedPort(), { host: 'two.test', attempts: 1 }),
    ],
    { env },
  )
  t.match(two, { outcome: 'ok', address: '127.0.0.1', phases: { dns: Number } })
  t.match(two?.addresses, [
    { address: '127.0.0.9', outcome: 'connect_refused', addressKind: 'private' },
    { address: '127.0.0.1', outcome: 'ok', phases: { connect: Number } },
  ])
  t.equal(many?.addresses?.length, 4, 'four of a family are enough')
  t.match(many?.detail?.warnings, ['2 more addresses of the name were not tried'])
  t.match(dual, { outcome: 'ok', address: '127.0.0.1' }, 'a family that fails does not fail the other')
  t.equal(dual?.addresses?.length, 2)
  t.match(down, { outcome: 'connect_refused', address: '127.0.0.9', addresses: [{}, {}] })
})

t.test('which address speaks for a name', async (t) => {
  const finding = (
    address: string,
    outcome: Parameters<typeof mostTelling>[0][number]['finding']['outcome'],
    endedIn?: 'connect' | 'tls' | 'exchange' | 'plan',
  ) => ({
    address,
    ms: 1,
    finding: { outcome, phases: {}, ...(endedIn ? { endedIn } : {}) },
  })
  const none = finding('v6', 'connect_unreachable', 'connect')
  const lost = finding('lost', 'connect_timeout', 'connect')
  const closed = finding('closed', 'connect_refused', 'connect')
  const untrusted = finding('untrusted', 'tls_untrusted', 'tls')
  const banned = finding('banned', 'not_allowed', 'plan')
  const fine = finding('fine', 'ok')
  const speaks = (
    list: Parameters<typeof mostTelling>[0],
    expect: 'reachable' | 'unreachable' = 'reachable',
  ) => mostTelling(list, expect)?.address
  t.equal(speaks([none, fine, untrusted]), 'fine')
  t.equal(speaks([none, lost]), 'lost', 'silence says more than no route')
  t.equal(speaks([lost, closed]), 'closed', 'an answer says more than silence')
  t.equal(speaks([closed, untrusted]), 'untrusted', 'the later phase')
  t.equal(speaks([banned, lost]), 'lost')
  t.equal(
    speaks([banned, lost], 'unreachable'),
    'banned',
    'a proof of segmentation must have tried every address',
  )
  t.equal(speaks([banned, closed], 'unreachable'), 'closed')
  t.equal(speaks([]), undefined)
})

t.test('200 checks, 20 of them in a black hole: the rest does not wait for it', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  // Accepts and never answers: each check waits until its own timeout.
  let together = 0
  const hole = await listen((socket) => {
    socket.resume()
    together = Math.max(together, hole.open())
  })
  t.teardown(hole.stop)
  const timeoutMs = 700
  const checks = Array.from(
    { length: 200 },
    (_, index): Check =>
      index % 10 === 0
        ? silent(`hole-${index}`, hole.port, timeoutMs)
        : { name: `redis-${index}`, kind: 'redis', host: '127.0.0.1', port: redis.port, attempts: 1 },
  )
  let inFlight = 0
  let most = 0
  const deps = runDeps()
  const outcome = await run(planOf(checks, { concurrency: 64 }), {
    ...deps,
    lookup: async (host, options) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      options.signal.throwIfAborted()
      const answer = await deps.lookup(host, options)
      setImmediate(() => {
        inFlight -= 1
      })
      return answer
    },
  })
  t.equal(outcome.results.length, 200)
  t.same(
    outcome.results.map(({ check }) => check),
    checks.map(({ name }) => name),
    'in the order of the plan',
  )
  const holes = outcome.results.filter(({ check }) => check.startsWith('hole'))
  t.ok(holes.every(({ outcome: each, endedIn }) => each === 'exchange_timeout' && endedIn === 'exchange'))
  t.ok(outcome.results.filter(({ outcome: each }) => each === 'ok').length === 180)
  t.ok(most <= 64, `at most 64 at once (${most})`)
  t.ok(together >= 7, `the holes among the first 64 are waited for at once (${together})`)
  t.comment(`200 checks with a timeout of ${timeoutMs} ms took ${Math.round(outcome.durationMs)} ms`)
  t.equal(redis.open(), 0, 'no socket is left open at the good target')
})

t.test(
  'connects that get no answer',
  { skip: process.platform !== 'linux' && 'a full backlog drops connects silently only on Linux' },
  async (t) => {
    // A listener that never accepts: once its backlog is full the kernel drops further SYNs, as a closed security group would.
    const script = `
    const { createServer } = require('node:net')
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      process.stdout.write(String(server.address().port) + '\\n')
      process.kill(process.pid, 'SIGSTOP')
    })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const [chunk] = await once(child.stdout, 'data')
    const port = Number(String(chunk))
    const filling = Array.from({ length: 8 }, (_, index) =>
      tcp(`fill-${index}`, port, { attempts: 1, timeoutMs: 400 }),
    )
    const results = await runChecks(filling)
    const lost = Object.values(results).filter(({ outcome }) => outcome === 'connect_timeout')
    t.ok(lost.length > 0, 'some connects vanish')
    t.match(lost[0], { asExpected: false, endedIn: 'connect', address: '127.0.0.1' })
  },
)

t.test('the concurrency of the plan is kept', async (t) => {
  let open = 0
  let most = 0
  const server = createServer((socket) => {
    open += 1
    most = Math.max(most, open)
    setTimeout(() => speakRedis(socket), 5)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open -= 1
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const checks = Array.from(
    { length: 30 },
    (_, index): Check => ({ name: `${index}`, kind: 'redis', host: '127.0.0.1', port }),
  )
  await runChecks(checks, { plan: { concurrency: 3 } })
  t.ok(most <= 3, `${most} at once`)
})

t.test('the deadline ends everything, and what is known is kept', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  const hole = await silentServer()
  t.teardown(hole.stop)
  const port = await closedPort()
  const outcome = await run(
    planOf(
      [
        { name: 'done', kind: 'redis', host: '127.0.0.1', port: redis.port },
        silent('waiting', hole.port, 60_000),
        { ...silent('second-try', hole.port, 60_000), attempts: 2 },
        tcp('refused', port),
        silent('never-begun', hole.port, 60_000),
        { ...silent('should-not-answer', hole.port, 60_000), expect: 'unreachable' },
      ],
      { concurrency: 3 },
    ),
    { ...runDeps(), budgetMs: 150 },
  )
  const results = Object.fromEntries(outcome.results.map((result) => [result.check, result]))
  t.match(results, {
    done: { outcome: 'ok' },
    waiting: { outcome: 'deadline', endedIn: 'exchange', asExpected: false, phases: { connect: Number } },
    'second-try': { outcome: 'deadline', attempts: { length: 1 } },
    refused: { outcome: 'connect_refused' },
    'never-begun': { outcome: 'deadline' },
    'should-not-answer': {
      outcome: 'deadline',
      asExpected: false,
      endedIn: 'plan',
      ms: 0,
      detail: { message: /used up/ },
    },
  })
  t.ok(outcome.durationMs < 5000)
  const spent = await run(planOf([silent('late', hole.port, 1000)]), { ...runDeps(), budgetMs: 0 })
  t.match(spent.results, [{ outcome: 'deadline' }], 'no time left at all')
})

t.test('a repetition that the deadline cuts short does not hide what the first attempt saw', async (t) => {
  let connections = 0
  const server = await listen((socket) => {
    connections += 1
    if (connections === 1) socket.resetAndDestroy()
  })
  t.teardown(server.stop)
  const outcome = await run(planOf([{ ...silent('x', server.port, 60_000), attempts: 2 }]), {
    ...runDeps(),
    budgetMs: 200,
  })
  t.match(outcome.results, [
    { outcome: 'connection_reset', attempts: [{ outcome: 'connection_reset' }, { outcome: 'deadline' }] },
  ])
})

t.test('what is known can be read while the run is on', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  const hole = await silentServer()
  t.teardown(hole.stop)
  const running = startRun(
    planOf([
      { name: 'done', kind: 'redis', host: '127.0.0.1', port: redis.port },
      silent('waiting', hole.port, 60_000),
    ]),
    runDeps(),
  )
  while (running.soFar('deadline', '').results[0]?.outcome !== 'ok')
    await new Promise((resolve) => setTimeout(resolve, 5))
  t.match(running.soFar('internal_error', 'boom').results, [
    { check: 'done', outcome: 'ok' },
    { check: 'waiting', outcome: 'internal_error', detail: { message: 'boom' } },
  ])
  running.abort()
  t.match((await running.done).results, [{ outcome: 'ok' }, { outcome: 'deadline' }])
})

t.test('a defect in a check becomes internal_error and costs nothing else', async (t) => {
  const redis = await redisServer()
  t.teardown(redis.stop)
  const deps = runDeps()
  const outcome = await run(
    planOf([
      tcp('broken', redis.port, { host: 'broken.test' }),
      { name: 'fine', kind: 'redis', host: '127.0.0.1', port: redis.port },
    ]),
    {
      ...deps,
      lookup: (host, options) =>
        host === 'broken.test' ? Promise.reject(new Error('a defect')) : deps.lookup(host, options),
    },
  )
  t.match(outcome.results, [
    { outcome: 'internal_error', detail: { message: 'a defect' } },
    { outcome: 'ok' },
  ])
})

t.test(
  'added roots are parsed once for all checks, and once for all runs of a warm environment',
  async (t) => {
    const { valid } = await certificates
    const port = await closedPort()
    const checks = ['a', 'b', 'c'].map(
      (name): Check => ({ name, kind: 'tls', host: '127.0.0.1', port, caFile: 'ca.pem', attempts: 1 }),
    )
    let reads = 0
    const deps: RunDeps = {
      ...runDeps(),
      readAsset: async () => {
        reads += 1
        return valid.ca
      },
    }
    const { results } = await run(planOf(checks), deps)
    t.same(
      results.map(({ outcome }) => outcome),
      ['connect_refused', 'connect_refused', 'connect_refused'],
    )
    t.equal(reads, 1)
    const warm = { ...deps, secureContexts: new Map() }
    await run(planOf(checks), warm)
    await run(planOf(checks), warm)
    t.equal(reads, 2)
  },
)

t.test("a redirect's look-up adds to the first one's time", async (t) => {
  const last = await httpServer((_, response) => response.end('here'))
  const first = await httpServer((_, response) => {
    response.writeHead(302, { location: `http://there.test:${last.port}/` }).end()
  })
  t.teardown(() => Promise.all([first.close(), last.close()]))
  const { results } = await run(
    planOf([{ name: 'x', kind: 'http', url: `http://here.test:${first.port}/`, followRedirects: 1 }]),
    {
      ...runDeps(),
      lookup: async () => ({
        addresses: [{ address: '127.0.0.1', family: 4 }],
        ms: 5000,
        resolver: ['hosts'],
        warnings: [],
      }),
    },
  )
  const { outcome, phases, ms } = results[0] ?? { outcome: 'none', phases: {}, ms: 0 }
  t.equal(outcome, 'ok')
  t.ok((phases.dns ?? 0) >= 5000)
  const sum = Object.values(phases).reduce((total, each) => total + each, 0)
  t.ok(Math.abs(ms - sum) < 0.01, `${ms} is the sum of the phases, ${sum}`)
})

t.test('nothing is left behind', async (t) => {
  const hole = await silentServer()
  t.teardown(hole.stop)
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((name) => /TCPSocket|Timeout|UDP|DNS/i.test(name)).length
  const before = handles()
  await run(planOf([silent('a', hole.port, 60_000), silent('b', hole.port, 50), tcp('c', hole.port)]), {
    ...runDeps(),
    budgetMs: 200,
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  // The listener's own ends of the connections are closed by then too.
  t.equal(hole.open(), 0, 'no connection')
  t.equal(handles(), before, 'no socket, timer or query')
})
