import fc from 'fast-check'
import t from 'tap'
import { josa, refitted } from '../../api/korean.js'
import { withNames } from '../../api/network/map/name-ids.js'

const SEED = 20_261
t.comment(`fast-check seed ${SEED}`)

/** Words by how they end as they are read: 가, 로; 이, 로; 이, 으로. */
const VOWEL = [
  '함수',
  'orders-api',
  'sg-0000000000000000e',
  'rtb-0aaaaaaaaaaaaaaaf',
  'subnet-4',
  '10.0.2.9',
  'fd00::5',
  'ap-northeast-2a',
  'VPC',
  'RDS',
  'DynamoDB',
  'Amazon S3',
  'IPv4',
  'IPv6',
  'CIDR',
  'NAT',
  'Lambda',
  'server',
  'root',
  'catalog',
  'port',
  'health-check',
]
const RIEUL = ['테이블', 'nat-1', '10.0.0.7', 'subnet-8', 'profile', 'Aurora MySQL', 'ECR', 'URL', 'app-ml']
const CONSONANT = [
  '서브넷',
  '보안 그룹',
  'sg-0000000000000000a3',
  'eni-6',
  '10.0.0.0/16',
  '0.0.0.0/0',
  '203.0.113.10',
  '443',
  'ALB-N',
  'SSM',
  'internet',
  'connect_timeout',
  'rds:backup',
  'public',
  'job',
  'report-builder-stream',
  'availability-zone',
  'routing',
  'shop-app',
]

t.test('a particle fits the word before it', async (t) => {
  const cases = [
    [VOWEL, ['가', '를', '는', '와', '로', '']],
    [RIEUL, ['이', '을', '은', '과', '로', '이']],
    [CONSONANT, ['이', '을', '은', '과', '으로', '이']],
  ] as const
  for (const [words, forms] of cases) {
    for (const word of words) {
      const said = josa`${word}이(가) ${word}을(를) ${word}은(는) ${word}과(와) ${word}(으)로 ${word}(이)며`
      t.equal(said, forms.map((form, index) => word + form + (index === 5 ? '며' : '')).join(' '))
    }
  }
})

t.test('what is not read does not count', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    [josa`규칙 '${'sg-1'}'이(가)`, "규칙 'sg-1'이"],
    [josa`“${'orders-api'}”을(를)`, '“orders-api”를'],
    [josa`${'subnet-4 (ap-northeast-2c)'}(으)로`, 'subnet-4 (ap-northeast-2c)로'],
    [josa`orders-db (${'sg-00000000000000003'})을(를)`, 'orders-db (sg-00000000000000003)를'],
    [josa`(${'10.0.0.3'})이(가)`, '(10.0.0.3)이'],
    [josa`${'0.0.0.0/0 → nat-2 (blackhole)'}이(가)`, '0.0.0.0/0 → nat-2 (blackhole)가'],
    [josa`${'*.example.com'}은(는)`, '*.example.com은'],
    [josa`${'5 %'}이(가)`, '5 %가'],
    [josa`${'https://example.test/'}을(를)`, 'https://example.test/를'],
  ]
  for (const [said, wanted] of cases) t.equal(said, wanted)
})

t.test('what is put in stays as it is, and both forms stay where nothing can be read', async (t) => {
  t.equal(josa`${'이(가)'}을(를)`, '이(가)를')
  t.equal(josa`${'…'}이(가) ${'東京'}은(는) ${'→'}(으)로`, '…이(가) 東京은(는) →(으)로')
  t.equal(josa`${'sg-1'}, ${0}개, ${undefined}`, 'sg-1, 0개, ')
})

t.test('properties', async (t) => {
  const runs = { seed: SEED, numRuns: 500 }
  const syllable = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCharCode(code))
  fc.assert(
    fc.property(fc.string(), syllable, (before, last) => {
      // Unicode composes a syllable of its parts; it has a third one where it ends in a consonant.
      const ends = last.normalize('NFD').length === 3
      return josa`${before}${last}이(가)` === `${before}${last}${ends ? '이' : '가'}`
    }),
    runs,
  )
  const id = fc
    .tuple(fc.constantFrom('sg', 'rtb', 'subnet', 'nat', 'acl'), fc.stringMatching(/^[0-9a-f]{17}$/))
    .map(([kind, rest]) => `${kind}-${rest}`)
  fc.assert(
    fc.property(id, (word) => josa`${word}이(가)` === word + (/[013678]$/.test(word) ? '이' : '가')),
    runs,
  )
  fc.assert(
    fc.property(fc.string(), (word) => {
      const rest = josa`${word}을(를)`.slice(word.length)
      return ['을', '를', '을(를)'].includes(rest) && josa`${word}을(를)`.startsWith(word)
    }),
    runs,
  )
  fc.assert(
    fc.property(id, fc.constantFrom(...VOWEL, ...RIEUL, ...CONSONANT), (one, other) =>
      [josa`${other}이(가) `, josa`${other}(으)로, `, josa`${other}과(와) `].every(
        (wanted, index) =>
          other +
            refitted(
              other,
              [josa`${one}이(가) `, josa`${one}(으)로, `, josa`${one}과(와) `][index]?.slice(one.length) ??
                '',
            ) ===
          wanted,
      ),
    ),
    runs,
  )
  t.pass()
})

t.test('a name in the place of an id brings its own particle', async (t) => {
  const names = new Map([
    ['sg-00000000000000003', 'shop-app'],
    ['nat-00000000000000002', 'edge'],
    ['rtb-00000000000000001', 'private'],
  ])
  const lead = (id: string, name: string) => `${name} (${id})`
  const told = (text: string) => withNames(text, names, lead)
  t.equal(told('sg-00000000000000003이 막습니다.'), 'shop-app (sg-00000000000000003)이 막습니다.')
  t.equal(told('nat-00000000000000002로 보냅니다.'), 'edge (nat-00000000000000002)로 보냅니다.')
  t.equal(told('rtb-00000000000000001을 따릅니다.'), 'private (rtb-00000000000000001)를 따릅니다.')
  t.equal(told('rtb-00000000000000001입니다.'), 'private (rtb-00000000000000001)입니다.')
  t.equal(withNames('rtb-00000000000000001이', names), 'rtb-00000000000000001 (private)이', 'the id leads')
})
