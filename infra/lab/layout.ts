import type { Account, Eni, Vpc } from './account.js'

/** A kernel namespace to be: what `ip` and `nft` are told in it. */
export interface Namespace {
  readonly name: string
  readonly forwards: boolean
  /** Lines for `ip -batch`, by family. */
  readonly ip4: string[]
  readonly ip6: string[]
  /** Statements for `nft -f`. */
  readonly nft: string[]
}

/** A virtual cable between two namespaces; each end with its device's name there. */
export interface Link {
  readonly a: { readonly namespace: string; readonly device: string }
  readonly b: { readonly namespace: string; readonly device: string }
}

/** The whole network, as data: rendering it needs no privilege, so that it can be looked at and tested. */
export interface Layout {
  readonly account: Account
  readonly namespaces: Map<string, Namespace>
  readonly links: Link[]
  /** What the snapshot has and the lab can't build: its id, and why traffic to it is dropped. */
  readonly unsupported: Map<string, string>
}

/** One MAC address for every device: with ARP off a packet then goes to "its own" address, which is the peer's as well. */
export const MAC = '02:00:5e:00:53:01'

export const INTERNET = 'internet'
/** Where functions outside of any VPC run. */
export const LAMBDA = 'lambda'
export const LAMBDA_ADDRESS = '192.0.2.250'
/** Delivery: the addresses that a VPC's router hands over itself. */
export const DELIVERY = 900
const FIRST_SUBNET_TABLE = 1000
const LAST_METRIC = 9999

export function layoutOf(account: Account): Layout {
  return { account, namespaces: new Map(), links: [], unsupported: new Map() }
}

/** The namespace of that name, made on first use. */
export function namespace(layout: Layout, name: string, forwards = false): Namespace {
  const there = layout.namespaces.get(name)
  if (there !== undefined) return there
  const made = { name, forwards, ip4: [], ip6: [], nft: [] }
  layout.namespaces.set(name, made)
  return made
}

export function link(layout: Layout, a: string, aDevice: string, b: string, bDevice: string): void {
  layout.links.push({ a: { namespace: a, device: aDevice }, b: { namespace: b, device: bDevice } })
}

export function routerOf(layout: Layout, vpcId: string): string {
  return `vpc${layout.account.vpcs.findIndex((vpc) => vpc.id === vpcId)}`
}

export function edgeOf(layout: Layout, vpcId: string): string {
  return `edge${layout.account.vpcs.findIndex((vpc) => vpc.id === vpcId)}`
}

export function servicesOf(layout: Layout, vpcId: string): string {
  return `services${layout.account.vpcs.findIndex((vpc) => vpc.id === vpcId)}`
}

/** The namespace of an interface; its id is a valid name of a file. */
export function namespaceOf(eni: Eni): string {
  return eni.id
}

/** The router's end of an interface's cable. */
export function portOf(layout: Layout, eni: Eni): string {
  return `e${layout.account.enis.indexOf(eni)}`
}

export function subnetTable(layout: Layout, subnetId: string): number {
  return FIRST_SUBNET_TABLE + layout.account.subnets.findIndex((subnet) => subnet.id === subnetId)
}

/** The bits of a packet's mark that tell its subnet; those above tell the load balancer that a reply goes back to. */
export const SUBNET_MARKS = 0xffff

/** The mark that packets from a subnet carry inside their router. */
export function subnetMark(layout: Layout, subnetId: string): number {
  return 1 + layout.account.subnets.findIndex((subnet) => subnet.id === subnetId)
}

/** Adds a line to the family of an address or prefix. */
export function ipLine(space: Namespace, destination: string, line: string): void {
  ;(destination.includes(':') ? space.ip6 : space.ip4).push(line)
}

/** Linux tells a sender that there is no route; AWS drops without a word, and so does a blackhole. */
export function silentEnd(space: Namespace, table: number | 'main'): void {
  for (const lines of [space.ip4, space.ip6])
    lines.push(`route add blackhole default table ${table} metric ${LAST_METRIC}`)
}

/** A rule for packets that come in by a device, in both families. */
export function incoming(space: Namespace, device: string, table: number): void {
  for (const lines of [space.ip4, space.ip6]) lines.push(`rule add pref 100 iif ${device} lookup ${table}`)
}

export function vpcOf(layout: Layout, vpcId: string): Vpc | undefined {
  return layout.account.vpcs.find((vpc) => vpc.id === vpcId)
}
