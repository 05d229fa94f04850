import fc from 'fast-check'
import t from 'tap'
import { addressAccepted, callerAddress, statusAccepted } from '../../probe/checks/http-expect.js'

const seed = 20260102
t.comment(`fast-check seed ${seed}`)
const parameters = { seed, numRuns: 500 }
const status = fc.integer({ min: 100, max: 599 })

t.test('a status against classes, numbers and lists', async () => {
  fc.assert(
    fc.property(status, fc.array(status, { minLength: 1, maxLength: 8 }), (seen, wanted) => {
      const expected = wanted.includes(seen)
      return (
        statusAccepted({ status: wanted }, seen) === expected &&
        statusAccepted({ status: wanted.join(',') }, seen) === expected
      )
    }),
    parameters,
  )
  fc.assert(
    fc.property(status, fc.integer({ min: 1, max: 5 }), status, (seen, kind, other) => {
      const wish = { status: `${kind}xx,${other}` }
      return statusAccepted(wish, seen) === (String(seen).startsWith(String(kind)) || seen === other)
    }),
    parameters,
  )
})

t.test('a status without a wish', async () => {
  fc.assert(
    fc.property(status, (seen) => statusAccepted({}, seen) === seen < 500),
    parameters,
  )
  for (const matcher of [{ bodyMatches: 'x' }, { headerMatches: {} }, { egressIp: ['10.0.0.1'] }])
    fc.assert(
      fc.property(status, (seen) => statusAccepted(matcher, seen) === (seen >= 200 && seen < 300)),
      parameters,
    )
})

const v4 = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))

t.test('an address against addresses and ranges', async (t) => {
  fc.assert(
    fc.property(v4, fc.integer({ min: 0, max: 32 }), v4, (octets, prefix, others) => {
      // Slow and plain: compare the first bits as text.
      const bits = (list: readonly number[]): string =>
        list.map((n) => n.toString(2).padStart(8, '0')).join('')
      const base = bits(octets).slice(0, prefix).padEnd(32, '0').match(/.{8}/g) ?? []
      const range = `${base.map((byte) => Number.parseInt(byte, 2)).join('.')}/${prefix}`
      const expected = bits(octets).slice(0, prefix) === bits(others).slice(0, prefix)
      return (
        addressAccepted(octets.join('.'), [range]) &&
        addressAccepted(others.join('.'), [range]) === expected &&
        addressAccepted(`::ffff:${octets.join('.')}`, [range])
      )
    }),
    parameters,
  )
  fc.assert(
    fc.property(fc.ipV6(), (address) => addressAccepted(address, [address, '10.0.0.0/8'])),
    parameters,
  )
  t.ok(addressAccepted('2001:db8::5', ['2001:db8::/64']))
  t.notOk(addressAccepted('2001:db8:1::5', ['2001:db8::/64']))
  t.notOk(addressAccepted('no address', ['0.0.0.0/0']))
})

t.test("the caller's address in what echo services answer", async (t) => {
  for (const body of [
    '203.0.113.7',
    '203.0.113.7\n',
    '\ufeff203.0.113.7\r\n',
    '"203.0.113.7"',
    '{"ip":"203.0.113.7"}',
    '{"origin": "10.0.0.5, 203.0.113.7"}',
    '{"status":"success","query":"203.0.113.7"}',
    '{"ip":null,"address":"203.0.113.7"}',
    'fl=1f1\nip=203.0.113.7\nts=1.2\n',
  ])
    t.equal(callerAddress(body), '203.0.113.7', JSON.stringify(body))
  t.equal(callerAddress('{"ip":"2001:db8::1"}'), '2001:db8::1')
  for (const body of ['', 'hello', '<html>203.0.113.7</html>', '{"ip":7}', '{"ip"', '[]', 'null', '"x"'])
    t.equal(callerAddress(body), undefined, JSON.stringify(body))
})

t.test('any body whatever', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      const found = callerAddress(body)
      return found === undefined || /^[0-9a-fA-F:.%a-z]+$/.test(found)
    }),
    parameters,
  )
})
