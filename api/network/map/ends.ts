import { allFunctions } from '../functions.js'
import type { Model } from '../model.js'
import { compare } from '../order.js'

/** One end of a path that can be asked for: what to write, and what that is. */
export interface PathEnd {
  /** As `sonde trace` and `POST /v1/trace` take it. */
  readonly selector: string
  readonly kind: 'function' | 'instance' | 'network-interface' | 'database' | 'service' | 'internet'
  readonly detail: string | null
  /** What it is usually asked on; null where nothing is usual. */
  readonly port: number | null
}

/** The services that are traced to most, whether or not an endpoint for them is there. */
const USUAL_SERVICES = ['s3', 'dynamodb', 'sts', 'secretsmanager', 'ssm', 'sqs', 'sns', 'kms', 'logs']

/** Ends of a path whose text holds `text` (any case), at most `limit`, what begins with it first. */
export function pathEnds(
  model: Model,
  side: 'from' | 'to',
  text: string,
  limit: number,
): { readonly items: readonly PathEnd[]; readonly omitted: number } {
  const wanted = text.trim().toLowerCase()
  const all = side === 'from' ? sources(model) : destinations(model)
  const fits = all.filter(({ selector }) => selector.toLowerCase().includes(wanted))
  const rank = ({ selector }: PathEnd) => (bare(selector).toLowerCase().startsWith(wanted) ? 0 : 1)
  // Sorting is stable: within a rank the order of the kinds stays.
  const sorted = [...fits].sort((a, b) => rank(a) - rank(b))
  return { items: sorted.slice(0, limit), omitted: Math.max(sorted.length - limit, 0) }
}

function bare(selector: string): string {
  return selector.replace(/^(?:rds|service):/, '')
}

function sources(model: Model): readonly PathEnd[] {
  const functions = allFunctions(model).map(
    (one): PathEnd => ({
      selector: (model.functions.get(one.name)?.length ?? 0) > 1 && one.arn !== null ? one.arn : one.name,
      kind: 'function',
      detail: one.vpc?.vpcId ?? null,
      port: null,
    }),
  )
  return [...functions.sort(bySelector), ...instances(model)]
}

function destinations(model: Model): readonly PathEnd[] {
  const databases = model.databases.map(
    (one): PathEnd => ({ selector: `rds:${one.id}`, kind: 'database', detail: one.vpcId, port: one.port }),
  )
  const endpoints = [...model.endpoints.values()].flatMap(({ serviceName }) => {
    const service = /^(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.([a-z0-9.-]+)$/.exec(serviceName)?.[1]
    return service === undefined || service.startsWith('vpce.') ? [] : [service]
  })
  const services = [...new Set([...endpoints.sort(compare), ...USUAL_SERVICES])].map(
    (service): PathEnd => ({
      selector: `service:${service}`,
      kind: 'service',
      detail: endpoints.includes(service) ? 'endpoint' : null,
      port: 443,
    }),
  )
  const internet: PathEnd = { selector: 'internet', kind: 'internet', detail: null, port: 443 }
  return [internet, ...databases.sort(bySelector), ...services, ...instances(model)]
}

function instances(model: Model): readonly PathEnd[] {
  return [...model.instances.values()]
    .map(({ id, vpcId }): PathEnd => ({ selector: id, kind: 'instance', detail: vpcId, port: null }))
    .sort(bySelector)
}

function bySelector(a: PathEnd, b: PathEnd): number {
  return compare(a.selector, b.selector)
}
