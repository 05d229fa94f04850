import type { Result } from '../../probe/report.schema.js'
import { type Account, readAccount } from './account.js'
import type { LabDocument } from './documents.js'
import { isPrivateName } from './names.js'
import { checkFor, type LabFlow, probeEnvironment, resultsOf } from './plan.js'
import type { TargetKind } from './services.js'
import { standpointsOf } from './standpoints.js'
import type { Lab } from './start.js'

/** What one probe saw from one place. */
export interface Sighting {
  readonly from: string
  readonly namespace: string
  readonly subnetId: string | null
  readonly groups: readonly string[]
  /** In the order of the flows of this source. */
  readonly results: readonly Result[]
  /** The report as the probe printed it. */
  readonly report: string
}

/** Milliseconds that a packet in the lab may take: there is no distance in it. */
const TIMEOUT_MS = 900
/** The same on a second look. */
const PATIENT_MS = 4000

/** The lab's servers answer at once: who connected and then waited in vain has met a busy machine, not a fault of the network. */
export function isSlow(results: readonly Result[]): boolean {
  return results
    .flatMap((one) => [one, ...(one.addresses ?? [])])
    .some(({ outcome }) => outcome === 'exchange_timeout' || outcome === 'deadline')
}

/**
 * Runs the probe from every standpoint of every source of the flows, all at once, on the network that is up; a second time, with more
 * patience, where a server seemed too slow. A function that Lambda could not start has no standpoint, and so no sighting.
 */
export async function runProbes(
  lab: Lab,
  documents: readonly LabDocument[],
  flows: readonly LabFlow[],
  timeoutMs = TIMEOUT_MS,
): Promise<readonly Sighting[]> {
  const account: Account = readAccount(documents)
  const sources = [...new Set(flows.map(({ from }) => from))]
  return Promise.all(
    sources.flatMap((from) => {
      const checks = flows.filter((flow) => flow.from === from).map((flow) => checkFor(account, flow))
      return standpointsOf(account, from).map(async (at): Promise<Sighting> => {
        const env = probeEnvironment(account, from, at)
        const look = (patience: number) =>
          lab.probe(at.namespace, { version: 1, timeoutMs: patience, attempts: 1, checks }, env)
        const first = await look(timeoutMs)
        const report = isSlow(resultsOf(first)) ? await look(Math.max(timeoutMs, PATIENT_MS)) : first
        return {
          from,
          namespace: at.namespace,
          subnetId: at.subnetId,
          groups: at.groups,
          results: resultsOf(report),
          report: report.stdout,
        }
      })
    }),
  )
}

/** What the checks of these flows ask for: the lab serves no more than that. */
export function targetsOf(flows: readonly LabFlow[]): readonly TargetKind[] {
  const kinds = flows.flatMap(({ to }): readonly TargetKind[] => {
    if (to.startsWith('rds:') || to.includes('.rds.')) return ['database']
    if (/\.elb\./.test(to)) return ['balancer']
    if (/^(i|eni)-/.test(to)) return ['host']
    if (to === 'internet') return ['public']
    const name = /^([^:]+):\d+$/.exec(to)?.[1]
    return name !== undefined && isPrivateName(name) ? ['database', 'host'] : ['public', 'endpoint']
  })
  return [...new Set(kinds)]
}
