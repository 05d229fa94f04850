import type { StandingPlan } from '../../infra/lab/posts.js'
import { questionOf } from '../diagnosis/rehearse.js'
import { buildModel } from '../network/model.js'
import type { Trace } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'
import { trace } from '../network/trace.js'

/** One thing that stands in the way of a check: `check` is the plan's name and the check's own, `plan/check`. */
export interface Obstacle {
  readonly check: string
  readonly key: string
}

/**
 * Everything in the configuration that stands in the way of the plans' checks, from any of their subnets. The functions of a plan share
 * their fate.
 */
export function obstaclesOf(snapshot: Snapshot, plans: readonly StandingPlan[]): readonly Obstacle[] {
  const { model } = buildModel(snapshot)
  return plans.flatMap((plan) => {
    const [from] = plan.sources
    if (from === undefined) return []
    return plan.checks.flatMap((check): readonly Obstacle[] => {
      const { source, destination, flow } = questionOf({ from, ...targetOf(check) })
      const name = `${plan.name}/${String(check['name'])}`
      const path = trace(model, source, destination, flow)
      const keys = path.blockers.map(({ code, component, direction }) => `${direction} ${code} ${component}`)
      if (keys.length === 0 && isBypassed(check, path)) keys.push('no interface endpoint on the way')
      return keys.map((key) => ({ check: name, key: `${name} ${key}` }))
    })
  })
}

/** The check asks for an interface endpoint, and its packets take another way. Gateway endpoints it can't tell. */
function isBypassed(check: Readonly<Record<string, unknown>>, { hops }: Trace): boolean {
  const asked = check['kind'] === 'aws' && check['via'] === 'endpoint'
  const tells = asked && !['s3', 'dynamodb'].includes(String(check['service']))
  return tells && !hops.some(({ kind }) => kind === 'vpc-endpoint')
}

/** The functions of the plans that have one of these checks. */
export function functionsWith(
  plans: readonly StandingPlan[],
  checks: ReadonlySet<string>,
): readonly string[] {
  return plans
    .filter((plan) => plan.checks.some((check) => checks.has(`${plan.name}/${String(check['name'])}`)))
    .flatMap(({ sources }) => sources)
}

/** The target of a check in the words of `sonde trace`; a host that is no database's is one of the internet. */
export function targetOf(check: Readonly<Record<string, unknown>>): { to: string; port: number } {
  const port = typeof check['port'] === 'number' ? check['port'] : null
  if (check['kind'] === 'aws') return { to: `service:${String(check['service'])}`, port: port ?? 443 }
  const host = String(check['host'] ?? '')
  if (host.includes('.rds.')) return { to: host, port: port ?? 5432 }
  return { to: 'internet', port: port ?? 443 }
}
