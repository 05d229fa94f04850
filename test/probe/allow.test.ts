import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import {
  type Address,
  addressKind,
  embeddings,
  inRange,
  parseAddress,
  parseRange,
  privateRanges,
  rangeOf,
  ranges,
  sameAddress,
} from '../../probe/address.js'
import { type AllowList, judgeAddress, judgeName, readAllow, refused } from '../../probe/allow.js'

const SEED = 20260302

function allowing(env: Record<string, string>, options: Parameters<typeof readAllow>[1] = {}): AllowList {
  const reading = readAllow(env, options)
  if (!reading.ok) throw new Error(reading.errors.join('; '))
  return reading.allow
}

/** Undefined if `host`, resolved to `address`, may be contacted. */
function verdict(allow: AllowList, host: string, port: number, address = host): string | undefined {
  const named = judgeName(allow, host, port)
  return named.verdict === 'refused' ? named.reason : judgeAddress(allow, address, port, named.verdict)
}

const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'f', AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }

t.test('without a list everything but the always refused is allowed', async (t) => {
  const allow = allowing({})
  t.equal(verdict(allow, 'db.test', 5432, '10.0.0.1'), undefined)
  t.equal(verdict(allow, '203.0.113.1', 443), undefined)
})

t.test('refused always, in whatever spelling', async (t) => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    loopback: [
      '127.0.0.1',
      '127.255.0.9',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:0:0:1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
    ],
    'link-local': [
      '169.254.169.254',
      '169.254.170.2',
      '169.254.100.5',
      'fe80::1',
      'febf::1',
      'fe80::1%eth0',
      '::ffff:169.254.169.254',
      '64:ff9b::a9fe:a9fe',
    ],
    'instance services': ['fd00:ec2::254', 'fd00:ec2::23'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
    multicast: ['224.0.0.1', '239.1.1.1', 'ff02::1', '::ffff:224.0.0.1'],
    reserved: ['255.255.255.255', '240.0.0.1'],
  }
  for (const allow of [
    allowing(lambda),
    allowing({ ...lambda, SONDE_ALLOW: '*, 0.0.0.0/0, ::/0' }),
    allowing(lambda, { allowLoopback: true }),
  ]) {
    for (const [what, addresses] of Object.entries(spellings)) {
      for (const address of addresses) {
        t.match(verdict(allow, address, 80), new RegExp(what), `${address} by itself`)
        t.match(verdict(allow, 'innocent.test', 80, address), new RegExp(what), `${address} behind a name`)
      }
    }
  }
})

t.test('loopback outside Lambda needs to be asked for, the rest stays refused', async (t) => {
  t.match(verdict(allowing({}), '127.0.0.1', 80), /--allow-loopback/)
  const allow = allowing({}, { allowLoopback: true })
  t.equal(verdict(allow, '127.0.0.1', 80), undefined)
  t.equal(verdict(allow, 'localhost', 80, '::1'), undefined)
  t.match(verdict(allow, '169.254.169.254', 80), /link-local/)
})

t.test('the runtime API, by address and by name', async (t) => {
  const allow = allowing({ ...lambda, AWS_LAMBDA_RUNTIME_API: '10.1.2.3:9001' })
  t.match(verdict(allow, '10.1.2.3', 443), /runtime API/)
  t.match(verdict(allow, 'x.test', 443, '::ffff:10.1.2.3'), /runtime API/)
  t.equal(verdict(allow, '10.1.2.4', 443), undefined)
  const named = allowing({ ...lambda, AWS_LAMBDA_RUNTIME_API: 'runtime.internal:9001' })
  t.match(verdict(named, 'Runtime.Internal.', 443, '10.0.0.1'), /runtime API/)
})

t.test('host patterns, ranges and ports', async (t) => {
  const allow = allowing({
    SONDE_ALLOW: '*.rds.amazonaws.com:5432, api.example.com 10.0.0.0/16:6379,[fd00::/64]:443,fd01::/64',
  })
  const allowed: readonly (readonly [string, number, string?])[] = [
    ['orders.abc.eu-west-1.rds.amazonaws.com', 5432, '10.9.9.9'],
    ['ORDERS.RDS.amazonaws.com.', 5432, '203.0.113.1'],
    ['api.example.com', 8443, '203.0.113.1'],
    ['cache.test', 6379, '10.0.255.1'],
    ['10.0.1.1', 6379],
    ['::ffff:10.0.1.1', 6379],
    ['fd00::5', 443],
    ['fd01::5', 1],
  ]
  for (const [host, port, address] of allowed)
    t.equal(verdict(allow, host, port, address), undefined, `${host}:${port}`)
  const not: readonly (readonly [string, number, string?])[] = [
    ['orders.rds.amazonaws.com', 3306, '10.9.9.9'],
    ['rds.amazonaws.com', 5432, '10.9.9.9'],
    ['evilrds.amazonaws.com', 5432, '10.9.9.9'],
    ['orders.rds.amazonaws.com.evil.test', 5432, '10.9.9.9'],
    ['www.api.example.com', 443, '203.0.113.1'],
    ['cache.test', 6379, '10.1.0.1'],
    ['cache.test', 6380, '10.0.0.1'],
    ['fd00::5', 80],
    ['fd00:0:0:1::5', 443],
  ]
  for (const [host, port, address] of not)
    t.match(verdict(allow, host, port, address), /not in the allow-list/, `${host}:${port}`)
})

