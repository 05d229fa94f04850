import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { registerTrace } from '../../api/cli/trace.js'
import { ordersFiles, writeFiles } from './orders-snapshot.js'
import { type RunOptions, run } from './run.js'

const sonde = (args: readonly string[], options: RunOptions = {}) =>
  run(registerTrace, ['trace', ...args], options)

const root = t.testdir({})
const open = await writeFiles(join(root, 'open'), ordersFiles())
const closed = await writeFiles(join(root, 'closed'), ordersFiles({ admitted: false, defaultRoute: null }))
const partial = await writeFiles(
  join(root, 'partial'),
  ordersFiles({ without: ['describe-network-acls', 'describe-security-groups'] }),
)
const toDatabase = ['--from', 'orders', '--to', 'rds:orders-db']

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

t.test('the verdict is the exit code', async (t) => {
  const reachable = await sonde(['--snapshot', open, ...toDatabase])
  t.equal(reachable.stderr, '')
  t.equal(reachable.code, 0)
  t.match(reachable.stdout, /^REACHABLE {2}.*rds:orders-db/)
  const unreachable = await sonde(['--snapshot', closed, ...toDatabase])
  t.equal(unreachable.code, 1)
  t.match(unreachable.stdout, /^UNREACHABLE/)
  t.match(unreachable.stdout, /✗ .*sg-0d/)
  const unknown = await sonde(['--snapshot', partial, ...toDatabase])
  t.equal(unknown.code, 3)
  t.match(unknown.stdout, /^UNKNOWN/)
  t.match(unknown.stdout, /describe-security-groups/)
})

t.test('--json is the contract', async (t) => {
  const { stdout, code } = await sonde(['--snapshot', closed, ...toDatabase, '--json'])
  t.equal(code, 1)
  const trace = JSON.parse(stdout)
  t.match(trace, {
    version: 1,
    verdict: 'unreachable',
    blockers: [
      { code: 'ENI_SG_RULES_MISMATCH', component: 'sg-0d', direction: 'forward', text: { en: /./, ko: /./ } },
    ],
    hops: Array,
    returnHops: Array,
    missing: Array,
    perSubnet: [{ subnet: 'subnet-0b' }],
  })
})

t.test('paths are relative to the working folder, the language is chosen', async (t) => {
  const korean = await sonde(['--snapshot', 'closed', ...toDatabase, '--lang', 'ko'], { cwd: root })
  t.match(korean.stdout, /^도달 불가/)
  const colour = await sonde(['--snapshot', 'closed', ...toDatabase], { cwd: root, isTTY: true })
  t.ok(colour.stdout.includes('\u001b['))
})

