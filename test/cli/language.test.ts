import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { widthOf } from '../../api/wrap.js'
import { englishIn } from '../support/prose.js'
import { type Ran, type RunOptions, runSonde } from './run.js'

const KOREAN = { LANG: 'ko_KR.UTF-8' }
const data = (id: string) => join(process.cwd(), 'test/scenarios/data', id, 'snapshot')

/** What commands, options, files and outcomes are called: nobody's prose. */
const NAMES = new Set(
  `sonde serve discover status run probe ingest rebuild trace diagnose rehearse diff sample lab snapshot token export store config help
  create check new schema up shell break fix fuzz score record list options command name log file before after eni
  dir source destination number language host port url scope format time id site component mode level seconds names region
  pattern ms limit npm start en ko auto recording off debug info warn error fatal silent read ingest admin ndjson parquet
  yaml yml json gzip Athena DuckDB Parquet AWS_PROFILE Ctrl-C NAME ENI Batch From To Describe Schema YAML UTF-8 iproute2 nftables
  nat isolated peering h V reachable unreachable connect_refused deadline all icmp orders ledger internet plan x nowhere fr changes kind list`.split(
    /\s+/,
  ),
)

/** Korean lines with English in them. */
function leftEnglish(text: string, names: readonly string[] = []): readonly string[] {
  const known = new Set([...NAMES, ...names])
  return text.split('\n').flatMap((line) => {
    const words = englishIn(line.replace(/[<[](?:options|[\w.-]+)[\]>]/g, ' '), known)
    return words.length === 0 ? [] : [`${words.join(' ')}: ${line}`]
  })
}

const both = async (args: readonly string[], options: RunOptions = {}): Promise<{ ko: Ran; en: Ran }> => ({
  ko: await runSonde(args, { ...options, env: { ...options.env, ...KOREAN } }),
  en: await runSonde(args, options),
})

