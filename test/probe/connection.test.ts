import type { Socket } from 'node:net'
import t from 'tap'
import { type Connection, converse } from '../../probe/connection.js'
import { certificates } from '../support/certs.js'
import {
  answering,
  blackHole,
  closedPort,
  flooding,
  greeting,
  hasIpv6,
  listen,
  resetting,
  silent,
  type TestServer,
  tlsServer,
  trickling,
} from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const nothing = async (): Promise<void> => undefined

t.test('only connects: phase connect alone, a FIN, nothing left open', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const signal = new AbortController().signal
  const finding = await converse(destinationOf(server), testIo({ signal }), nothing)
  t.equal(finding.outcome, 'ok')
  t.equal(finding.endedIn, undefined)
  t.same(Object.keys(finding.phases), ['connect'])
  t.same(await server.ended(1), ['fin'])
  t.equal(await server.connections(), 0)
})

t.test('over IPv6', { skip: skipV6() }, async (t) => {
  const server = await silent('::1')
  t.teardown(server.close)
  t.equal((await converse(destinationOf(server), testIo(), nothing)).outcome, 'ok')
  t.same(await server.ended(1), ['fin'])
})

t.test('a greeting that nobody read does not turn the close into a reset', async (t) => {
  const server = await greeting('220 hello\r\n'.repeat(100))
  t.teardown(server.close)
  t.equal((await converse(destinationOf(server), testIo(), nothing)).outcome, 'ok')
  t.same(await server.ended(1), ['fin'])
})

t.test('a closed port is refused in phase connect', async (t) => {
  const port = await closedPort()
  const finding = await converse(destinationOf({ host: '127.0.0.1', port }), testIo(), nothing)
  t.match(finding, { outcome: 'connect_refused', endedIn: 'connect', detail: { code: 'ECONNREFUSED' } })
  t.ok(finding.phases.connect !== undefined)
})

t.test("a black hole: timeout, and the run's end at once", async (t) => {
  const hole = await blackHole()
  t.teardown(hole.close)
  const late = await converse(destinationOf(hole), testIo({ timeoutMs: 100 }), nothing)
  t.match(late, { outcome: 'connect_timeout', endedIn: 'connect' })
  const abort = new AbortController()
  const pending = converse(destinationOf(hole), testIo({ timeoutMs: 60_000, signal: abort.signal }), nothing)
  setImmediate(() => abort.abort())
  t.match(await pending, { outcome: 'deadline', endedIn: 'connect' })
})

t.test('a name instead of an address is never looked up', async (t) => {
  const finding = await converse(
    { host: 'x', address: 'sonde.invalid', port: 80, family: 4 },
    testIo(),
    nothing,
  )
  t.match(finding, { outcome: 'internal_error', detail: { message: /where an address was due/ } })
})

t.test('the run has ended before the check began', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo({ signal: AbortSignal.abort() }), nothing)
  t.equal(finding.outcome, 'deadline')
})

t.test('aborted while it reads, and while it holds', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const dialogues: Array<(connection: Connection) => Promise<unknown>> = [
    (connection) => connection.read(1),
    (connection) => connection.hold(600_000),
    (connection) => connection.lend(() => new Promise(() => undefined)),
    (connection) => connection.finish(),
  ]
  for (const dialogue of dialogues) {
    const abort = new AbortController()
    const finding = await converse(
      destinationOf(server),
      testIo({ timeoutMs: 60_000, signal: abort.signal }),
      async (connection) => {
        setImmediate(() => abort.abort())
        await dialogue(connection)
      },
    )
    // Where the peer answers the FIN before the abort, finishing has succeeded.
    t.match(finding.outcome, dialogue === dialogues[3] ? /^(ok|deadline)$/ : /^deadline$/)
  }
  await server.ended(dialogues.length)
  t.equal(await server.connections(), 0)
})

