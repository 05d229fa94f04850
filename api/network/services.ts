import { setting, state } from './deciding-rule.js'
import type { Endpoint, RouteTable } from './entities.js'
import type { Model } from './model.js'
import type { Blocker, Text } from './path.js'
import { hostLabels, privateLinkName, serviceOfLabels } from './service-names.js'
import type { Standpoint } from './standpoint.js'
import { ANYWHERE, found, notThere, type Resolution, type Target, target } from './targets.js'
import * as say from './text/names.js'
import * as sayRoute from './text/routes.js'
import { inState, notOnTable } from './text/rules.js'
import { implied } from './walk/node.js'

/** Services that gateway endpoints serve: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html */
const GATEWAY_SERVICES = new Set(['s3', 'dynamodb'])

/** Names without a region: private DNS of a regional endpoint doesn't cover them. */
const GLOBAL_HOSTS: ReadonlyMap<string, string> = new Map([
  ['sts.amazonaws.com', 'sts'],
  ['s3.amazonaws.com', 's3'],
  ['iam.amazonaws.com', 'iam'],
])

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/

/** The service and region in an AWS host name; null if it is none, region null where the name is global. */
export function serviceOfHost(
  host: string,
): { readonly service: string; readonly region: string | null } | null {
  const global = GLOBAL_HOSTS.get(host)
  if (global !== undefined) return { service: global, region: null }
  const suffix = ['.amazonaws.com', '.amazonaws.com.cn', '.api.aws'].find((s) => host.endsWith(s))
  if (suffix === undefined) return null
  const labels = host.slice(0, -suffix.length).split('.')
  const at = labels.findIndex((l) => REGION.test(l))
  if (at <= 0) {
    const last = labels.at(-1)
    return last === undefined || last === '' ? null : { service: last, region: null }
  }
  return { service: serviceOfLabels(labels.slice(0, at)), region: labels[at] ?? null }
}

function regionOf(model: Model, from: Standpoint): string | null {
  const zone = from.zone
  if (zone !== null) return zone.replace(/[a-z]$/, '')
  const arn = from.lambda?.arn?.split(':')[3]
  if (arn !== undefined && arn !== '') return arn
  for (const e of model.endpoints.values()) {
    const region = e.serviceName.split('.')[2]
    if (region !== undefined && REGION.test(region)) return region
  }
  return null
}

/**
 * An AWS service by its name: an interface endpoint answers if its private DNS covers the name; else the name leads to
 * public addresses, which a gateway endpoint's route may catch on the way.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html
 */
export function serviceTargets(
  model: Model,
  from: Standpoint,
  service: string,
  askedRegion: string | null,
  host: string | null,
): Resolution {
  const here = regionOf(model, from)
  const region = askedRegion ?? here
  const isGlobalName = host !== null && askedRegion === null
  const label = host ?? (region === null ? service : `${hostLabels(service)}.${region}.amazonaws.com`)
  const own = from.vpcId === null ? [] : (model.endpointsOfVpc.get(from.vpcId) ?? [])
  const mine = own.filter((e) => isFor(e, service, region) || (host !== null && lists(e, host)))
  if (from.vpcId !== null && !model.answered.has('describe-vpc-endpoints'))
    return notThere(label, 'describe-vpc-endpoints')
  const hints: Blocker[] = []
  // An endpoint that serves only what comes in by a Resolver inbound endpoint leaves the VPC's own names as they are.
  for (const endpoint of mine.filter((e) => e.type === 'Interface' && !e.privateDnsInboundOnly)) {
    const attributes = model.vpcAttributes.get(endpoint.vpcId)
    const able = attributes?.dnsSupport !== false && attributes?.dnsHostnames !== false
    if (!endpoint.privateDns || !able) {
      const code = 'ENDPOINT_PRIVATE_DNS_DISABLED'
      if (!endpoint.privateDns) {
        const text = say.privateDnsOff(endpoint.id, service)
        hints.push(hint(code, endpoint.id, 'PrivateDnsEnabled false', text))
      }
      if (!able) {
        const text = say.privateDnsNeedsAttributes(endpoint.id, endpoint.vpcId)
        hints.push(hint(code, endpoint.vpcId, 'enableDnsHostnames false', text))
      }
    } else if (isGlobalName) {
      hints.push(
        hint('ENDPOINT_GLOBAL_NAME_NOT_COVERED', endpoint.id, label, say.globalName(label, endpoint.id)),
      )
    } else if (!covers(endpoint, label)) {
      const text = say.nameNotCovered(label, endpoint.id)
      hints.push(hint('ENDPOINT_NAME_NOT_COVERED', endpoint.id, label, text))
    } else return { ...endpointTargets(model, endpoint), hints: [] }
  }
  return { ...publicTargets(model, from, service, region, label, mine, hints), resolved: [] }
}