t.test('an empty list refuses everything, and a list that cannot be read is none', async (t) => {
  t.match(verdict(allowing({ SONDE_ALLOW: '' }), '10.0.0.1', 80), /not in the allow-list/)
  t.match(verdict(allowing({ SONDE_ALLOW: ' ' }), 'x.test', 80, '10.0.0.1'), /not in the allow-list/)
  const reading = readAllow({
    SONDE_ALLOW:
      'a.*.test, 10.0.0.5/24, x.test:99999, 10.0.0.0/33, *b.test, ok.test, [fd00::/8]:x, https://a.test',
  })
  t.equal(reading.ok, false)
  if (!reading.ok) {
    t.match(reading.errors, [
      /^a\.\*\.test:/,
      /^10\.0\.0\.5\/24:.*host bits/,
      /^x\.test:99999:.*port/,
      /^10\.0\.0\.0\/33/,
      /^\*b\.test/,
      /^\[fd00/,
      /^https/,
    ])
    t.equal(reading.errors.length, 7)
  }
  t.equal(
    allowing({ SONDE_ALLOW: 'a.test' }, { allow: ['b.test', 'c.test'] }).patterns?.length,
    2,
    'options take its place',
  )
})

t.test('addresses and ranges', async (t) => {
  t.equal(parseAddress('10.0.0.1')?.bits, 0x0a000001)
  t.equal(parseAddress('fd00::1:0.0.0.2')?.bits, (0xfd00n << 112n) | 0x1_0000_0002n)
  for (const text of ['10.0.0', '01.2.3.4', '::g', '', '1.2.3.4/8'])
    t.equal(parseAddress(text), undefined, text)
  for (const text of ['10.0.0.1/8', '::1/0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', 'x/8'])
    t.equal(parseRange(text), undefined, text)
  t.ok(sameAddress('::ffff:10.0.0.1', '10.0.0.1'))
  t.ok(sameAddress('fd00:0::1', 'FD00::0001'))
  t.notOk(sameAddress('10.0.0.1', '10.0.0.2'))
  const kinds = {
    '10.0.0.1': 'private',
    '172.31.0.1': 'private',
    '172.32.0.1': 'public',
    '192.168.1.1': 'private',
    '100.64.0.1': 'private',
    '52.94.0.1': 'public',
    'fd12::1': 'private',
    '2600::1': 'public',
    '::1': 'private',
    '::ffff:10.0.0.1': 'private',
  }
  for (const [address, kind] of Object.entries(kinds)) t.equal(addressKind(address), kind, address)
})

t.test('the ranges in the source are ranges', async (t) => {
  for (const text of [
    '10.0.0.0/8',
    '::/96',
    '64:ff9b::/96',
    'fd00:ec2::/32',
    '::1',
    '::',
    '::ffff:0:0/96',
    '127.0.0.0/8',
  ]) {
    t.same(ranges(text), [parseRange(text)], text)
  }
  for (const range of [...embeddings, ...privateRanges, ...refused.flatMap((entry) => entry.ranges)]) {
    const width = range.family === 4 ? 32 : 128
    t.ok(range.prefix <= width && range.bits < 1n << BigInt(width))
    const bits = BigInt(range.bits)
    t.equal((bits >> BigInt(width - range.prefix)) << BigInt(width - range.prefix), bits, 'no host bits')
  }
})

t.test(`no pattern ever lifts a refusal (seed ${SEED})`, async (t) => {
  const refusedV4 = fc
    .oneof(
      fc.tuple(fc.constantFrom(127, 0, 224, 239, 240, 255), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    )
    .map((octets) => octets.join('.'))
  const refused = fc.oneof(
    refusedV4,
    refusedV4.map((v4) => `::ffff:${v4}`),
    refusedV4.map((v4) => `64:ff9b::${v4}`),
  )
  const pattern = fc.constantFrom(
    '*',
    '0.0.0.0/0',
    '::/0',
    '127.0.0.0/8',
    '169.254.169.254',
    '*:80',
    '::ffff:0:0/96',
    'x.test',
  )
  fc.assert(
    fc.property(
      refused,
      fc.array(pattern),
      fc.constantFrom('x.test', 'y.test', undefined),
      fc.integer({ min: 1, max: 65535 }),
      (address, patterns, host, port) => {
        const allow = allowing({ ...lambda, SONDE_ALLOW: patterns.join(',') })
        if (verdict(allow, host ?? address, port, address) === undefined)
          throw new Error(`${host} ${address} with ${patterns}`)
      },
    ),
    { seed: SEED, numRuns: 1000 },
  )
  t.pass('none')
})

t.test(`ranges hold exactly what their prefix says (seed ${SEED})`, async (t) => {
  const v4 = fc.ipV4()
  const v6 = fc.ipV6()
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.nat(128), (text, length) => {
      const address = parseAddress(text)
      if (!address) throw new Error(`${text} is ${isIPv4(text) ? 4 : isIPv6(text) ? 6 : 'not an address'}`)
      const width = address.family === 4 ? 32 : 128
      const prefix = Math.min(length, width)
      const range = rangeOf(address, prefix)
      if (!inRange(address, range) || !inRange({ ...address, bits: range.last }, range))
        throw new Error('not in its own range')
      const first = flipped(address, width - 1)
      if (inRange(first, range) !== (prefix === 0)) throw new Error('the first bit')
      const last = flipped(address, 0)
      if (inRange(last, range) !== prefix < width) throw new Error('the last bit')
    }),
    { seed: SEED, numRuns: 1000 },
  )
  t.pass('they do')
})

/** The address with one bit the other way round; bit 0 is the last. */
function flipped(address: Address, bit: number): Address {
  const bits = BigInt(address.bits) ^ (1n << BigInt(bit))
  return { ...address, bits: address.family === 4 ? Number(bits) : bits }
}
