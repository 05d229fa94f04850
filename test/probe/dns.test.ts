import t from 'tap'
import { dnsFamily, judgeDns } from '../../probe/checks/dns.js'
import type { DnsCheck } from '../../probe/plan.schema.js'
import { startDnsServer } from '../support/dns-server.js'
import { runChecks } from './support.js'

const zone = {
  'db.test': { a: ['10.0.3.4', '10.0.4.4'], aaaa: ['fd00::4'] },
  'public.test': { a: ['203.0.113.9'] },
  'broken.test': 'SERVFAIL',
} as const

t.test('a dns check through a real name server', async (t) => {
  const dns = await startDnsServer(zone)
  t.teardown(dns.stop)
  const results = await runChecks(
    [
      { name: 'both', kind: 'dns', host: 'db.test' },
      { name: 'a', kind: 'dns', host: 'db.test', type: 'A', addresses: ['10.0.0.0/16'] },
      { name: 'aaaa', kind: 'dns', host: 'public.test', type: 'AAAA' },
      { name: 'stray', kind: 'dns', host: 'public.test', addresses: ['10.0.0.0/8', 'fd00::/8'] },
      { name: 'gone', kind: 'dns', host: 'gone.test' },
      { name: 'gone-as-hoped', kind: 'dns', host: 'gone.test', expect: 'unreachable' },
      { name: 'broken', kind: 'dns', host: 'broken.test' },
    ],
    { env: { SONDE_DNS_SERVERS: dns.address } },
  )
  t.match(results, {
    both: {
      outcome: 'ok',
      target: 'db.test',
      address: '10.0.3.4',
      addressKind: 'private',
      detail: { answers: ['10.0.3.4', '10.0.4.4', 'fd00::4'] },
    },
    a: { outcome: 'ok', asExpected: true, detail: { answers: ['10.0.3.4', '10.0.4.4'] } },
    aaaa: { outcome: 'dns_not_found', endedIn: 'dns', detail: { code: 'ENODATA' }, address: null },
    stray: {
      outcome: 'wrong_path',
      endedIn: 'dns',
      address: '203.0.113.9',
      addressKind: 'public',
      detail: { message: /203\.0\.113\.9, expected 10/ },
    },
    gone: {
      outcome: 'dns_not_found',
      asExpected: false,
      attempts: [{}, {}],
      detail: { code: 'ENOTFOUND', resolver: [dns.address] },
    },
    'gone-as-hoped': { outcome: 'dns_not_found', asExpected: true },
    broken: { outcome: 'dns_failed' },
  })
  for (const result of Object.values(results))
    t.ok((result.phases.dns ?? 0) > 0, `${result.check}: the phase is timed`)
})

t.test('names are bound by the allow-list, and answers where only ranges allow', async (t) => {
  const dns = await startDnsServer(zone)
  t.teardown(dns.stop)
  const env = { SONDE_DNS_SERVERS: dns.address }
  const checks = [
    { name: 'db', kind: 'dns', host: 'db.test' },
    { name: 'public', kind: 'dns', host: 'public.test' },
  ] as const
  const named = await runChecks(checks, { env: { ...env, SONDE_ALLOW: '*.internal,db.test' } })
  t.match(named, { db: { outcome: 'ok' }, public: { outcome: 'not_allowed' } })
  t.notOk(
    dns.questions.some((question) => question.includes('public')),
    'a refused name is not even asked',
  )
  const ranged = await runChecks(checks, { env: { ...env, SONDE_ALLOW: '10.0.0.0/8,fd00::/8' } })
  t.match(ranged, { db: { outcome: 'ok' }, public: { outcome: 'not_allowed', address: null } })
  t.notMatch(JSON.stringify(ranged['public']), '203.0.113.9', 'an answer outside is withheld')
})

t.test('which family a check asks for', async (t) => {
  const check: DnsCheck = { name: 'x', kind: 'dns', host: 'x.test' }
  t.equal(dnsFamily(check), 'any')
  t.equal(dnsFamily({ ...check, type: 'A' }), 'ipv4')
  t.equal(dnsFamily({ ...check, type: 'AAAA' }), 'ipv6')
  t.equal(dnsFamily({ ...check, family: 'ipv6' }), 'ipv6')
})

t.test('every answer must lie in the expected ranges, not one of them', async (t) => {
  const check: DnsCheck = { name: 'x', kind: 'dns', host: 'x.test', addresses: ['10.0.0.0/8'] }
  const addresses = [
    { address: '10.0.0.1', family: 4 as const },
    { address: '192.0.2.1', family: 4 as const },
  ]
  const finding = judgeDns(check, { addresses, ms: 1, resolver: [], warnings: [] })
  t.match(finding, { outcome: 'wrong_path', address: '192.0.2.1' })
})
