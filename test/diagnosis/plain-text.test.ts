import { join } from 'node:path'
import t from 'tap'
import { explainFunction } from '../../api/diagnosis/explain-function.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { questionOf } from '../../api/diagnosis/rehearse.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { hanging, widthOf } from '../../api/wrap.js'
import { SCENARIOS } from '../scenarios/support/all.js'

const DATA = join(process.cwd(), 'test/scenarios/data')
const LANGUAGES = ['en', 'ko'] as const
const NAMES = new Map([
  ['sg-000000000000000d1', 'orders-db'],
  ['rtb-00000000000000a11', '주문 프라이빗'],
])

/** What a scenario's function is told, all its checks in one text. */
async function told(id: string) {
  const { snapshot } = await readSnapshot(join(DATA, id, 'snapshot'))
  const flows = SCENARIOS.find((one) => one.id === id)?.flows ?? []
  const items = flows.map((flow) => {
    const { attempts: _attempts, history: _history, ...seen } = flow.seen ?? {}
    const result = flow.seen === null ? null : { target: flow.to, outcome: flow.seen.outcome, ...seen }
    const diagnosis = investigate({ snapshot, question: questionOf(flow), result })
    return { check: flow.to, subnet: null, note: null, diagnosis }
  })
  return items
}

t.test('in 80 columns no line of prose is wider, no word is broken, and commands stay whole', async (t) => {
  const bad: string[] = []
  for (const { id } of SCENARIOS) {
    const items = await told(id)
    const commands = new Set(
      items.flatMap(({ diagnosis }) => diagnosis.fixes.flatMap(({ cli }) => cli.split('\n'))),
    )
    for (const language of LANGUAGES) {
      const writing = { language, names: NAMES }
      const text = explainFunction('orders-api', items, writing)
      for (const line of text.split('\n')) {
        const bare = line.trim()
        const whole = commands.has(bare) || !bare.replace(/^(?:-|\d\.|\S+:) /, '').includes(' ')
        if (widthOf(line) > 80 && !whole) bad.push(`${id} ${language}: ${line}`)
        if (/ $/.test(line)) bad.push(`${id} ${language}: ends in a space: ${line}`)
      }
      const flat = (one: string) => one.replace(/\s+/g, ' ')
      const unbroken = explainFunction('orders-api', items, { ...writing, columns: null })
      if (flat(text) !== flat(unbroken)) bad.push(`${id} ${language}: broken lines say something else`)
      for (const command of commands)
        if (!text.includes(`\n    ${command}\n`)) bad.push(`${id} ${language}: no line is ${command}`)
    }
  }
  t.same(bad, [])
})

t.test('a paragraph, in English and in Korean', async (t) => {
  const items = await told('S3')
  const command =
    'aws ec2 authorize-security-group-ingress --group-id sg-000000000000000d1 --ip-permissions "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=sg-000000000000000f1}]"'
  t.equal(
    explainFunction('orders-api', items, { language: 'en', names: NAMES }),
    `orders-api → rds:orders
Proven: Security group sg-000000000000000d1 (orders-db) lacks an inbound rule
  for tcp/5432 from sg-000000000000000f1 (10.0.11.31).
Blocked at:
  - sg-000000000000000d1 (orders-db): ENI_SG_RULES_MISMATCH

Fix: Allow inbound tcp/5432 from sg-000000000000000f1 in sg-000000000000000d1
  (orders-db)
    ${command}
  rehearsed: the path turns open
  risk: Everything in sg-000000000000000f1 is let through on this port, and
    nothing else.
  cost: No charge of its own.
  undo: Revoke that rule of sg-000000000000000d1 (orders-db)
`,
  )
  t.equal(
    explainFunction('orders-api', items, { language: 'ko', names: NAMES }),
    `orders-api → rds:orders
증명됨: 보안 그룹 sg-000000000000000d1 (orders-db)에 sg-000000000000000f1
  (10.0.11.31)에서 들어오는 tcp/5432 인바운드 규칙이 없습니다.
막힌 곳:
  - sg-000000000000000d1 (orders-db): ENI_SG_RULES_MISMATCH

조치: sg-000000000000000d1 (orders-db)에 sg-000000000000000f1에서 오는 인바운드
  tcp/5432 허용
    ${command}
  예행: 경로가 열립니다
  위험: 이 포트에 대해 sg-000000000000000f1만 허용됩니다.
  비용: 별도 비용이 없습니다.
  되돌리기: sg-000000000000000d1 (orders-db)의 그 규칙을 제거
`,
  )
})

t.test('what a summary has told already is not told again', async (t) => {
  const [item] = await told('N12')
  if (item === undefined) throw new Error('N12 has a flow')
  const text = explainFunction('orders-api', [item], { language: 'en', columns: null })
  const [first] = item.diagnosis.candidates
  t.equal(text.split(first?.text.en ?? '').length, 2, text)
})

t.test('hanging lines: wide characters, whole words, names of commands', async (t) => {
  t.strictSame(hanging('- ', 'aa bb cc dd', 2, 8), ['- aa bb', '  cc dd'])
  t.strictSame(hanging('- ', '서브넷 서브넷', 2, 12), ['- 서브넷', '  서브넷'])
  t.strictSame(hanging('- ', 'a subnet-0123456789 b', 2, 10), ['- a', '  subnet-0123456789', '  b'])
  t.strictSame(hanging('', 'by aws elbv2 create-listener only', 0, 12), [
    'by',
    'aws elbv2 create-listener',
    'only',
  ])
  t.strictSame(hanging('- ', 'aa bb cc dd', 2, null), ['- aa bb cc dd'])
  t.equal(widthOf('👩‍👩‍👧 가'), 5, 'a family of emoji is one wide character')
})
