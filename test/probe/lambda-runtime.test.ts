import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { Value } from 'typebox/value'
import { parseLine } from '../../api/ingest/parse.js'
import { targets } from '../../infra/build/targets.mjs'
import { type ProbeAnswer, ProbeAnswerSchema, type Report } from '../../probe/report.schema.js'

/**
 * The bundle under AWS's own Lambda runtime (npm: aws-lambda-ric; only its native HTTP client is replaced by one of node:http),
 * with the Runtime API served by the test, in a network namespace where one address answers and the others swallow packets.
 */
const TOOLS = process.env['SONDE_LAMBDA'] ?? ''
const RUNTIME = join(TOOLS, 'node_modules/aws-lambda-ric/index.mjs')
const NODES = ['20', '22', '24'].map((major) => ({
  major,
  path:
    major === process.versions.node.split('.')[0]
      ? process.execPath
      : join(TOOLS, `node_modules/node${major}/bin/node`),
}))

interface Invocation {
  readonly event: unknown
  /** The function's time limit. */
  readonly timeoutMs: number
  readonly killAfterMs?: number
}

interface Answer {
  readonly kind: 'response' | 'error' | 'ended'
  readonly inTime?: boolean
  readonly body?: unknown
}

interface Lived {
  readonly answers: readonly Answer[]
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: string | null
}

interface Life {
  readonly node: string
  readonly format?: 'Text' | 'JSON'
  readonly invocations: readonly Invocation[]
  readonly planFile?: unknown
  readonly env?: Readonly<Record<string, string>>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const bundle = join(t.testdir({ bundle: {} }), 'bundle/index.cjs')
const [probe] = targets(root, ['probe'])
if (!probe) throw new Error('no source for the probe')
await build({ ...probe.options, outfile: bundle })

/** One end of a cable with an address, and a neighbour that has one too and is not there: what is sent to it is lost. */
const UP = [
  'ip link set lo up',
  'ip link add d0 type veth peer name d1',
  'ip addr add 10.9.0.1/24 dev d0',
  'ip link set d0 up',
  'ip link set d1 up',
  'ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev d0',
  // What tap has every Node process load listens for signals too.
  'exec env -u NODE_OPTIONS "$@"',
].join(' && ')

/** One execution environment from its birth to its end. */
function live(folder: string, life: Life): Lived {
  const { format = 'JSON', env = {}, ...rest } = life
  const script = fileURLToPath(new URL('lambda/in-namespace.mjs', import.meta.url))
  const told = JSON.stringify({ ...rest, format, env, runtime: RUNTIME, bundle: [bundle], folder })
  const child = spawnSync('unshare', ['-rn', 'sh', '-c', UP, 'sh', process.execPath, script, told], {
    encoding: 'utf8',
  })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout)
}

const reached = { name: 'db', kind: 'tcp', host: '10.9.0.1', port: 5432 }
const silent = { name: 'gone', kind: 'tcp', host: '10.9.0.2', port: 5432 }
const plan = (...checks: readonly unknown[]) => ({ version: 1, attempts: 1, timeoutMs: 500, checks })

function reportsOf(stdout: string): readonly Report[] {
  return stdout
    .split('\n')
    .map(parseLine)
    .flatMap((parsed) => (parsed.kind === 'report' ? [parsed.report] : []))
}

function answered(answer: Answer | undefined): ProbeAnswer {
  if (answer?.kind !== 'response' || !Value.Check(ProbeAnswerSchema, answer.body))
    throw new Error(`not an answer of a probe: ${JSON.stringify(answer)}`)
  return answer.body
}

