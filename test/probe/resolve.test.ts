import t from 'tap'
import {
  candidates,
  createLookup,
  type NameConfig,
  parseHosts,
  parseResolvConf,
  systemNames,
} from '../../probe/resolve.js'
import { startDnsServer } from '../support/dns-server.js'

const signal = new AbortController().signal
const any = { timeoutMs: 2000, family: 'any', signal } as const

function names(servers: string, more: Partial<NameConfig> = {}): () => Promise<NameConfig> {
  return async () => ({ servers: [servers], hosts: new Map(), search: [], ndots: 1, ...more })
}

t.test('all addresses of both families, the servers that were asked, and the time', async (t) => {
  const dns = await startDnsServer({ 'db.test': { a: ['10.0.0.1', '10.0.0.2'], aaaa: ['fd00::1'] } })
  t.teardown(dns.stop)
  const answer = await createLookup(names(dns.address))('db.test', any)
  t.same(answer.addresses, [
    { address: '10.0.0.1', family: 4 },
    { address: '10.0.0.2', family: 4 },
    { address: 'fd00::1', family: 6 },
  ])
  t.equal(answer.failure, undefined)
  t.same(answer.resolver, [dns.address])
  t.ok(answer.ms > 0)
  const four = await createLookup(names(dns.address))('db.test', { ...any, family: 'ipv4' })
  t.same(
    four.addresses.map(({ family }) => family),
    [4, 4],
  )
  const six = await createLookup(names(dns.address))('DB.test.', { ...any, family: 'ipv6' })
  t.same(six.addresses, [{ address: 'fd00::1', family: 6 }])
})

t.test('one family is enough', async (t) => {
  const dns = await startDnsServer({
    'four.test': { a: ['10.0.0.1'] },
    'half.test': (type) => (type === 'A' ? { a: ['10.0.0.1'] } : 'SERVFAIL'),
  })
  t.teardown(dns.stop)
  const lookup = createLookup(names(dns.address))
  const four = await lookup('four.test', any)
  t.same([four.addresses.length, four.warnings], [1, []], 'no AAAA record is nothing to warn of')
  const half = await lookup('half.test', any)
  t.equal(half.addresses.length, 1)
  t.match(half.warnings, [/^AAAA query: .*SERVFAIL.*dns_failed/])
})

t.test('each failure has its own outcome', async (t) => {
  const dns = await startDnsServer({
    'empty.test': {},
    'broken.test': 'SERVFAIL',
    'refused.test': 'REFUSED',
    'silent.test': 'silence',
    'half.test': (type) => (type === 'A' ? 'silence' : 'SERVFAIL'),
  })
  t.teardown(dns.stop)
  const lookup = createLookup(names(dns.address))
  const cases = [
    ['none.test', 'dns_not_found', 'ENOTFOUND'],
    ['empty.test', 'dns_not_found', 'ENODATA'],
    ['broken.test', 'dns_failed', 'ESERVFAIL'],
    ['refused.test', 'dns_failed', 'EREFUSED'],
  ] as const
  for (const [name, outcome, code] of cases) {
    const { failure, addresses } = await lookup(name, any)
    t.match(failure, { outcome, code }, name)
    t.same(addresses, [], name)
  }
  const silent = await lookup('silent.test', { ...any, timeoutMs: 1000 })
  t.equal(silent.failure?.outcome, 'dns_timeout')
  t.ok(silent.ms >= 900, 'it waited')
  const half = await lookup('half.test', { ...any, timeoutMs: 500 })
  t.match(
    half.failure,
    { outcome: 'dns_failed', code: 'ESERVFAIL' },
    'a word of the server says more than silence',
  )
  t.ok(
    dns.questions.filter((question) => question === 'A silent.test').length >= 2,
    'and asked again: one lost packet is forgiven',
  )
})

t.test('a port at which no name server listens', async (t) => {
  const dns = await startDnsServer({})
  await dns.stop()
  const { failure } = await createLookup(names(dns.address))('db.test', { ...any, timeoutMs: 500 })
  t.match(failure?.outcome, /^dns_(failed|timeout)$/)
})

t.test('the end of the run ends a lookup', async (t) => {
  const dns = await startDnsServer({ 'silent.test': 'silence' })
  t.teardown(dns.stop)
  const controller = new AbortController()
  const looking = createLookup(names(dns.address))('silent.test', {
    ...any,
    timeoutMs: 60_000,
    signal: controller.signal,
  })
  controller.abort()
  t.equal((await looking).failure?.outcome, 'deadline')
  const late = await createLookup(names(dns.address))('silent.test', { ...any, signal: controller.signal })
  t.equal(late.failure?.outcome, 'deadline', 'nor does one begin after it')
})

t.test('addresses, the hosts file and localhost need no server', async (t) => {
  const lookup = createLookup(
    names('127.0.0.1:1', { hosts: parseHosts('10.0.0.7 db db.internal # mine\n\nfd00::7 db\nnonsense x\n') }),
  )
  t.match(await lookup('10.1.2.3', any), {
    addresses: [{ address: '10.1.2.3', family: 4 }],
    resolver: [],
    ms: 0,
  })
  t.match(await lookup('fd00::3', any), { addresses: [{ address: 'fd00::3', family: 6 }] })
  t.match(await lookup('DB.', any), {
    addresses: [{ address: '10.0.0.7' }, { address: 'fd00::7' }],
    resolver: ['hosts'],
  })
  t.match(await lookup('db', { ...any, family: 'ipv6' }), { addresses: [{ address: 'fd00::7' }] })
  for (const name of ['localhost', 'LOCALHOST.', 'app.localhost'])
    t.match(await lookup(name, any), { addresses: [{ address: '127.0.0.1' }, { address: '::1' }] }, name)
})

t.test('the search list, in the order of getaddrinfo', async (t) => {
  t.same(candidates('db', ['a.test', 'b.test.'], 1), ['db.a.test', 'db.b.test', 'db'])
  t.same(candidates('db.x', ['a.test'], 1), ['db.x', 'db.x.a.test'])
  t.same(candidates('db.x', ['a.test'], 5), ['db.x.a.test', 'db.x'])
  t.same(candidates('db.x.', ['a.test'], 5), ['db.x'])
  t.same(parseResolvConf('search a.test b.test\nnameserver 10.0.0.2\noptions timeout:1 ndots:3\n'), {
    search: ['a.test', 'b.test'],
    ndots: 3,
  })
  const dns = await startDnsServer({ 'db.b.test': { a: ['10.0.0.9'] }, 'bad.a.test': 'SERVFAIL' })
  t.teardown(dns.stop)
  const lookup = createLookup(names(dns.address, { search: ['a.test', 'b.test'] }))
  t.match(await lookup('db', any), { addresses: [{ address: '10.0.0.9' }] })
  t.match(
    await lookup('bad', any),
    { failure: { outcome: 'dns_failed' } },
    'a failing server is not passed over',
  )
})

t.test('the environment may name the servers', async (t) => {
  const dns = await startDnsServer({ 'lab.test': { a: ['10.0.0.4'] } })
  t.teardown(dns.stop)
  const lookup = createLookup(systemNames({ SONDE_DNS_SERVERS: dns.address }))
  t.match(await lookup('lab.test.', any), { addresses: [{ address: '10.0.0.4' }] })
  const wrong = createLookup(systemNames({ SONDE_DNS_SERVERS: 'nowhere' }))
  t.match(await wrong('lab.test.', any), { failure: { outcome: 'dns_failed' } })
})
