import fc from 'fast-check'
import t from 'tap'
import { aws } from '../../probe/checks/aws.js'
import type { CheckIo, Destination, Finding } from '../../probe/checks/check.js'
import { mssql } from '../../probe/checks/mssql.js'
import { mysql } from '../../probe/checks/mysql.js'
import { postgres } from '../../probe/checks/postgres.js'
import { redis } from '../../probe/checks/redis.js'
import { listen } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

/**
 * Whatever bytes a server sends, in whatever pieces, a check ends with an outcome of the vocabulary, never with `internal_error`
 * (which is what a parser's own exception would become), and within its timeout.
 */
const seed = Number(process.env['SONDE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = 120
const TIMEOUT_MS = 80

interface Kind {
  readonly probe: (to: Destination, io: CheckIo) => Promise<Finding>
  /** Beginnings that lead a parser further than noise would. */
  readonly heads: readonly string[]
}

const kinds: Readonly<Record<string, Kind>> = {
  postgres: {
    probe: (to, io) => postgres.probe({ kind: 'postgres', name: 'x', host: 'localhost', tls: 'off' }, to, io),
    heads: [
      'R\0\0\0\x08\0\0\0\0',
      'R\0\0\0\x17\0\0\0\x0a',
      'E\0\0\0\x20SFATAL\0C',
      'S\0\0\0\x10',
      'v\0\0\0\x08',
      'N\0\0\0\x10',
    ],
  },
  'postgres with TLS': {
    probe: (to, io) =>
      postgres.probe({ kind: 'postgres', name: 'x', host: 'localhost', ca: 'system' }, to, io),
    heads: ['S', 'N', 'E\0\0\0\x20', 'S\x16\x03\x03\0\x20'],
  },
  mysql: {
    probe: (to, io) => mysql.probe({ kind: 'mysql', name: 'x', host: 'localhost', tls: 'off' }, to, io),
    heads: [
      '\x20\0\0\0\x0a8.4.0\0',
      '\x20\0\0\0\xff\x15\x04#',
      '\x4a\0\0\0\x0a8.4.0\0\x01\0\0\0abcdefgh\0\xff\xff\x21\x02\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0abcdefghijkl\0caching_sha2_password\0\x03\0\0\x02\xfe',
    ],
  },
  redis: {
    probe: (to, io) => redis.probe({ kind: 'redis', name: 'x', host: 'localhost' }, to, io),
    heads: ['+PONG\r\n', '-NOAUTH ', '-', '+PONG\r\n*14\r\n$6\r\nserver\r\n$5\r\n', '$-1\r\n'],
  },
  mssql: {
    probe: (to, io) => mssql.probe({ kind: 'mssql', name: 'x', host: 'localhost', tls: 'off' }, to, io),
    heads: [
      '\x04\x01\0\x20\0\0\x01\0',
      '\x04\x01\0\x20\0\0\x01\0\0\0\x1a\0\x06\x01',
      '\x04\x01\0\x20\0\0\x01\0\xaa',
    ],
  },
  'mssql with TLS': {
    probe: (to, io) => mssql.probe({ kind: 'mssql', name: 'x', host: 'localhost', ca: 'system' }, to, io),
    heads: [
      '\x04\x01\0\x1b\0\0\x01\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x0f\0\0\0\0\0\x01\x12\x01\0\x20\0\0\0\0',
      '\x04\x01\0\x1b\0\0\x01\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x0f\0\0\0\0\0\x01\x12\x01\0\x20\0\0\0\0\x16\x03\x03\0\x10',
    ],
  },
  aws: {
    probe: (to, io) =>
      aws.probe(
        {
          kind: 'aws',
          name: 'x',
          service: 'sts',
          region: 'eu-west-1',
          endpoint: `http://localhost:${to.port}`,
        },
        to,
        io,
      ),
    heads: [
      'HTTP/1.1 ',
      'HTTP/1.1 403 Forbidden\r\nx-amzn-requestid: a\r\n\r\n',
      'HTTP/1.1 400 Bad\r\nx-amzn-requestid: a\r\ncontent-length: 40\r\n\r\n{"__type":"',
      'HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n',
      'HTTP/1.1 403 No\r\n\r\n<Error><Code>',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  },
}

for (const [name, { probe, heads }] of Object.entries(kinds))
  t.test(`${name}: any bytes at all`, async (t) => {
    t.comment(`seed ${seed}`)
    let script: { chunks: Buffer[]; ends: boolean } = { chunks: [], ends: true }
    const server = await listen((socket) => {
      for (const chunk of script.chunks) socket.write(chunk)
      if (script.ends) socket.end()
    })
    t.teardown(() => server.close())
    const property = fc.asyncProperty(
      fc.constantFrom('', ...heads),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
      // A server that neither speaks on nor closes costs the whole timeout, so it is the rare case.
      fc.integer({ min: 0, max: 9 }).map((at) => at > 0),
      async (head, tails, ends) => {
        script = { chunks: [Buffer.from(head, 'latin1'), ...tails.map((tail) => Buffer.from(tail))], ends }
        const found = await probe(destinationOf(server, 'localhost'), testIo({ timeoutMs: TIMEOUT_MS }))
        if (found.outcome === 'internal_error') throw new Error(JSON.stringify(found))
      },
    )
    await t.resolves(fc.assert(property, { seed, numRuns: RUNS }))
  })
