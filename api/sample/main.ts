import { randomUUID } from 'node:crypto'
import { readAllow } from '../../probe/allow.js'
import type { Plan } from '../../probe/plan.schema.js'
import { reportLines } from '../../probe/report.js'
import type { ProbeIdentity } from '../../probe/report.schema.js'
import { createLookup } from '../../probe/resolve.js'
import { type RunDeps, run } from '../../probe/run.js'
import { VERSION } from '../../probe/version.js'
import { type SampleProbe, sampleProbes } from './functions.js'
import { startSampleNetwork } from './network.js'

/**
 * The sample's own process: it starts the listeners, and runs every probe at each interval. As a Lambda would, it reports
 * by printing lines on stdout and by nothing else; whoever started it keeps them. It ends with its parent.
 */

const INTERVAL_MS = 10_000
const TIMEOUT_MS = 2000

const network = await startSampleNetwork(new Date())
const allow = readAllow({}, { allowLoopback: true })
if (!allow.ok) throw new Error(allow.errors.join('; '))

const deps: RunDeps = {
  env: {},
  allow: allow.allow,
  // Every target is an address: a name server is never asked.
  lookup: createLookup(() => Promise.reject(new Error('the sample has no name server'))),
  readAsset: (name) =>
    name === 'sample-ca.pem' ? Promise.resolve(network.ca) : Promise.reject(new Error(`no asset ${name}`)),
  now: () => performance.now(),
  date: () => new Date(),
  newId: randomUUID,
}

let first = true

async function runProbe(probe: SampleProbe): Promise<void> {
  const plan: Plan = { version: 1, timeoutMs: TIMEOUT_MS, attempts: 1, concurrency: 8, checks: probe.checks }
  const identity: ProbeIdentity = {
    function: probe.name,
    version: VERSION,
    region: 'sample',
    account: null,
    subnet: probe.subnet,
    securityGroups: [...probe.securityGroups],
    coldStart: first,
    memoryMb: null,
    runtime: `node${process.versions.node}`,
    workloads: [...probe.workloads],
    intervalMs: INTERVAL_MS,
  }
  const outcome = await run(plan, deps)
  for (const line of reportLines(outcome, identity)) process.stdout.write(`${line}\n`)
}

async function runAll(): Promise<void> {
  await Promise.all(sampleProbes(network).map(runProbe))
  first = false
}

process.once('disconnect', () => process.exit(0))
await runAll()
setInterval(runAll, INTERVAL_MS)