for (const { major, path } of NODES) {
  const skip = missing(path)
  t.test(`Node ${major}`, { skip }, async (t) => {
    t.test('cold, then warm: a report each, on stdout and as the answer', async (t) => {
      const event = { plan: plan(reached, silent) }
      const { answers, stdout, code, signal } = live(t.testdir({}), {
        node: path,
        invocations: [
          { event, timeoutMs: 60_000 },
          { event, timeoutMs: 60_000 },
        ],
        env: { SONDE_SUBNET: 'subnet-0a000000000000001', AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${major}.x` },
      })
      const printed = reportsOf(stdout)
      t.strictSame(
        printed.map(({ probe }) => probe.coldStart),
        [true, false],
      )
      t.strictSame(
        answers.flatMap((answer) => answered(answer).reports),
        printed,
      )
      for (const { results, probe } of printed) {
        t.strictSame(
          results.map(({ check, outcome }) => [check, outcome]),
          [
            ['db', 'ok'],
            ['gone', 'connect_timeout'],
          ],
        )
        t.match(probe, {
          function: 'sonde-orders-1',
          account: '111122223333',
          region: 'eu-west-1',
          runtime: `nodejs${major}.x`,
        })
      }
      t.strictSame(
        [code, signal],
        [null, 'SIGTERM'],
        'between invocations nothing of the probe holds the process',
      )
    })

    t.test(
      'a plan that takes longer than the function may: the report comes before the deadline',
      async (t) => {
        const { answers, stdout } = live(t.testdir({}), {
          node: path,
          invocations: [
            { event: { plan: { ...plan(reached, silent), timeoutMs: 120_000 } }, timeoutMs: 6000 },
          ],
        })
        t.match(answers, [{ kind: 'response', inTime: true }])
        const [report] = reportsOf(stdout)
        t.match(report?.results, [
          { check: 'db', outcome: 'ok' },
          { check: 'gone', outcome: 'deadline' },
        ])
      },
    )

    t.test('told to end in the middle of a run: what is known is printed first', async (t) => {
      const { answers, stdout, code, signal } = live(t.testdir({}), {
        node: path,
        invocations: [
          {
            event: { plan: { ...plan(reached, silent), timeoutMs: 120_000 } },
            timeoutMs: 60_000,
            killAfterMs: 3000,
          },
        ],
      })
      t.match(answers, [{ kind: 'response', inTime: true }], 'long before its time is up')
      const [report] = reportsOf(stdout)
      t.match(report?.results, [
        { check: 'db', outcome: 'ok' },
        { check: 'gone', outcome: 'deadline', detail: { message: /SIGTERM/ } },
      ])
      t.strictSame([code, signal], [null, 'SIGTERM'], 'once the answer is out the process ends by itself')
    })

    for (const format of ['Text', 'JSON'] as const)
      t.test(`log format ${format}: each line is a report, a refusal to run, or none of ours`, async (t) => {
        const { answers, stdout, stderr } = live(t.testdir({}), {
          node: path,
          format,
          planFile: plan(reached),
          invocations: [
            { event: {}, timeoutMs: 60_000 },
            { event: { plan: { version: 1, checks: [{ name: 'x', kind: 'tpc' }] } }, timeoutMs: 60_000 },
            { event: { plan: plan({ ...reached, host: '127.0.0.1' }) }, timeoutMs: 60_000 },
          ],
          env: { SONDE_ALLOW: '10.9.0.1:5432' },
        })
        t.match(answers, [
          { kind: 'response' },
          { kind: 'error', body: { errorType: 'BadPlan' } },
          { kind: 'response' },
        ])
        const lines = stdout.split('\n').filter((line) => line !== '')
        const kinds = lines.map((line) => parseLine(line).kind).filter((kind) => kind !== 'other')
        t.strictSame(kinds, ['report', 'reject', 'report'], stdout + stderr)
        t.match(
          reportsOf(stdout).flatMap(({ results }) => results.map(({ outcome }) => outcome)),
          ['ok', 'not_allowed'],
          'the plan beside the bundle; nothing else than the allow-list, and never loopback',
        )
      })
  })
}

function missing(node: string): string | false {
  if (!existsSync(RUNTIME))
    return `AWS's Lambda runtime is not installed (npm install --ignore-scripts --prefix DIR aws-lambda-ric@4; SONDE_LAMBDA=DIR)`
  if (!existsSync(node)) return `${node} is not installed`
  const tried = spawnSync('unshare', ['-rn', 'sh', '-c', UP, 'sh', 'true'])
  return tried.status === 0 ? false : 'no network namespaces here (unshare -rn, ip)'
}