t.test('no timer, socket or listener outlives a conversation', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const abort = new AbortController()
  const counts = { added: 0, removed: 0 }
  const signal = counted(abort.signal, counts)
  await converse(
    destinationOf(server),
    testIo({ signal, timeoutMs: 50 }),
    async (c) => void (await c.read(1)),
  )
  await converse(destinationOf(server), testIo({ signal }), async (c) => c.hold(5))
  await server.ended(2)
  t.ok(counts.added > 0)
  t.equal(counts.added, counts.removed)
  t.notOk(process.getActiveResourcesInfo().includes('Timeout'), 'no timer is left')
})

t.test('a silent peer: exchange_timeout, the time is told, the end is clean', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo({ timeoutMs: 60 }), async (connection) => {
    connection.note({ server: 'noted before' })
    await connection.read(4)
  })
  t.match(finding, { outcome: 'exchange_timeout', endedIn: 'exchange', detail: { server: 'noted before' } })
  t.same(Object.keys(finding.phases), ['connect', 'exchange'])
  t.same(await server.ended(1), ['fin'])
})

t.test('who stayed silent for the timeout is not waited for again at the close', async (t) => {
  // Keeps its own half open for good.
  const open: Socket[] = []
  const server = await listen((socket) => open.push(socket), undefined, true)
  t.teardown(server.close)
  const asked: (number | undefined)[] = []
  const real = globalThis.setTimeout
  t.intercept(globalThis, 'setTimeout', {
    value: Object.assign((...args: Parameters<typeof real>) => {
      asked.push(args[1])
      return real(...args)
    }, real),
    configurable: true,
  })
  const read = async (connection: Connection): Promise<void> => {
    await connection.read(1)
  }
  const late = await converse(destinationOf(server), testIo({ timeoutMs: 33 }), read)
  t.match(late, { outcome: 'exchange_timeout', endedIn: 'exchange' })
  t.same(asked, [33], 'no timer but the timeout')
  for (const socket of open) socket.end()
  t.same(await server.ended(1), ['fin'])
})

t.test('a byte at a time', async (t) => {
  const server = await trickling('+PONG\r\nrest', 2)
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo(), async (connection) => {
    t.equal((await connection.readUntil('\r\n', 64)).toString(), '+PONG\r\n')
    t.equal((await connection.read(4)).toString(), 'rest')
  })
  t.equal(finding.outcome, 'ok')
})

t.test('resets and closes', async (t) => {
  const reset = await resetting()
  const answer = await answering('ab')
  t.teardown(() => Promise.all([reset.close(), answer.close()]))
  const read = async (connection: Connection): Promise<void> => void (await connection.read(4))
  t.match(await converse(destinationOf(reset), testIo(), read), {
    outcome: 'connection_reset',
    endedIn: 'exchange',
  })
  const cut = await converse(destinationOf(answer), testIo(), async (connection) => {
    await connection.write('?')
    await connection.read(4)
  })
  t.match(cut, { outcome: 'protocol_mismatch', detail: { message: /middle of an answer/ } })
  const closing = await listen((socket) => socket.end())
  t.teardown(closing.close)
  t.match(await converse(destinationOf(closing), testIo(), read), { outcome: 'connection_reset' })
})

t.test('a flood of a gigabyte fills neither memory nor time', async (t) => {
  const server = await flooding(1024 ** 3)
  t.teardown(server.close)
  const before = process.memoryUsage().rss
  const finding = await converse(destinationOf(server), testIo(), async (connection) => {
    await t.rejects(connection.readUntil('\n', 1024), /without the expected delimiter/)
    await connection.hold(50)
    t.ok(connection.buffered() < 1024 ** 2, 'the peer is held back')
    t.equal((await connection.read(100_000)).length, 100_000)
  })
  t.equal(finding.outcome, 'ok')
  t.ok(process.memoryUsage().rss - before < 200 * 1024 ** 2)
  await server.ended(1)
})