/** A port of loopback on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const COMMANDS = [
  ...[
    'serve',
    'discover',
    'status',
    'run',
    'probe',
    'ingest',
    'rebuild',
    'trace',
    'diagnose',
    'rehearse',
    'diff',
  ],
  ...[
    'sample',
    'snapshot',
    'export',
    'lab',
    'lab list',
    'lab run',
    'lab up',
    'lab shell',
    'lab break',
    'lab fix',
  ],
  ...['lab fuzz', 'lab record', 'lab score', 'token', 'token new', 'store', 'store create', 'store check'],
  ...['config', 'config check', 'config schema'],
].map((line) => line.split(' '))

t.test('help is in one language, within the columns of the terminal', async (t) => {
  for (const command of [[], ...COMMANDS]) {
    const { ko, en } = await both([...command, '--help'])
    t.equal(ko.code, 0)
    t.same(leftEnglish(ko.stdout), [], command.join(' '))
    t.notMatch(en.stdout, /[가-힣]/, command.join(' '))
    if (command.length > 0) t.match(ko.stdout, /^ +--lang|명령:/m)
    for (const { stdout } of [ko, en]) {
      const wide = stdout.split('\n').filter((line) => widthOf(line) > 80 && / \S+ \S/.test(line.trim()))
      t.same(wide, [], command.join(' '))
    }
  }
})

t.test('what is wrong with a command line is told in one language, exit 2, without a stack', async (t) => {
  const root = t.testdir({
    empty: {},
    'empty.json': '',
    'broken.json': '{"changes": [',
    'list.json': '[]',
    'wrong.json': '[{"kind": "nothing"}]',
    'broken.yaml': 'checks:\n  - name: a\n   kind: tcp\n',
    'plan.yaml':
      'version: 1\nchecks:\n  - name: a\n    kind: tcpp\n    host: 127.0.0.1\n  - kind: tcp\n    host: "1.2.3.4:5"\n',
    'sonde.yaml': 'serverr: {}\nserver:\n  port: x\n  trustProxy: 1\ntokens:\n  - name: a\n',
    'words.log': 'START\nEND\n',
    snapshot: { 'describe-vpcs.json': '{"Vpcs": [' },
    'no-snapshot': { 'readme.json': '{}' },
  })
  // The configuration's own paths are relative to the process.
  const at = (name: string) => join(root, name)
  const nobody = `http://127.0.0.1:${await closedPort()}`
  const flow = ['--from', 'orders-api', '--to', 'rds:orders']
  const trace = (...args: string[]) => ['trace', '--snapshot', data('S3'), ...args]
  const lines: readonly (readonly string[])[] = [
    ['nonsense'],
    ['trac'],
    ['trace', '--snapshoot', 'x'],
    ['trace', '--snapshot'],
    ['trace', 'extra'],
    ['trace', '--lang', 'fr'],
    ['diff'],
    ['diff', data('S3')],
    ['lab', 'run'],
    ['sample', '--break', 'x', '--reset'],
    ['trace'],
    trace('--from', 'x'),
    trace('--to', 'internet'),
    trace('--from', 'nobody', '--to', 'internet'),
    trace(...flow, '--port', 'https'),
    trace(...flow, '--protocol', 'carrier'),
    trace('--from', 'sg-0123456789abcdef0', '--to', 'internet'),
    trace('--from', 'orders-api', '--to', 'a b'),
    trace('--from', 'orders-api', '--to', '10.0.0.0/8'),
    trace('--from', 'orders-api', '--to', 'rds:nothing'),
    trace('--from', 'orders-api', '--to', 'lb:nothing'),
    trace('--batch', 'none'),
    trace('--batch', 'empty'),
    trace('--batch', '-', '--port', '1'),
    ['trace', '--snapshot', 'none', ...flow],
    ['trace', '--snapshot', 'empty', ...flow],
    ['trace', '--snapshot', 'words.log', ...flow],
    ['trace', '--snapshot', 'no-snapshot', ...flow],
    ['diagnose'],
    ['diagnose', '--snapshot', data('S3')],
    ['diagnose', '--snapshot', data('S3'), '--reports', 'none'],
    ['diagnose', '--snapshot', data('S3'), '--reports', 'empty'],
    ['diagnose', '--snapshot', data('S3'), '--reports', 'words.log'],
    ['rehearse'],
    ['rehearse', '--snapshot', data('S3')],
    ...['none', 'empty', 'empty.json', 'broken.json', 'list.json', 'wrong.json'].map((file) => [
      ...['rehearse', '--snapshot', data('S3'), ...flow, '--fix', file],
    ]),
    ['diff', data('S3'), 'none'],
    ['probe'],
    ...['none', 'empty', 'empty.json', 'broken.json', 'broken.yaml', 'plan.yaml'].map((file) => [
      'probe',
      '--plan',
      file,
    ]),
    ['probe', '--plan', 'plan.yaml', '--timeout', 'soon'],
    ['probe', '--plan', 'plan.yaml', '--allow', '10.0.0.1/8'],
    ['discover', '--snapshot', 'none'],
    ['discover', '--out', 'empty', '--snapshot', data('S3')],
    ['discover', '--out', 'nowhere/x.yaml', '--snapshot', data('S3')],
    ['discover', '--out', 'sonde.yaml', '--snapshot', data('S3')],
    ['discover'],
    ['discover', '--region', 'mars'],
    ['snapshot'],
    ['snapshot', '--region', 'eu-west-1'],
    ['snapshot', '--region', 'eu-west-1', '--out', 'words.log'],
    ['snapshot', '--region', 'eu-west-1', '--out', 'no-snapshot'],
    ['status', '--url', 'ftp://x'],
    ['status', '--url', nobody],
    ['status', '--limit', '0', '--url', nobody],
    ['run'],
    ['run', 'orders', '--url', nobody],
    ['sample', '--url', nobody],
    ['config', 'check'],
    ['config', 'check', 'none'],
    ['config', 'check', 'empty'],
    ['config', 'check', 'sonde.yaml'],
    ['config', 'check', 'broken.yaml'],
    ['serve', '--port', 'x'],
    ['serve', '--log-level', 'loud', '--sample', 'maybe'],
    ['serve', '--config', at('none')],
    ['serve', '--host', '0.0.0.0', '--no-sample', '--port', '0'],
    ['serve', '--data', at('words.log'), '--no-sample', '--port', '0'],
    ['ingest', 'none', '--data', at('store')],
    ['ingest', 'empty', '--data', at('store')],
    ['ingest'],
    ['ingest', 'words.log', '--data', at('words.log')],
    ['rebuild'],
    ['rebuild', 'none', '--data', at('rebuilt')],
    ['rebuild', 'words.log', '--data', at('rebuilt')],
    ['rebuild', 'words.log', '--since', 'soon'],
    ['rebuild', 'words.log', '--table', 'abc'],
    ['export'],
    ['export', '--format', 'csv'],
    ['export', '--out', 'x', '--from', 'soon'],
    ['export', '--out', '-', '--format', 'parquet'],
    ['export', '--out', 'x', '--data', at('empty')],
    ['store', 'check'],
    ['store', 'check', '--config', at('none')],
    ['token', 'new', '--scope', 'god'],
    ['token', 'new', '--name', '!'],
    ['lab', 'list', '--data', 'none'],
    ['lab', 'run', 'nonsense'],
    ['lab', 'run', 'empty'],
    ['lab', 'up', 'sample', '--interval', 'soon'],
    ['lab', 'fuzz', '--count', '-1'],
    ['lab', 'fuzz', '--count', '0'],
    ['lab', 'score', '--jobs', '99'],
    ['lab', 'score', '--families', 'nothing'],
    ['lab', 'break', 'S3'],
    ['lab', 'fix', 'S3'],
    ['lab', 'shell', 'eni-1'],
  ]
  const cwd = root
  mkdirSync(join(root, 'run'), { mode: 0o700 })
  const env = { SONDE_RUNTIME_DIR: join(root, 'run') }
  for (const args of lines) {
    const { ko, en } = await both(args, { cwd, env })
    const asked = args.join(' ')
    t.equal(en.code, 2, asked)
    t.equal(ko.code, 2, asked)
    t.equal(en.stdout, '', asked)
    t.match(en.stderr, /\S/, asked)
    t.notMatch(`${ko.stderr}${en.stderr}`, /\n {4}at |undefined|\[object|Error: /, asked)
    t.notMatch(en.stderr, /[가-힣]/, asked)
    t.same(
      leftEnglish(ko.stderr, [
        'nonsense',
        'trac',
        'protocol',
        'service',
        'tcpp',
        'aws',
        'serverr',
        'rds',
        'csv',
        'god',
        'nobody',
        'soon',
        'mars',
        'carrier',
        'a',
        'loud',
        'maybe',
        'nothing',
        'empty',
        'none',
        'store',
        'version',
        'postures',
        'tokens',
        'server',
        'hash',
        'scopes',
        'https',
        'b',
      ]),
      [],
      asked,
    )
  }
})

t.test('what commands find is told in one language, and machines are told the same in both', async (t) => {
  const cwd = t.testdir({
    'plan.json': JSON.stringify({
      version: 1,
      attempts: 2,
      checks: [
        { name: 'closed', kind: 'tcp', host: '127.0.0.1', port: await closedPort() },
        { name: 'shut', kind: 'tcp', host: '127.0.0.1', port: await closedPort(), expect: 'unreachable' },
      ],
    }),
    'sonde.yaml': 'functions:\n  - name: orders\n',
    'report.ndjson': `START\n${readFileSync(join(process.cwd(), 'test/fixtures/orders-report.ndjson'), 'utf8')}`,
    'fix.json': JSON.stringify([
      { kind: 'delete-route', routeTableId: 'rtb-00000000000000a11', destination: '0.0.0.0/0' },
    ]),
  })
  const at = (name: string) => join(cwd, name)
  const S3 = ['--snapshot', data('S3')]
  const flow = ['--from', 'orders-api', '--to', 'rds:orders']
  const lines: readonly (readonly [readonly string[], code: number, json?: boolean])[] = [
    [['trace', ...S3, ...flow], 1, true],
    [['diagnose', ...S3, '--reports', 'report.ndjson'], 1, true],
    [['rehearse', ...S3, '--from', 'orders-api', '--to', 'internet', '--fix', 'fix.json'], 1, true],
    [['diff', data('S3'), data('S2')], 1, true],
    [['diff', data('S5'), data('S5d')], 1, true],
    [['probe', '--plan', 'plan.json', '--allow-loopback'], 1],
    [['discover', '--snapshot', data('S5d'), '--out', 'new.yaml'], 0],
    [['discover', '--snapshot', data('S3'), '--out', 'new.yaml'], 1, true],
    [['discover', '--snapshot', data('S1'), '--out', 'none.yaml'], 0],
    [['config', 'check', at('sonde.yaml')], 0, true],
    [['token', 'new', '--name', 'x'], 0],
    [['ingest', 'report.ndjson', '--data', at('data')], 0],
    [['ingest', 'report.ndjson', '--data', at('data')], 0, true],
    [['export', '--data', at('data'), '--out', 'out.ndjson'], 0],
    [['lab', 'list', '--data', join(process.cwd(), 'test/scenarios/data/none')], 2],
  ]
  for (const [args, code, json = false] of lines) {
    const asked = args.join(' ')
    const options = { cwd, env: KOREAN }
    const ko = await runSonde(args, options)
    t.equal(ko.code, code, `${asked}: ${ko.stderr}`)
    const names = [
      'orders-api',
      'orders-db',
      'closed',
      'shut',
      'dns',
      'tokens',
      'hash',
      'scopes',
      'audit',
      'aws',
    ]
    t.same(leftEnglish(`${ko.stdout}\n${ko.stderr}`, names), [], asked)
    t.match(`${ko.stdout}${ko.stderr}`, /[가-힣]/, asked)
    // A path of this test's own folder may be longer than a line.
    for (const line of ko.stdout.replaceAll(cwd, '').split('\n'))
      if (/[가-힣]/.test(line)) t.ok(widthOf(line) <= 80, `${widthOf(line)} ${line}`)
    if (!json) continue
    const machine = async (env: Record<string, string>) => runSonde([...args, '--json'], { cwd, env })
    t.same(await machine(KOREAN), await machine({}), `${asked} --json`)
  }
})
