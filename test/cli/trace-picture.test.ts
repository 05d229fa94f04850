import t from 'tap'
import { safe, screenOf, widthOf, wrap } from '../../api/cli/screen.js'
import { drawTrace } from '../../api/cli/trace-picture.js'
import { languageAsked } from '../../api/cli/usage.js'
import { absence, setting } from '../../api/network/deciding-rule.js'
import type { Hop, SubnetTrace, Trace } from '../../api/network/path.js'
import { groupEntry, noGroupRule, traffic } from '../../api/network/text/rules.js'
import { sink } from './run.js'

const packet = { source: '10.0.1.4', destination: '10.0.2.9', sourcePort: null, destinationPort: 5432 }
const text = {
  en: 'sg-database lets no tcp/5432 in from sg-function.',
  ko: 'sg-database가 sg-function에서 오는 tcp/5432를 허용하지 않습니다.',
}

const hop = (kind: Hop['kind'], component: string, over: Partial<Hop> = {}): Hop => ({
  kind,
  component,
  verdict: 'pass',
  code: null,
  rule: null,
  text: { en: '', ko: '' },
  packet,
  ...over,
})

const asked = { en: 'tcp/5432', ko: 'tcp/5432' }
const rule = absence('sg-database', noGroupRule(asked, false, 'sg-function'))
const closed: SubnetTrace = {
  subnet: 'subnet-0aaaaaaaaaaaaaaaa',
  availabilityZone: 'eu-west-1a',
  verdict: 'unreachable',
  blockers: [
    {
      code: 'ENI_SG_RULES_MISMATCH',
      component: 'sg-database',
      direction: 'forward',
      rule,
      text,
      subnet: 'subnet-0aaaaaaaaaaaaaaaa',
    },
  ],
  hops: [
    hop('lambda', 'orders'),
    hop('security-group', 'sg-function', {
      rule: setting('sg-function', groupEntry(traffic(null, null, null), true, '0.0.0.0/0')),
    }),
    hop('security-group', 'sg-database', { verdict: 'block', code: 'ENI_SG_RULES_MISMATCH', rule, text }),
    hop('target', 'orders-db', { verdict: 'unknown', code: 'DB_STATUS_UNKNOWN', text }),
  ],
  returnHops: [],
  missing: [{ call: 'describe-network-acls', component: 'acl-1', text }],
  seenAs: '203.0.113.7',
  resolved: ['10.0.2.9'],
  notes: [{ code: 'GATEWAY_ENDPOINT_BYPASSED', component: null, text }],
}
const TRACE: Trace = {
  ...closed,
  version: 1,
  source: 'orders',
  destination: 'rds:orders-db',
  protocol: 'tcp',
  port: 5432,
  perSubnet: [closed, { ...closed, subnet: 'subnet-b', verdict: 'reachable', blockers: [] }],
}

const plain = screenOf(sink().stream, {})

t.test('the picture says everything, within 80 columns', async (t) => {
  const picture = drawTrace(TRACE, 'en', plain)
  t.equal(
    picture,
    `UNREACHABLE  orders → rds:orders-db  tcp/5432
  from subnet-0aaaaaaaaaaaaaaaa (eu-west-1a)
  the name resolves to 10.0.2.9
  the target sees 203.0.113.7

Out
  ●  lambda          orders
  ●  security-group  sg-function
  │      all to 0.0.0.0/0
  ✗  security-group  sg-database  ENI_SG_RULES_MISMATCH
  │      no inbound rule for tcp/5432 from sg-function
  │      sg-database lets no tcp/5432 in from sg-function.
  ?  target          orders-db  DB_STATUS_UNKNOWN
         sg-database lets no tcp/5432 in from sg-function.

Blocked by
  1. ENI_SG_RULES_MISMATCH  sg-database  (out, subnet-0aaaaaaaaaaaaaaaa)
     sg-database lets no tcp/5432 in from sg-function.
     absent sg-database: no inbound rule for tcp/5432 from sg-function

Missing, so not decided
  - describe-network-acls acl-1: sg-database lets no tcp/5432 in from
    sg-function.

Notes
  - GATEWAY_ENDPOINT_BYPASSED: sg-database lets no tcp/5432 in from sg-function.

From each subnet
  ✗  subnet-0aaaaaaaaaaaaaaaa  eu-west-1a  UNREACHABLE  ENI_SG_RULES_MISMATCH
     sg-database
  ●  subnet-b                  eu-west-1a  REACHABLE
`,
  )
})