t.test('a held connection', async (t) => {
  await t.test('stays, and the hold is not counted', async (t) => {
    const server = await silent()
    t.teardown(server.close)
    const finding = await converse(destinationOf(server), testIo({ timeoutMs: 100 }), async (connection) => {
      await connection.hold(250)
      await connection.finish()
    })
    t.match(finding, { outcome: 'ok', detail: { heldMs: 250 } })
    t.ok((finding.phases.exchange ?? 0) < 250)
  })
  await t.test('is reset or closed meanwhile', async (t) => {
    const reset = await resetting(20)
    const closing = await listen((socket) => void setTimeout(() => socket.end(), 20))
    t.teardown(() => Promise.all([reset.close(), closing.close()]))
    for (const server of [reset, closing]) {
      const finding = await converse(destinationOf(server), testIo(), (connection) => connection.hold(60_000))
      t.match(finding, { outcome: 'connection_reset', endedIn: 'exchange' })
      t.equal(finding.detail?.heldMs, undefined)
    }
  })
  await t.test('had been closed before', async (t) => {
    const server = await listen((socket) => socket.end())
    t.teardown(server.close)
    const finding = await converse(destinationOf(server), testIo(), async (connection) => {
      await connection.readSome()
      await connection.hold(60_000)
    })
    t.match(finding, { outcome: 'connection_reset' })
  })
  await t.test('is answered with a reset when it is used', async (t) => {
    const server = await listen((socket) => socket.on('end', () => socket.resetAndDestroy()), undefined, true)
    t.teardown(server.close)
    const finding = await converse(destinationOf(server), testIo(), (connection) => connection.finish())
    t.match(finding, { outcome: 'connection_reset', endedIn: 'exchange' })
  })
  await t.test('is never answered', async (t) => {
    const server = await listen(undefined, undefined, true)
    t.teardown(server.close)
    const finding = await converse(destinationOf(server), testIo({ timeoutMs: 50 }), (c) => c.finish())
    t.match(finding, { outcome: 'exchange_timeout', endedIn: 'exchange' })
  })
})

t.test('an error that comes after the timeout goes nowhere', async (t) => {
  const server = await resetting(80)
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo({ timeoutMs: 40 }), async (connection) => {
    await Promise.all([connection.read(1), connection.write('x')])
  })
  t.equal(finding.outcome, 'exchange_timeout')
  await server.ended(1)
})

t.test('TLS does not take over bytes that came in plain', async (t) => {
  const server = await greeting('220 ready\r\nMALICE\r\n')
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo(), async (connection) => {
    await connection.readUntil('\r\n', 100)
    while (connection.buffered() === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await connection.startTls({ rejectUnauthorized: false })
  })
  t.match(finding, { outcome: 'protocol_mismatch', endedIn: 'tls', detail: { message: /in plain/ } })
})

t.test('TLS: reads, writes and ends cleanly', async (t) => {
  const { valid } = await certificates
  const server = await tlsServer(valid, (socket) => socket.pipe(socket))
  t.teardown(server.close)
  const finding = await converse(destinationOf(server), testIo(), async (connection) => {
    await connection.startTls({ rejectUnauthorized: false })
    await connection.write('echo')
    t.equal((await connection.read(4)).toString(), 'echo')
  })
  t.equal(finding.outcome, 'ok')
  t.same(Object.keys(finding.phases), ['connect', 'tls', 'exchange'])
  t.same(await server.ended(1), ['fin'])
})

t.test('a hundred at once', async (t) => {
  const server: TestServer = await listen((socket) => socket.pipe(socket))
  t.teardown(server.close)
  const findings = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      converse(destinationOf(server), testIo(), async (connection) => {
        await connection.write(`${i}\n`)
        t.equal((await connection.readUntil('\n', 10)).toString(), `${i}\n`)
      }),
    ),
  )
  t.ok(findings.every(({ outcome }) => outcome === 'ok'))
  t.ok((await server.ended(100)).every((ending) => ending === 'fin'))
})

function skipV6(): string | false {
  if (hasIpv6) return false
  if (process.env['CI'] === 'true') throw new Error('CI needs ::1 on its loopback')
  return 'this machine has no ::1'
}

/** The same signal, counting who comes and goes. */
function counted(signal: AbortSignal, counts: { added: number; removed: number }): AbortSignal {
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  const known = new Set<unknown>()
  signal.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
    known.add(listener)
    counts.added += 1
    add(type, listener, options)
  }
  signal.removeEventListener = (type: string, listener: EventListener) => {
    if (known.delete(listener)) counts.removed += 1
    remove(type, listener)
  }
  return signal
}