t.test('bad input is a line on stderr and exit 2', async (t) => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [toDatabase, /--snapshot is missing/],
    [['--snapshot', open, '--to', 'internet'], /--from is missing/],
    [['--snapshot', open, '--from', 'orders'], /--to is missing/],
    [['--snapshot', join(root, 'none'), ...toDatabase], /none: no such file or folder/],
    [
      ['--snapshot', open, ...toDatabase, '--port', '70000'],
      /--port: expected a port from 0 to 65535, found "70000"/,
    ],
    [['--snapshot', open, ...toDatabase, '--source-port', '-1'], /--source-port: expected a port/],
    [['--snapshot', open, ...toDatabase, '--protocol', 'carrier-pigeon'], /protocol: expected tcp, udp/],
    [['--snapshot', open, ...toDatabase, '--lang', 'fr'], /--lang: expected en or ko/],
    [['--snapshot', open, '--from', 'nobody', '--to', 'internet'], /nobody/],
    [['--snapshot', open, '--from', 'sg-0123456789abcdef0', '--to', 'internet'], /can't send packets/],
    [['--snapshot', open, '--batch', '-', '--port', '1'], /--port can't stand beside --batch/],
    [['--snapshot', open, '--batch', join(root, 'none')], /--batch .*none/],
    [['--snapshot', open, '--batch', root], /expected a file, found a folder/],
  ]
  for (const [args, message] of table) {
    const { code, stdout, stderr } = await sonde(args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.match(stderr, /^sonde trace: [^\n]*\n$/, 'one line')
  }
})

t.test('a broken file is named on stderr, and what hangs on it is unknown', async (t) => {
  const broken = await writeFiles(join(root, 'broken'), {
    ...ordersFiles(),
    'describe-security-groups.json': '{"SecurityGroups": [',
  })
  const { code, stderr } = await sonde(['--snapshot', broken, ...toDatabase])
  t.equal(code, 3)
  t.match(
    stderr,
    /^warning: describe-security-groups\.json#\/SecurityGroups\/0: not JSON at line 1, column 21/,
  )
})

t.test('--batch answers each line, in order, and goes on after a bad one', async (t) => {
  const flows = [
    { id: 1, from: 'orders', to: 'rds:orders-db' },
    { id: 'two', from: 'orders', to: '10.0.1.9:22', protocol: 'tcp' },
    {
      id: { nested: [3] },
      from: 'subnet-0b+sg-0f',
      to: 'eni-0b',
      protocol: 6,
      port: 5432,
      sourcePort: 40000,
      note: 'x',
    },
    { from: 'orders', to: 'internet', protocol: 'tcp', port: 443 },
  ]
  const bad = [
    '{"id": 5, "from": "orders"}',
    '{"id": 6, "from": "orders", "to": "internet", "port": "https"}',
    '{"id": 7, "from": "orders", "to": "internet", "protocol": true}',
    '{"id": 8, "from": "nobody", "to": "internet"}',
    '{"id": 9, "from": "orders", "to": "a b"}',
    'not json',
    '[1]',
    'null',
  ]
  const input = [...flows.map((flow) => JSON.stringify(flow)), '', ...bad, JSON.stringify(flows[0])].join(
    '\r\n',
  )
  for (const way of ['file', 'stdin'] as const) {
    await writeFile(join(root, 'flows.ndjson'), input)
    const ran =
      way === 'file'
        ? await sonde(['--snapshot', open, '--batch', 'flows.ndjson'], { cwd: root })
        : await sonde(['--snapshot', open, '--batch', '-'], { stdin: Readable.from(splitBytes(input, 7)) })
    t.equal(ran.code, 0)
    t.equal(ran.stderr, '')
    const answers = lines(ran.stdout)
    t.match(answers.slice(0, 4), [
      { id: 1, version: 1, verdict: 'reachable', protocol: 'tcp', port: 5432 },
      { id: 'two', verdict: 'unreachable', blockers: [{ component: 'sg-0d' }] },
      { id: { nested: [3] }, verdict: 'reachable' },
      { id: null, verdict: 'reachable', seenAs: '203.0.113.7' },
    ])
    t.match(answers.slice(4, 12), [
      { id: 5, error: /^to: expected a text, found nothing/ },
      { id: 6, error: /^port: expected a port from 0 to 65535, found "https"/ },
      { id: 7, error: /^protocol: expected/ },
      { id: 8, error: /nobody/ },
      { id: 9, error: /a b/ },
      { id: null, error: /^not JSON/ },
      { id: null, error: /expected an object/ },
      { id: null, error: /expected an object/ },
    ])
    t.equal(answers[12].verdict, 'reachable')
    t.equal(answers.length, 13)
    for (const answer of answers) t.equal('error' in answer, !('verdict' in answer))
  }
})

t.test('--batch answers as the lines come, not at the end', async (t) => {
  const stdin = new PassThrough()
  const ran = sonde(['--snapshot', open, '--batch', '-', '--json'], { stdin })
  stdin.write('{"id":1,"from":"orders","to":"internet"}\n{"id":2,"from":"or')
  stdin.write('ders","to":"internet"}\n')
  stdin.write(`{"id":3,"pad":"${'x'.repeat(2 * 1024 * 1024)}"}\n{"id":4,"from":"orders","to":"internet"}`)
  stdin.end()
  const { code, stdout } = await ran
  t.equal(code, 0)
  t.match(lines(stdout), [
    { id: 1 },
    { id: 2 },
    { id: null, error: /longer than/ },
    { id: 4, verdict: 'reachable' },
  ])
})

/** Pieces of a few bytes, which cut through lines and characters. */
function splitBytes(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
