import { addressAt } from '../addresses.js'
import type { Random } from './random.js'

/** A random account under construction: plain things, which `print.ts` writes as AWS would. */
export interface DraftVpc {
  readonly id: string
  readonly cidrs: readonly string[]
  readonly cidr6: string | null
  readonly igw: string | null
  readonly eigw: string | null
}
export interface DraftSubnet {
  readonly id: string
  readonly vpc: string
  readonly cidr: string
  readonly cidr6: string | null
  readonly zone: string
  readonly table: string
  readonly acl: string
}
export interface DraftEni {
  readonly id: string
  readonly subnet: string
  readonly vpc: string
  readonly address: string
  readonly address6: string | null
  readonly publicAddress: string | null
  readonly groups: readonly string[]
  readonly nat: string | null
  readonly natPublic: boolean
  /** Whose it is, where it is neither a host's nor a NAT gateway's: as `describe-network-interfaces` tells. */
  readonly made?: { readonly type: string; readonly description: string }
}
export interface DraftFunction {
  readonly name: string
  readonly subnets: readonly string[]
  readonly groups: readonly string[]
  readonly dualStack: boolean
}
export interface DraftDatabase {
  readonly id: string
  readonly eni: string
  readonly engine: string
  readonly port: number
}
/** An interface endpoint; its interfaces have its group. */
export interface DraftInterfaceEndpoint {
  readonly id: string
  readonly vpc: string
  /** Short name: `secretsmanager`. */
  readonly service: string
  readonly enis: readonly string[]
  readonly group: string
  readonly privateDns: boolean
}
/** A load balancer with one listener, and one target group of addresses. */
export interface DraftBalancer {
  readonly name: string
  readonly type: 'application' | 'network'
  readonly vpc: string
  /** One in each of its zones; they have its groups. */
  readonly enis: readonly string[]
  readonly groups: readonly string[]
  readonly listener: { readonly protocol: string; readonly port: number }
  readonly crossZone: boolean
  /** Whether targets see the client's address; an Application Load Balancer's never do. */
  readonly preserves: boolean
  readonly target: { readonly port: number; readonly enis: readonly string[] }
}
export interface DraftRoute {
  readonly to: string
  readonly via: string
  readonly blackhole: boolean
}
export interface DraftTable {
  readonly id: string
  readonly vpc: string
  readonly main: boolean
  readonly routes: DraftRoute[]
}
export interface DraftRule {
  readonly protocol: string
  readonly ports: readonly [number, number] | null
  readonly peer: { readonly cidr: string } | { readonly group: string } | { readonly list: string }
}
export interface DraftGroup {
  readonly id: string
  readonly vpc: string
  readonly ingress: readonly DraftRule[]
  readonly egress: readonly DraftRule[]
}
export interface DraftEntry {
  readonly number: number
  readonly egress: boolean
  readonly allow: boolean
  readonly protocol: string
  readonly cidr: string
  readonly ports: readonly [number, number] | null
}
export interface DraftAcl {
  readonly id: string
  readonly vpc: string
  readonly isDefault: boolean
  readonly entries: readonly DraftEntry[]
}
export interface DraftPeering {
  readonly id: string
  readonly requester: string
  readonly accepter: string
  /** Whether both sides resolve the other's names to private addresses; not, unless told. */
  readonly dns?: boolean
}
export interface DraftTransit {
  readonly id: string
  readonly tables: readonly { readonly id: string; readonly routes: readonly DraftTransitRoute[] }[]
  readonly attachments: readonly DraftAttachment[]
}
export interface DraftTransitRoute {
  readonly to: string
  readonly attachment: string | null
  readonly propagated: boolean
}
export interface DraftAttachment {
  readonly id: string
  readonly vpc: string
  readonly subnets: readonly string[]
  readonly table: string | null
}
export interface DraftEndpoint {
  readonly id: string
  readonly vpc: string
  readonly list: string
  readonly tables: readonly string[]
}
export interface Draft {
  readonly vpcs: readonly DraftVpc[]
  readonly subnets: readonly DraftSubnet[]
  readonly enis: readonly DraftEni[]
  readonly tables: readonly DraftTable[]
  readonly groups: readonly DraftGroup[]
  readonly acls: readonly DraftAcl[]
  readonly peerings: readonly DraftPeering[]
  readonly transit: DraftTransit | null
  readonly endpoints: readonly DraftEndpoint[]
  readonly functions: readonly DraftFunction[]
  readonly databases: readonly DraftDatabase[]
  readonly interfaceEndpoints: readonly DraftInterfaceEndpoint[]
  readonly balancers: readonly DraftBalancer[]
  readonly block: {
    readonly mode: string
    readonly exclusions: readonly { readonly resource: string; readonly mode: string }[]
  }
}

export const REGION = 'eu-west-1'
export const ACCOUNT = '111122223333'
export const LISTS = [
  { id: 'pl-6da54004', name: `com.amazonaws.${REGION}.s3`, cidrs: ['3.5.64.0/21', '52.218.0.0/17'] },
  { id: 'pl-6fa54006', name: `com.amazonaws.${REGION}.dynamodb`, cidrs: ['52.94.24.0/23'] },
  { id: 'pl-0aaaaaaaaaaaaaaaa', name: 'own', cidrs: ['10.1.0.0/17', '198.51.100.0/25'] },
] as const
/** Addresses outside: of hosts, and of the services with a prefix list. */
export const OUTSIDE = ['198.51.100.80', '198.51.100.200', '3.5.64.9', '52.94.24.7', '203.0.114.9']
export const OUTSIDE6 = ['2600:9000:2000::1', '2a05:d018::99']

/** An id of AWS's form; what kind of thing, of which VPC, the how-manieth. */
export function idOf(prefix: string, vpc: number, index = 0): string {
  return `${prefix}-${`${vpc.toString(16)}${index.toString(16).padStart(2, '0')}`.padStart(17, '0')}`
}

/** An interface with the nth address of its subnet, and nothing else to it. */
export function interfaceIn(
  subnet: DraftSubnet,
  id: string,
  host: number,
  groups: readonly string[],
): DraftEni {
  return {
    id,
    subnet: subnet.id,
    vpc: subnet.vpc,
    address: addressAt(subnet.cidr, host),
    address6: null,
    publicAddress: null,
    groups,
    nat: null,
    natPublic: true,
  }
}

/** The ranges of ports that rules name: single ones, neighbours, all, and the whole of the ephemeral ones. */
export const PORT_RANGES: readonly (readonly [number, number])[] = [
  [22, 22],
  [80, 80],
  [443, 443],
  [0, 65535],
  [5432, 5433],
  [80, 443],
  [1024, 65535],
  [1, 1023],
]
export const PORTS = [22, 79, 80, 443, 444, 1023, 1024, 5432, 5433, 5434, 8080]

export function pickPorts(random: Random): readonly [number, number] {
  return random.pick(PORT_RANGES)
}