t.test('one blocker for several subnets is told once', async (t) => {
  const blockers = ['subnet-a', 'subnet-b', 'subnet-b'].flatMap((subnet) =>
    closed.blockers.map((one) => ({ ...one, subnet })),
  )
  const picture = drawTrace({ ...TRACE, blockers }, 'en', plain)
  t.match(picture, '1. ENI_SG_RULES_MISMATCH  sg-database  (out, subnet-a, subnet-b)')
  t.notMatch(picture, '  2. ')
})

t.test('Korean, narrow, long names: no line is wider than the terminal', async (t) => {
  const long = { ...TRACE, source: `arn:aws:lambda:eu-west-1:111122223333:function:${'x'.repeat(140)}` }
  for (const columns of [40, 60, 80, 200]) {
    const screen = screenOf(sink({ columns }).stream, {})
    for (const language of ['en', 'ko'] as const) {
      for (const line of drawTrace(long, language, screen).split('\n')) {
        t.ok(widthOf(line) <= Math.min(columns, 100), `${columns} ${line}`)
      }
    }
  }
  const korean = drawTrace(TRACE, 'ko', plain)
  t.match(korean, /도달 불가.*가는 길.*허용하지 않습니다/s)
  t.match(korean, '│      모든 트래픽, 대상 0.0.0.0/0')
  t.match(korean, '구성 sg-database: sg-function에서 오는 tcp/5432 인바운드 규칙 없음')
})

t.test('colour on a terminal alone, and never against NO_COLOR', async (t) => {
  const colour = '\u001b['
  const draw = (isTTY: boolean, env: Record<string, string>) =>
    drawTrace(TRACE, 'en', screenOf(sink({ isTTY }).stream, env))
  t.ok(draw(true, {}).includes(`${colour}31;1mUNREACHABLE`))
  t.ok(draw(true, { NO_COLOR: '' }).includes(colour), 'an empty NO_COLOR is none')
  t.notOk(draw(false, {}).includes(colour))
  t.notOk(draw(true, { NO_COLOR: '1' }).includes(colour))
  t.notOk(draw(true, { TERM: 'dumb' }).includes(colour))
})

t.test('names from a snapshot can’t steer the terminal', async (t) => {
  const evil = '\u001b]0;owned\u0007\u202e'
  t.notMatch(drawTrace({ ...TRACE, source: evil, destination: evil }, 'en', plain), '\u001b')
  t.equal(safe(evil), '\ufffd]0;owned\ufffd\ufffd')
})

t.test('widths and wrapping', async (t) => {
  t.equal(widthOf('abc'), 3)
  t.equal(widthOf('서브넷'), 6)
  t.equal(widthOf('é'.normalize('NFD')), 1)
  t.strictSame(wrap('aa bb cc', 5), ['aa bb', 'cc'])
  t.strictSame(wrap('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij'])
  t.strictSame(wrap('', 5), [''])
})

t.test('the language', async (t) => {
  const asked = (args: readonly string[], env: Record<string, string> = {}) => languageAsked(args, env)
  t.equal(asked(['trace']), 'en')
  t.equal(asked(['trace'], { LANG: 'ko_KR.UTF-8' }), 'ko')
  t.equal(asked(['trace'], { LANG: 'ko_KR.UTF-8', LC_ALL: 'C' }), 'en')
  t.equal(asked(['trace'], { LANG: 'kok_IN' }), 'en')
  t.equal(asked(['trace', '--lang', 'en'], { LANG: 'ko_KR.UTF-8' }), 'en')
  t.equal(asked(['--lang=ko', 'trace']), 'ko')
  t.equal(
    asked(['lab', 'shell', 'eni-1', '--', 'x', '--lang', 'ko']),
    'en',
    'what stands behind -- is another’s',
  )
  t.equal(asked(['trace', '--lang', 'fr'], { LANG: 'ko_KR.UTF-8' }), 'ko', 'refused, in the user’s language')
})
