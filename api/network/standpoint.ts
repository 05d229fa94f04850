import { contains, type Prefix, parseAddress } from './address.js'
import type { Eni, LambdaFunction, Subnet } from './entities.js'
import { TraceInputError } from './flow.js'
import type { Model } from './model.js'
import type { Missing } from './path.js'
import { addressKey } from './read/finish.js'
import type { Source } from './selectors.js'
import * as say from './text/routes.js'
import { ofEni } from './walk/node.js'
import type { Node } from './walk/walk.js'

/** One place from which packets start. */
export interface Standpoint {
  readonly name: string
  readonly subnetId: string | null
  readonly zone: string | null
  readonly vpcId: string | null
  /** By address family; null where it has none of that family. Both null: outside any VPC, or not known. */
  readonly v4: Node | null
  readonly v6: Node | null
  readonly lambda: LambdaFunction | null
  /** True where a source address was asked for that the interface doesn't have. */
  readonly foreignAddress: string | null
  /** Set where the snapshot doesn't hold the source. */
  readonly missing: Missing | null
  /** The state of an instance that has no interface any more (`terminated`). */
  readonly dead: string | null
}

const lacking = (
  name: string,
  component: string,
  call: string,
  subnetId: string | null = null,
): Standpoint => ({
  name,
  subnetId,
  zone: null,
  vpcId: null,
  v4: null,
  v6: null,
  lambda: null,
  foreignAddress: null,
  missing: { call, component, text: say.notInSnapshot(component, call) },
  dead: null,
})

/**
 * The standpoints of a source: one per subnet for a function, one otherwise.
 * @throws TraceInputError where an id is none of the snapshot's
 */
export function standpoints(model: Model, source: Source): readonly Standpoint[] {
  const address = source.address === undefined ? null : parseAddress(source.address)
  if (source.address !== undefined && address === null) {
    throw new TraceInputError(`'${source.address}' is not an IPv4 or IPv6 address`)
  }
  switch (source.kind) {
    case 'function':
      return ofFunction(model, source.name, address)
    case 'posture':
      return [ofPosture(model, source.subnetId, source.groupIds, address, null, sourceName(source))]
    case 'eni': {
      const eni = model.enis.get(source.id)
      return [
        eni === undefined
          ? absentOrThrow(model, source.id, 'describe-network-interfaces', 'interface')
          : ofInterface(model, eni, address, source.id),
      ]
    }
    case 'instance': {
      const eni = interfaceOf(model, source.id, address)
      const dead = eni === undefined ? (model.instances.get(source.id)?.state ?? null) : null
      if (dead !== null && dead !== 'running') {
        return [{ ...lacking(source.id, source.id, 'describe-network-interfaces'), missing: null, dead }]
      }
      return [
        eni === undefined
          ? absentOrThrow(model, source.id, 'describe-instances', 'instance')
          : ofInterface(model, eni, address, source.id),
      ]
    }
  }
}

/** A source as text, as it was asked for. */
export function sourceName(source: Source): string {
  const at = source.address === undefined ? '' : `@${source.address}`
  if (source.kind === 'posture') return `${[source.subnetId, ...source.groupIds].join('+')}${at}`
  return `${source.kind === 'function' ? source.name : source.id}${at}`
}

function absentOrThrow(model: Model, id: string, call: string, what: string): Standpoint {
  if (model.answered.has(call)) throw new TraceInputError(`the snapshot has no ${what} ${id} (${call})`)
  return lacking(id, id, call)
}

/** An instance's interface: the one with the asked address, else the primary. */
export function interfaceOf(model: Model, instanceId: string, address: Prefix | null): Eni | undefined {
  const listed = (model.instances.get(instanceId)?.eniIds ?? [])
    .map((id) => model.enis.get(id))
    .filter((e) => e !== undefined)
  const named = address === null ? listed[0] : listed.find((e) => holds(e, address))
  if (named !== undefined) return named
  // Interfaces that describe-instances doesn't name say themselves to which instance they are attached.
  const attached = [...model.enis.values()].filter((e) => e.instanceId === instanceId)
  return (address === null ? undefined : attached.find((e) => holds(e, address))) ?? listed[0] ?? attached[0]
}

const holds = (eni: Eni, address: Prefix): boolean =>
  eni.addresses.some((a) => contains(a.address, address)) || eni.delegated.some((p) => contains(p, address))

function ofInterface(model: Model, eni: Eni, address: Prefix | null, name: string): Standpoint {
  const subnet = model.subnets.get(eni.subnetId)
  const own = (family: 4 | 6): Node | null => {
    if (address !== null) return address.family === family ? ofEni(model, eni, address) : null
    const first = eni.addresses.find((a) => a.address.family === family)
    return first === undefined ? null : ofEni(model, eni, first.address)
  }
  return {
    name,
    subnetId: eni.subnetId,
    zone: subnet?.zone ?? null,
    vpcId: eni.vpcId,
    v4: own(4),
    v6: own(6),
    lambda: null,
    foreignAddress: address !== null && !holds(eni, address) ? address.text : null,
    missing: null,
    dead: null,
  }
}

