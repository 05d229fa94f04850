import t from 'tap'
import { applyChanges } from '../api/diagnosis/apply.js'
import type { Change } from '../api/diagnosis/diagnosis.js'
import { ask, questionOf } from '../api/diagnosis/rehearse.js'
import { parseLine } from '../api/ingest/parse.js'
import { koreanOf } from '../api/korean-messages.js'
import { parseDestination, parseSource } from '../api/network/selectors.js'
import { snapshotFromDocuments } from '../api/snapshot/documents.js'
import { parseJson } from '../api/snapshot/json.js'
import { fullSnapshot } from './diagnosis/support/snapshots.js'
import { IDS } from './scenarios/support/world.js'
import { englishIn } from './support/prose.js'

/** Names, fields and forms that the messages carry. */
const NAMES = new Set([
  'nobody',
  'nat',
  'x',
  'a',
  'b',
  'rds',
  'service',
  'i',
  'eni',
  'replace',
  'run',
  'part',
  'probe',
  'results',
])

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error(`nothing was refused: ${work}`)
}

const snapshot = fullSnapshot()
const TABLE = 'rtb-00000000000000a11'
const route = { kind: 'nat-gateway', id: 'nat-000000000000000a1' } as const
const sg = { kind: 'authorize-security-group', protocol: 'tcp', fromPort: 5432, toPort: 5432 } as const
const entry = {
  kind: 'put-network-acl-entry',
  networkAclId: IDS.aclDefault,
  egress: false,
  action: 'allow',
  protocol: '6',
  cidr: '0.0.0.0/0',
  fromPort: 1,
  toPort: 1,
} as const

/** Changes that do not fit the network. */
const MISFITS: readonly Change[] = [
  { ...sg, direction: 'ingress', groupId: IDS.groupDatabase, peer: { groupId: IDS.groupFunction } },
  {
    ...sg,
    kind: 'revoke-security-group',
    direction: 'egress',
    groupId: IDS.groupDatabase,
    peer: { cidr: '10.9.9.0/24' },
  },
  { ...sg, direction: 'ingress', groupId: 'sg-0123456789abcdef0', peer: { cidr: '10.9.9.0/24' } },
  { ...entry, ruleNumber: 100 },
  { ...entry, ruleNumber: 40_000 },
  { kind: 'delete-network-acl-entry', networkAclId: IDS.aclDefault, egress: true, ruleNumber: 77 },
  { kind: 'put-route', routeTableId: TABLE, destination: '0.0.0.0/0', target: route, replace: false },
  { kind: 'put-route', routeTableId: TABLE, destination: '192.0.2.0/24', target: route, replace: true },
  { kind: 'delete-route', routeTableId: TABLE, destination: '192.0.2.0/24' },
  { kind: 'delete-route', routeTableId: TABLE, destination: '10.0.0.0/16' },
]

t.test('what the server refuses, it refuses in Korean too', async (t) => {
  const messages = [
    ...['', 'x y', 'internet', 'subnet-1', 'subnet-1+x', 'i-1@x', 'rds:x'].map((text) =>
      messageOf(() => ask(snapshot, questionOf({ from: text, to: 'internet' }))),
    ),
    ...['', 'x:99999', 'x:a', '[x]:1', 'service:', 'rds:', '10.0.0.0/8', '10.0.0', 'a b', 'eni-1@x'].map(
      (text) => messageOf(() => parseDestination(text)),
    ),
    messageOf(() => parseDestination('x:1', 2)),
    messageOf(() => parseDestination('x', 99_999)),
    messageOf(() => parseSource('orders-api@x')),
    ...[
      ['nobody', 'internet'],
      ['i-0123456789abcdef0', 'internet'],
      ['orders-api', 'i-0123456789abcdef0'],
      ['orders-api@192.0.2.1', 'internet'],
    ].map(([from = '', to = '']) => messageOf(() => ask(snapshot, questionOf({ from, to, port: 443 })))),
    ...MISFITS.map((change) => messageOf(() => applyChanges(snapshot, [change]))),
  ]
  for (const message of messages) {
    const korean = koreanOf(message)
    t.same(korean === null ? message : englishIn(korean, NAMES), [], korean ?? message)
  }
})

t.test('so are lines and files that can not be read', async (t) => {
  const lines = [
    '{"sonde":1,',
    '"sonde":1,"x":2}',
    '{"sonde":1}',
    '{"sonde":99,"x":2}',
    '{"sonde":1,"run":3}',
    `{"message":{"message":{"message":{"message":{"message":{"sonde":1}}}}}}`,
  ].map((line) => {
    const parsed = parseLine(line)
    return parsed.kind === 'reject' ? parsed.reject.reason : `taken: ${line}`
  })
  const json = ['{"a": [', '', '{"a" 1}', '[1,]', '{} {}'].map((text) => {
    const parsed = parseJson(text)
    return parsed.ok ? `read: ${text}` : parsed.message
  })
  const files = snapshotFromDocuments({
    files: {
      'describe-vpcs.json': [],
      'describe-vpc.json': {},
      'x.txt': {},
      'snapshot.json': { version: 99 },
    },
  }).problems.map(({ message }) => message)
  t.ok(files.length >= 3, `${files.length} problems`)
  for (const message of [...lines, ...json, ...files]) {
    const korean = koreanOf(message)
    t.same(korean === null ? message : englishIn(korean, NAMES), [], korean ?? message)
  }
})

t.test('a sentence that is not known is left alone', async (t) => {
  t.equal(koreanOf('the moon is made of cheese'), null)
})
