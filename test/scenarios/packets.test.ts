import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { applyChanges } from '../../api/diagnosis/apply.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { runProbes, type Sighting, targetsOf } from '../../infra/lab/run.js'
import { type LabScenario, readScenario } from '../../infra/lab/scenario.js'
import type { Lab } from '../../infra/lab/start.js'
import { buildLab, labFor, labMissing } from '../lab/support.js'

const DATA = join(process.cwd(), 'test/scenarios/data')

/** What packets in a lab can't show, and why: trace and API alone have these. */
const ONLY_AWS: Readonly<Record<string, string>> = {
  S1b: 'Lambda never makes the interfaces, so nothing runs',
  N11: 'Lambda never makes the interfaces, so nothing runs',
  N21: 'Lambda never makes the interfaces, so nothing runs',
  N12: 'it takes 55,000 connections to use up the ports of a NAT gateway',
  N26: 'a loss of 2 % has no cause in the configuration',
  N27: 'it takes 350 s of silence',
}

/** A refusal by the service is an answer of the service: the role's own policies are in no snapshot. */
const alike = (outcome: string) => (outcome === 'aws_access_denied' ? 'ok' : outcome)

function snapshotIn(folder: string): Promise<Snapshot> {
  return readSnapshot(folder).then(({ snapshot }) => snapshot)
}

/** Each flow from each subnet: `ok` where the trace is open there, else what the scenario says that the probe sees. */
function compare(t: Test, snapshot: Snapshot, scenario: LabScenario, sightings: readonly Sighting[]): void {
  t.ok(sightings.length > 0, 'the probe ran')
  for (const { subnetId, results } of sightings) {
    scenario.flows.forEach((flow, index) => {
      const result = results[index]
      const trace = ask(snapshot, questionOf(flow))
      const here = trace.perSubnet.find((one) => one.subnet === subnetId) ?? trace
      const open = here.verdict === 'reachable' && flow.verdict === 'unreachable'
      const expected = open ? 'ok' : alike(flow.seen?.outcome ?? 'ok')
      t.equal(
        alike(result?.outcome ?? ''),
        expected,
        `${flow.to} from ${subnetId}: ${JSON.stringify(result?.detail ?? {})}`,
      )
      if (flow.seen?.address !== undefined && expected !== 'ok' && scenario.id !== 'S6f')
        t.equal(result?.address, flow.seen.address, 'at the address that the name stands for')
      if (flow.seenAs !== undefined && result?.outcome === 'ok')
        t.equal(result.detail?.['egressIp'], flow.seenAs, 'the world sees the address that the trace says')
    })
  }
}

/** Sonde's own fix for each flow that isn't as it should be: on the network rebuilt with it, the probe is green. */
async function mend(t: Test, lab: Lab, snapshot: Snapshot, scenario: LabScenario): Promise<void> {
  for (const flow of scenario.flows) {
    if (flow.fix === undefined) continue
    const { fixes } = investigate({ snapshot, question: questionOf(flow), result: observed(flow) })
    const [fix] = fixes
    if (fix === undefined) {
      t.fail(`no fix for ${flow.to}`)
      continue
    }
    const mended = applyChanges(snapshot, fix.changes)
    await lab.up(mended.documents, scenario.hosts, targetsOf([flow]))
    const after = await runProbes(lab, mended.documents, [flow])
    t.ok(after.length > 0, 'the probe ran again')
    for (const { subnetId, results } of after) {
      const wanted = flow.expect === 'unreachable' ? 'connect_timeout' : 'ok'
      t.equal(alike(results[0]?.outcome ?? ''), wanted, `${fix.title.en}: ${flow.to} from ${subnetId}`)
    }
  }
}

function observed(flow: LabScenario['flows'][number]) {
  if (flow.seen === null) return null
  const { history: _history, attempts: _attempts, ...seen } = flow.seen
  return { target: `${flow.to}:${flow.port}`, ...seen }
}

const missing = labMissing()
if (missing !== null) t.plan(0, missing)
else {
  const program = await buildLab(t)
  const names = readdirSync(DATA).filter((name) => existsSync(join(DATA, name, 'expected.json')))
  t.jobs = 2
  // Fifty networks and twice as many probes: a busy machine takes its time.
  t.setTimeout(900_000)
  t.test('what no packet can show is judged by trace and API', async (t) => {
    for (const [name, why] of Object.entries(ONLY_AWS)) {
      t.ok(names.includes(name), `${name} is a scenario: ${why}`)
      t.ok(readScenario(join(DATA, name)).flows.length > 0, `${name} says what they must answer`)
    }
  })
  for (const half of [0, 1]) {
    t.test(`packets ${half + 1} of 2`, async (t) => {
      const lab = await labFor(t, program)
      for (const name of names.filter((_, index) => index % 2 === half)) {
        if (ONLY_AWS[name] !== undefined) continue
        await t.test(name, async (t) => {
          const scenario = readScenario(join(DATA, name))
          const told = await snapshotIn(join(DATA, name, 'snapshot'))
          // A snapshot that is older than a change: the packets are those of the network as it is.
          const real = existsSync(join(DATA, name, 'later'))
            ? await snapshotIn(join(DATA, name, 'later'))
            : told
          const { ms } = await lab.up(real.documents, scenario.hosts, targetsOf(scenario.flows))
          t.comment(`set up in ${ms} ms`)
          compare(t, told, scenario, await runProbes(lab, real.documents, scenario.flows))
          await mend(t, lab, told, scenario)
        })
      }
    })
  }
}
