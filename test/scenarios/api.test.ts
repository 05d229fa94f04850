import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createDiagnoser } from '../../api/diagnoser.js'
import { destinationOf } from '../../api/diagnosis/flow.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import { openNetworkState } from '../../api/network-state.js'
import { buildServer } from '../../api/server.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { openSnapshotVersions } from '../../api/snapshot/versions.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { watchStore } from '../../api/watched-store.js'
import { asExpected } from '../../probe/outcome.js'
import type { Report, Result } from '../../probe/report.schema.js'
import { SCENARIOS } from './support/all.js'
import type { Flow, Scenario, Seen } from './support/scenario.js'

// The whole way of a scenario by HTTP: the snapshot in, the reports of the function's probes in, the verdict out that a user reads.

const DATA = join(process.cwd(), 'test/scenarios/data')
const NOW = new Date('2026-01-07T09:05:00.000Z')
const FUNCTION = 'orders-api'

t.jobs = 2

async function startServer(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-scenario-'))
  const store = watchStore(
    await openSqliteStore(':memory:', { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION }),
  )
  const clock = () => NOW
  const network = await openNetworkState(await openSnapshotVersions(folder, 3), null, clock)
  const diagnoser = createDiagnoser({ store, network, clock })
  const app = await buildServer({
    store,
    network,
    diagnoser,
    clock,
    version: '0.0.0-test',
    auth: { mode: 'open', tokens: [] },
    runner: null,
    sample: null,
  })
  t.teardown(async () => {
    await app.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return app
}

type App = Awaited<ReturnType<typeof startServer>>

const HOSTS: Readonly<Record<string, string>> = {
  'rds:orders': 'orders.c1x2y3z4.ap-northeast-2.rds.amazonaws.com:5432',
  'rds:ledger': 'ledger.c1x2y3z4.ap-northeast-2.rds.amazonaws.com:5432',
  internet: 'https://api.example.com/health',
}

function resultOf(flow: Flow, seen: Seen, check: string): Result {
  const { outcome, expect = 'reachable', endedIn } = seen
  const target =
    seen.target ??
    HOSTS[flow.to] ??
    (flow.port === null ? flow.to : `${flow.to}:${flow.port}`.replace(/:(\d+):\1$/, ':$1'))
  return {
    check,
    kind: seen.kind ?? 'tcp',
    target: /^i-/.test(target) ? `${seen.address}:${flow.port}` : target,
    expect,
    outcome,
    asExpected: asExpected(outcome, expect),
    ms: 10,
    phases: {},
    ...(endedIn === undefined ? {} : { endedIn }),
    address: seen.address ?? null,
    addressKind: seen.addressKind ?? null,
    attempts: (seen.attempts ?? [outcome]).map((one) => ({ outcome: one, ms: 10 })),
    ...(seen.detail === undefined ? {} : { detail: seen.detail }),
  }
}

interface Standpoint {
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
}

function reportOf(at: Standpoint, run: string, when: Date, results: Result[]): Report {
  return {
    sonde: 1,
    run,
    part: [1, 1],
    probe: {
      function: at.subnet === null ? FUNCTION : `sonde-${at.subnet}`,
      version: '0.1.0',
      region: 'ap-northeast-2',
      account: '111122223333',
      subnet: at.subnet,
      securityGroups: [...at.securityGroups],
      coldStart: false,
      memoryMb: 128,
      runtime: 'nodejs22.x',
      workloads: [FUNCTION],
      intervalMs: 60_000,
    },
    startedAt: when.toISOString(),
    durationMs: 20,
    results,
  }
}

const good = (seen: Seen): Seen => ({
  ...seen,
  outcome: seen.expect === 'unreachable' ? 'connect_timeout' : 'ok',
  detail: {},
})

/** What each standpoint's probe sees: the scenario's outcome, unless only other standpoints have it. */
async function seenFrom(
  app: App,
  at: Standpoint,
  flow: Flow,
  seen: Seen,
  standpoints: number,
): Promise<Seen> {
  if (
    standpoints === 1 ||
    flow.verdict !== 'unreachable' ||
    flow.diagnosis !== 'proven' ||
    at.subnet === null
  )
    return seen
  const from = [at.subnet, ...at.securityGroups].join('+')
  const traced = await app.inject({
    method: 'POST',
    url: '/v1/trace',
    payload: { from, to: flow.to, ...(flow.port === null ? {} : { port: flow.port }) },
  })
  const goal = seen.expect === 'unreachable' ? 'reachable' : 'unreachable'
  return traced.json().verdict === goal ? seen : good(seen)
}

async function tell(app: App, scenario: Scenario, places: readonly Standpoint[]): Promise<void> {
  const lines: string[] = []
  for (const at of places) {
    const runs = Math.max(3, ...scenario.flows.map((flow) => flow.seen?.history?.total ?? 0))
    for (let run = 0; run < runs; run += 1) {
      const results: Result[] = []
      for (const [index, flow] of scenario.flows.entries()) {
        if (flow.seen === null) continue
        const seen = await seenFrom(app, at, flow, flow.seen, places.length)
        const { failed, total } = seen.history ?? { failed: runs, total: runs }
        // The newest run failed; the others before it, evenly, or all of them late where the scenario says so.
        const late = seen.attempts?.[0] === 'ok'
        const fails =
          failed === total ||
          (late && runs - run <= failed) ||
          (!late && (runs - 1 - run) % Math.max(1, Math.round(total / failed)) === 0)
        results.push(resultOf(flow, fails ? seen : good(seen), `check-${index}`))
      }
      const when = new Date(NOW.getTime() - (runs - run) * 1000)
      if (results.length > 0) lines.push(JSON.stringify(reportOf(at, `${at.subnet}-${run}`, when, results)))
    }
  }
  if (lines.length === 0) return
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/reports',
    payload: lines.join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
}

interface Item {
  readonly check: string
  readonly outcome: string
  readonly diagnosis: {
    readonly kind: string
    readonly blockers: readonly { code: string; component: string; direction: string }[]
    readonly fixes: readonly {
      rehearsal: { verdict: string }
      cli: string
      cloudformation: string
      terraform: string
    }[]
    readonly candidates: readonly { code: string }[]
  }
}

function checkVerdict(t: Test, flow: Flow, seen: Seen, items: readonly Item[]): void {
  const hit = items.filter((item) => item.outcome === seen.outcome)
  t.ok(hit.length > 0, 'a standpoint has the outcome')
  const expected = new Set(
    (flow.blockers ?? []).map((one) => `${one.direction} ${one.code} ${one.component}`),
  )
  const told = new Set<string>()
  for (const { diagnosis } of hit) {
    t.equal(diagnosis.kind, flow.diagnosis, 'diagnosis')
    for (const one of diagnosis.blockers) told.add(`${one.direction} ${one.code} ${one.component}`)
    if (flow.fix !== undefined) t.ok(diagnosis.fixes.length > 0, 'a fix is offered')
    for (const fix of diagnosis.fixes) {
      t.equal(
        fix.rehearsal.verdict,
        flow.seen?.expect === 'unreachable' ? 'unreachable' : 'reachable',
        'and was rehearsed',
      )
      t.ok(fix.cli.length > 0 && fix.cloudformation.length > 0 && fix.terraform.length > 0, 'in three forms')
    }
    if (flow.candidates)
      t.same(
        diagnosis.candidates.slice(0, flow.candidates.length).map((one) => one.code),
        flow.candidates,
      )
  }
  t.same([...told].sort(), [...expected].sort(), 'blockers')
}

for (const scenario of SCENARIOS) {
  t.test(`${scenario.id} ${scenario.name}: by HTTP`, async (t) => {
    const app = await startServer(t)
    const { snapshot } = await readSnapshot(join(DATA, scenario.id, 'snapshot'))
    const files = Object.fromEntries(snapshot.documents.map((document) => [document.file, document.body]))
    const manifest = {
      version: 1,
      takenAt: snapshot.takenAt,
      regions: [],
      accounts: [],
      missing: snapshot.missing,
    }
    const kept = await app.inject({
      method: 'POST',
      url: '/v1/snapshots',
      payload: { files: { ...files, 'snapshot.json': manifest } },
    })
    t.equal(kept.statusCode, 201, kept.body)

    for (const flow of scenario.flows) {
      const traced = await app.inject({
        method: 'POST',
        url: '/v1/trace',
        payload: {
          from: flow.from,
          to: flow.to,
          ...(flow.port === null ? {} : { port: flow.port }),
          ...(flow.protocol ? { protocol: flow.protocol } : {}),
        },
      })
      t.equal(traced.statusCode, 200, traced.body)
      t.equal(traced.json().verdict, flow.verdict, `verdict ${flow.to}`)
    }

    const listed = snapshot.documents.find(({ call }) => call === 'list-functions')?.body
    await tell(app, scenario, standpointsOf(listed))
    if (scenario.flows.every((flow) => flow.seen === null)) return
    const answer = await app.inject({ url: `/v1/functions/${FUNCTION}/diagnosis` })
    t.equal(answer.statusCode, 200, answer.body)
    const items: readonly Item[] = answer.json().items
    for (const [index, flow] of scenario.flows.entries()) {
      if (flow.seen === null) continue
      const found = items.filter((item) => item.check === `check-${index}`)
      await t.test(flow.to, async (t) => checkVerdict(t, flow, flow.seen ?? { outcome: 'ok' }, found))
      t.ok(destinationOf(snapshot, resultOf(flow, flow.seen, 'x')), 'its target is understood')
    }
    const korean = await app.inject({
      url: `/v1/functions/${FUNCTION}/diagnosis`,
      headers: { accept: 'text/plain', 'accept-language': 'ko-KR,ko;q=0.9' },
    })
    t.match(korean.headers['content-type'], /^text\/plain/)
    t.match(korean.body, /[가-힣]/, 'reads in Korean as plain text')
    t.notMatch(korean.body, /undefined|\[object|^"/, 'without holes')
  })
}

function standpointsOf(listed: unknown): readonly Standpoint[] {
  const functions = record(listed)['Functions']
  const all: readonly unknown[] = Array.isArray(functions) ? functions : []
  const config = record(record(all.find((one) => record(one)['FunctionName'] === FUNCTION))['VpcConfig'])
  const subnets = strings(config['SubnetIds'])
  const securityGroups = strings(config['SecurityGroupIds'])
  return subnets.length === 0
    ? [{ subnet: null, securityGroups: [] }]
    : subnets.map((subnet) => ({ subnet, securityGroups }))
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