function isFor(endpoint: Endpoint, service: string, region: string | null): boolean {
  const name = endpoint.serviceName.replace(/-fips$/, '')
  const wanted = privateLinkName(service)
  return name.endsWith(region === null ? `.${wanted}` : `.${region}.${wanted}`)
}

/** The service's own names that private DNS turns to the endpoint; none where the answer tells only the endpoint's. */
const privateNames = (endpoint: Endpoint): readonly string[] =>
  endpoint.dnsNames.filter((name) => !name.includes('vpce-')).map((name) => name.replace(/^\*\./, ''))

const lists = (endpoint: Endpoint, host: string): boolean =>
  privateNames(endpoint).some((name) => host === name || host.endsWith(`.${name}`))

/**
 * Whether private DNS turns a name to the endpoint: FIPS and dual-stack names are endpoint services or entries of their own.
 * https://docs.aws.amazon.com/kms/latest/developerguide/vpce-create-endpoint.html
 * https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html
 */
function covers(endpoint: Endpoint, host: string): boolean {
  if (lists(endpoint, host)) return true
  const isFips = /-fips\./.test(host)
  if (isFips !== endpoint.serviceName.endsWith('-fips')) return false
  return !(host.endsWith('.api.aws') && privateNames(endpoint).length > 0)
}

const hint = (code: string, component: string, decided: Text | string, text: Text): Blocker => ({
  code,
  component,
  direction: 'forward',
  rule: setting(component, decided),
  text,
})

/** The interfaces of an interface endpoint: its name leads to all of them, in whatever zone. */
export function endpointTargets(model: Model, endpoint: Endpoint): Resolution {
  const subnets = endpoint.subnetIds.map((id) => model.subnets.get(id)).filter((s) => s !== undefined)
  const nodes = implied(model, subnets, endpoint.id, 'vpc-endpoint', endpoint.groupIds, (eni) =>
    endpoint.eniIds.includes(eni.id),
  )
  const targets: Target[] = nodes.map((n) => ({ ...target(n.address, n), endpoint }))
  if (endpoint.state.toLowerCase() === 'available') {
    if (targets.length > 0) return found(targets)
    const call = 'describe-subnets'
    return {
      ...found([]),
      missing: [{ call, component: endpoint.id, text: sayRoute.notInSnapshot(endpoint.id, call) }],
    }
  }
  const rule = state(endpoint.id, inState(endpoint.state))
  const text = sayRoute.badState(endpoint.id, endpoint.state)
  return {
    ...found(targets),
    blockers: [{ code: 'BAD_STATE', component: endpoint.id, direction: 'forward', rule, text }],
  }
}

/** The service's public addresses: those of its prefix list where the snapshot has it, else any. */
function publicTargets(
  model: Model,
  from: Standpoint,
  service: string,
  region: string | null,
  label: string,
  mine: readonly Endpoint[],
  hints: Blocker[],
): Resolution {
  const gateway = mine.find((e) => e.type === 'Gateway')
  const list = [...model.prefixLists.values()].find((l) => l.name === `com.amazonaws.${region}.${service}`)
  const table =
    from.subnetId === null || from.vpcId === null
      ? undefined
      : (model.routeTableOfSubnet.get(from.subnetId) ?? model.mainRouteTable.get(from.vpcId))
  if (gateway !== undefined && table !== undefined && !leads(table, gateway)) {
    hints.push(
      hint(
        'GATEWAY_ENDPOINT_NOT_ASSOCIATED',
        gateway.id,
        notOnTable(table.id),
        say.gatewayNotAssociated(gateway.id, table.id),
      ),
    )
  }
  const listId = list?.id ?? (gateway === undefined ? null : routedList(model, gateway))
  const entries = (
    list?.entries ?? (listId === null ? null : (model.prefixLists.get(listId)?.entries ?? null))
  )?.filter((p) => p.family === 4)
  const ranges = entries !== undefined && entries.length > 0 ? entries : ANYWHERE === null ? [] : [ANYWHERE]
  const usable = GATEWAY_SERVICES.has(service) ? listId : null
  return { ...found(ranges.map((p) => ({ ...target(p, null, label), listId: usable }))), hints }
}

const leads = (table: RouteTable, gateway: Endpoint): boolean =>
  table.routes.some((r) => r.target === gateway.id)

/** The prefix list whose route leads to a gateway endpoint, in whichever table has one. */
function routedList(model: Model, gateway: Endpoint): string | null {
  for (const table of model.routeTables.values()) {
    const route = table.routes.find((r) => r.target === gateway.id && r.prefixListId !== null)
    if (route !== undefined) return route.prefixListId
  }
  return null
}

/** Whether a service has gateway endpoints: then NAT is the dear way to it. */
export const hasGateway = (service: string): boolean => GATEWAY_SERVICES.has(service)
