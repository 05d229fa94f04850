import { setTimeout as sleep } from 'node:timers/promises'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import { applyStep } from '../../api/lab/steps.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { applicable, inject } from '../../infra/lab/faults/catalogue.js'
import type { FaultSite } from '../../infra/lab/faults/fault.js'
import { type Random, randomOf } from '../../infra/lab/fuzz/random.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import type { PostRun } from '../../infra/lab/posts.js'
import { labMissing } from '../lab/support.js'
import {
  type DiagnosisItem,
  eventually,
  type LiveAccount,
  startLiveAccount,
} from '../support/live-account.js'
import type { BenchRow } from './bench.js'

const SEED = 1
const FAULTS = 50
const INTERVAL_MS = 5000
/** A packet that is dropped is known to be so only when the check's own time is over: that is a part of every verdict here. */
const CHECK_TIMEOUT_MS = 1000
/** For one thing to happen; the machine may be busy. */
const MOST_MS = 120_000
/** No fault is put in any more after this: a row tells how many there were. */
const MOST_MS_IN_ALL = 15 * 60_000

/** What the sample's probes check, and the flow that each check is. */
const CHECKS: readonly { readonly check: string; readonly flow: LabFlow }[] = [
  { check: 'orders-db', flow: { from: 'orders-api', to: 'rds:orders', port: 5432 } },
  { check: 'payment-provider', flow: { from: 'orders-api', to: 'internet', port: 443 } },
  { check: 'orders-db', flow: { from: 'report-builder', to: 'rds:orders', port: 5432 } },
  { check: 'ledger-db', flow: { from: 'audit-export', to: 'rds:ledger', port: 5432 } },
  { check: 'audit-bucket', flow: { from: 'audit-export', to: 'service:s3', port: 443 } },
  { check: 'signing-keys', flow: { from: 'audit-export', to: 'service:secretsmanager', port: 443 } },
]

/** Takes the function's probes away with it: what they said last stays until it is stale, and nothing is sound before. */
const LEAVES = 'function-out-of-vpc'

interface Injection {
  readonly check: string
  readonly flow: LabFlow
  readonly site: FaultSite
}

/**
 * Time to verdict: the sample's account lives in the lab, its probes run on an interval, their stdout goes to a log file that a
 * server follows, and a client asks the server by HTTP. The clock starts when a fault is ordered, at a random moment of the
 * interval and with no probe told, and stops when the answer names the fault's own code and component as the check's cause. The
 * first failing run is enough for that; a function's status flips by the policy after the second one in a row, which is told in a
 * row of its own. The reference is the moment at which a probe has printed the failing run: what lies between is Sonde's. The configuration reaches the server when it changes, as from an inventory that follows changes: with one that collects
 * every 15 minutes the packets' outcome comes as fast and the cause with the next collection.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const reason = labMissing()
  if (reason !== null) throw new Error(reason)
  const ends: (() => unknown)[] = []
  const t = { teardown: (...fns: (() => unknown)[]) => ends.push(...fns) }
  try {
    const printed: Printed[] = []
    const account = await startLiveAccount(t, {
      intervalMs: INTERVAL_MS,
      timeoutMs: CHECK_TIMEOUT_MS,
      plans: ['app', 'reports', 'jobs'],
      onRun: (run) => printed.push({ run, at: performance.now() }),
    })
    return rowsOf(await measure(account, printed))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** A run that a probe has printed, and when. */
interface Printed {
  readonly run: PostRun
  readonly at: number
}

/** Milliseconds from the fault on. */
interface Verdict {
  readonly printed: number
  readonly named: number
  readonly flipped: number
}

async function measure(account: LiveAccount, printed: readonly Printed[]): Promise<readonly Verdict[]> {
  const random = randomOf(SEED)
  const end = performance.now() + MOST_MS_IN_ALL
  const verdicts: Verdict[] = []
  for (const injection of injections(random, account.sound.snapshot, FAULTS)) {
    if (performance.now() > end) break
    await becomeSound(account)
    await sleep(random.below(INTERVAL_MS))
    verdicts.push(await timeOf(account, printed, injection))
  }
  return verdicts
}

