import t from 'tap'
import { parseDestination, parseSource, SelectorError } from '../../api/network/selectors.js'

t.test('sources', async (t) => {
  t.same(parseSource('my-fn'), { kind: 'function', name: 'my-fn' })
  const arn = 'arn:aws:lambda:us-east-1:111122223333:function:my-fn'
  t.same(parseSource(arn), { kind: 'function', name: arn })
  t.same(parseSource('eni-0a1'), { kind: 'eni', id: 'eni-0a1' })
  t.same(parseSource('i-0a1@10.0.0.1'), { kind: 'instance', id: 'i-0a1', address: '10.0.0.1' })
  t.same(parseSource('subnet-1+sg-1+sg-2@10.0.0.1'), {
    kind: 'posture',
    subnetId: 'subnet-1',
    groupIds: ['sg-1', 'sg-2'],
    address: '10.0.0.1',
  })
  t.same(parseSource('eni-1@2600:1f14::1'), { kind: 'eni', id: 'eni-1', address: '2600:1f14::1' })
  for (const bad of [
    '',
    'subnet-1',
    'subnet-1+vpc-1',
    'eni-1@nowhere',
    'two words',
    'rtb-0123456789abcdef0',
  ]) {
    t.throws(() => parseSource(bad), SelectorError, bad)
  }
})

t.test('destinations', async (t) => {
  t.same(parseDestination('internet', 443), { destination: { kind: 'internet' }, port: 443 })
  t.same(parseDestination('internet:443'), { destination: { kind: 'internet' }, port: 443 })
  t.same(parseDestination('service:dynamodb'), {
    destination: { kind: 'service', service: 'dynamodb' },
    port: null,
  })
  t.same(parseDestination('service:com.amazonaws.us-east-1.s3').destination, {
    kind: 'service',
    service: 's3',
    region: 'us-east-1',
  })
  t.same(parseDestination('rds:orders:5432'), { destination: { kind: 'rds', id: 'orders' }, port: 5432 })
  t.same(parseDestination('rds:orders', 5432), { destination: { kind: 'rds', id: 'orders' }, port: 5432 })
  t.same(parseDestination('eni-1', 22), { destination: { kind: 'eni', id: 'eni-1' }, port: 22 })
  t.same(parseDestination('10.0.0.1:22'), { destination: { kind: 'address', address: '10.0.0.1' }, port: 22 })
  t.same(parseDestination('10.0.0.1', 22), {
    destination: { kind: 'address', address: '10.0.0.1' },
    port: 22,
  })
  t.same(parseDestination('[2001:db8::1]:443'), {
    destination: { kind: 'address', address: '2001:db8::1' },
    port: 443,
  })
  t.same(parseDestination('2001:db8::1', 443), {
    destination: { kind: 'address', address: '2001:db8::1' },
    port: 443,
  })
  t.same(parseDestination('Db.Example.com:5432'), {
    destination: { kind: 'host', host: 'db.example.com' },
    port: 5432,
  })
  for (const bad of [
    '',
    '10.0.0.1:70000',
    '10.0.0:22',
    '10.0.0.0/8',
    '[nope]:1',
    'host:http',
    'service:',
    'a b:1',
  ]) {
    t.throws(() => parseDestination(bad), SelectorError, bad)
  }
  t.throws(() => parseDestination('10.0.0.1:22', 23), /names port 22/)
})