function ofFunction(model: Model, name: string, address: Prefix | null): readonly Standpoint[] {
  const qualified = /^arn:[^:]+:lambda:[^:]*:\d*:function:[^:]+/.exec(name)?.[0]
  const found =
    model.functions.get(qualified ?? name) ?? model.functions.get(name.split(':')[0] ?? name) ?? []
  const [lambda, second] = found
  if (lambda === undefined) {
    const asked = ['list-functions', 'get-function-configuration', 'get-function']
    if (asked.some((call) => model.answered.has(call))) {
      throw new TraceInputError(`the snapshot has no function ${name} (list-functions)`)
    }
    return [lacking(name, name, 'list-functions')]
  }
  if (second !== undefined && second.arn !== lambda.arn) {
    throw new TraceInputError(
      `the snapshot has several functions ${name}: give the ARN of one: ${found.map((f) => f.arn).join(', ')}`,
    )
  }
  if (lambda.vpc === null) {
    return [
      {
        name,
        subnetId: null,
        zone: null,
        vpcId: null,
        v4: null,
        v6: null,
        lambda,
        foreignAddress: null,
        missing: null,
        dead: null,
      },
    ]
  }
  const { subnetIds, groupIds } = lambda.vpc
  const chosen =
    address === null
      ? subnetIds
      : subnetIds.filter((id) => model.subnets.get(id)?.cidrs.some((c) => contains(c, address)) === true)
  if (chosen.length === 0)
    throw new TraceInputError(`${address?.text} is in none of the subnets of function ${name}`)
  return chosen.map((id) => ofPosture(model, id, groupIds, address, lambda, name))
}

/** A subnet and groups: the interface that stands there if it is listed, else one implied with any address of the subnet. */
function ofPosture(
  model: Model,
  subnetId: string,
  groupIds: readonly string[],
  address: Prefix | null,
  lambda: LambdaFunction | null,
  name: string,
): Standpoint {
  const subnet = model.subnets.get(subnetId)
  if (subnet === undefined) {
    if (lambda === null && model.answered.has('describe-subnets')) {
      throw new TraceInputError(`the snapshot has no subnet ${subnetId} (describe-subnets)`)
    }
    return { ...lacking(name, subnetId, 'describe-subnets', subnetId), lambda }
  }
  const holder = address === null ? undefined : model.eniByAddress.get(addressKey(subnet.vpcId, address))
  const eni = address === null ? hyperplane(model, subnet, groupIds) : (holder ?? null)
  if (holder !== undefined && groupIds.length === 0) return ofInterface(model, holder, address, name)
  const make = (family: 4 | 6): Node | null => {
    const range =
      address ??
      eni?.addresses.find((a) => a.address.family === family)?.address ??
      subnet.cidrs.find((c) => c.family === family)
    if (range === undefined || range.family !== family) return null
    return {
      kind: lambda === null ? 'network-interface' : 'lambda',
      component: lambda?.name ?? eni?.id ?? subnetId,
      vpcId: subnet.vpcId,
      subnet,
      subnetId,
      eni,
      address: range,
      publicIp:
        lambda === null
          ? (eni?.addresses.find((a) => a.address.text === range.text)?.publicIp ?? null)
          : null,
      groupIds: groupIds.length > 0 ? groupIds : (eni?.groupIds ?? null),
      ungrouped: false,
    }
  }
  const dual = lambda === null || lambda.ipv6
  return {
    name,
    subnetId,
    zone: subnet.zone,
    vpcId: subnet.vpcId,
    v4: make(4),
    v6: dual ? make(6) : null,
    lambda,
    foreignAddress: address !== null && !subnet.cidrs.some((c) => contains(c, address)) ? address.text : null,
    missing: null,
    dead: null,
  }
}

/** The interface that Lambda made for a subnet and a set of groups. */
export function hyperplane(model: Model, subnet: Subnet, groupIds: readonly string[]): Eni | null {
  return hyperplanes(model, subnet, groupIds)[0] ?? null
}

/** All of them: Lambda makes another one past 65,000 connections. */
export function hyperplanes(model: Model, subnet: Subnet, groupIds: readonly string[]): readonly Eni[] {
  return (model.enisOfSubnet.get(subnet.id) ?? []).filter((eni) => {
    if (eni.type !== 'lambda' && !eni.description.startsWith('AWS Lambda VPC ENI')) return false
    const own = eni.groupIds ?? []
    return own.length === groupIds.length && groupIds.every((g) => own.includes(g))
  })
}