/** All places for faults in the checks' ways, all kinds equally often, that the configuration alone names. */
function injections(random: Random, snapshot: Snapshot, count: number): readonly Injection[] {
  const all = CHECKS.flatMap(({ check, flow }) =>
    applicable(snapshot, flow)
      .filter((site) => site.fault !== LEAVES && breaks(snapshot, flow, site))
      .map((site) => ({ check, flow, site })),
  )
  const left = [...all]
  const times = new Map<string, number>()
  return Array.from({ length: count }, () => {
    if (left.length === 0) left.push(...all)
    const least = Math.min(...left.map(({ site }) => times.get(site.fault) ?? 0))
    const chosen = random.pick(left.filter(({ site }) => (times.get(site.fault) ?? 0) === least))
    times.set(chosen.site.fault, least + 1)
    left.splice(left.indexOf(chosen), 1)
    return chosen
  })
}

/** Whether the fault is what stands first in the flow's way then: in a narrow group another cause may come before it. */
function breaks(snapshot: Snapshot, flow: LabFlow, site: FaultSite): boolean {
  const { expected, hosts } = site
  if (Object.keys(hosts).length > 0) return true
  const broken = inject(snapshot, site).snapshot
  const [first] = ask(broken, questionOf(flow)).blockers
  return first?.code === expected.code && first.component === expected.component
}

async function becomeSound(account: LiveAccount): Promise<void> {
  await account.change(() => account.sound)
  await account.lookNow()
  for (const name of new Set(CHECKS.map(({ flow }) => flow.from))) {
    let said = ''
    await eventually(
      async () => {
        const [items, status] = [await account.itemsOf(name), await account.statusOf(name)]
        const sick = items.filter(({ diagnosis }) => diagnosis.kind !== 'healthy')
        said = `${status} ${sick.map(({ check, subnet, outcome }) => `${check} ${subnet} ${outcome}`).join(', ')}`
        return items.length > 0 && sick.length === 0 && status === 'healthy'
      },
      () => `${name} is not healthy without a fault: ${said}`,
      MOST_MS,
    )
  }
}

async function timeOf(
  account: LiveAccount,
  printed: readonly Printed[],
  { check, flow, site }: Injection,
): Promise<Verdict> {
  const said = `${site.fault} at ${site.component} for ${flow.from} → ${flow.to}`
  const started = performance.now()
  await account.change((state) => applyStep(state, { kind: 'fault', id: site.fault, site }))
  const isNamed = async () =>
    (await account.itemsOf(flow.from)).some((item) => item.check === check && names(item, site))
  await eventually(isNamed, () => `${said} is not named`, MOST_MS)
  const named = performance.now() - started
  const isFlipped = async () => (await account.statusOf(flow.from)) !== 'healthy'
  await eventually(isFlipped, () => `${said} leaves the function healthy`, MOST_MS)
  const first = printed.find(({ run: { post, results }, at }) => {
    const failed = results.some((result) => result.check === check && !result.asExpected)
    return at > started && failed && post.sources.includes(flow.from)
  })
  return {
    named,
    flipped: performance.now() - started,
    printed: (first?.at ?? Number.NaN) - started,
  }
}

function names({ diagnosis: { kind, cause } }: DiagnosisItem, { expected, hosts }: FaultSite): boolean {
  if (Object.keys(hosts).length > 0) return kind === 'outside-configuration' && cause?.code === expected.code
  return kind === 'proven' && cause?.code === expected.code && cause.component === expected.component
}

function rowsOf(verdicts: readonly Verdict[]): readonly BenchRow[] {
  const goal = INTERVAL_MS + 2000
  const at = (share: number, of: (verdict: Verdict) => number): number => {
    const sorted = verdicts.map(of).sort((a, b) => a - b)
    return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  }
  const row = (name: string, share: number, of: (verdict: Verdict) => number, aim?: string): BenchRow => {
    const [value, reference] = [at(share, of), at(share, ({ printed }) => printed)]
    return {
      name: `time to verdict, ${verdicts.length} faults, interval ${INTERVAL_MS / 1000} s: ${name}`,
      value,
      unit: 'ms',
      reference,
      ratio: value / reference,
      ...(aim === undefined ? {} : { goal: aim }),
    }
  }
  return [
    row('cause named, p50', 0.5, ({ named }) => named),
    row('cause named, p95', 0.95, ({ named }) => named, `<= ${goal} ms`),
    row('cause named, slowest', 1, ({ named }) => named),
    row('status flipped, p95', 0.95, ({ flipped }) => flipped),
  ]
}
