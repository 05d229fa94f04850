import t from 'tap'
import { authMode, findPrincipal, hashToken, isLoopbackName, newToken, TokenNeeded } from '../../api/auth.js'

const entry = (token: string, name = 'ci') => ({
  name,
  scopes: new Set(['read'] as const),
  requestsPerMinute: null,
  digest: Buffer.from(hashToken(token).slice('sha256:'.length), 'hex'),
})

t.test('a token is found by its hash alone', async (t) => {
  const first = newToken()
  const second = newToken()
  t.not(first.token, second.token)
  t.equal(hashToken(first.token), first.hash)
  t.match(first.token, /^sonde_[\w-]{43}$/)
  const known = [entry(first.token, 'first'), entry(second.token, 'second')]
  t.equal(findPrincipal(first.token, known)?.name, 'first')
  t.equal(findPrincipal(second.token, known)?.name, 'second')
  t.equal(findPrincipal(`${second.token}x`, known), null)
  t.equal(findPrincipal('', known), null)
  t.equal(findPrincipal(first.hash, known), null, 'the hash is not a token')
})

t.test('every known hash is compared, wherever the right one stands', async (t) => {
  const { token } = newToken()
  const known = [entry(token), ...Array.from({ length: 20 }, () => entry(newToken().token))]
  for (const order of [known, known.toReversed()]) {
    let compared = 0
    const watched = order.map((one) => ({
      ...one,
      get digest() {
        compared++
        return one.digest
      },
    }))
    t.equal(findPrincipal(token, watched)?.name, 'ci')
    t.equal(compared, known.length)
  }
})

t.test('only loopback is open, and only without tokens', async (t) => {
  t.equal(authMode('127.0.0.1', []), 'open')
  t.equal(authMode('::1', []), 'open')
  t.equal(authMode('localhost', []), 'open')
  t.equal(authMode('127.0.0.1', [{ name: 'a', hash: hashToken('x'), scopes: ['read'] }]), 'token')
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.internal',
    'localhost.example.com',
    '127.0.0.1.nip.io',
  ]) {
    t.throws(() => authMode(host, []), TokenNeeded, host)
    t.equal(authMode(host, [{ name: 'a', hash: hashToken('x'), scopes: ['read'] }]), 'token')
  }
  t.throws(() => authMode('0.0.0.0', []), /sonde token new/)
})

t.test('loopback names', async (t) => {
  for (const name of [
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '::1',
    '::ffff:127.0.0.1',
  ]) {
    t.equal(isLoopbackName(name), true, name)
  }
  for (const name of [
    '',
    'evil.com',
    'localhost.evil.com',
    '128.0.0.1',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '127.1',
    '[::2]',
  ]) {
    t.equal(isLoopbackName(name), false, name)
  }
})
