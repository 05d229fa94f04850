import { createHash } from 'node:crypto'
import type { Account, Eni, Vpc } from './account.js'
import { addressAt, isV6 } from './addresses.js'
import { balancersOf, inDns } from './balancers.js'
import { isRaw, listed, type Raw, record, records, strings, text } from './documents.js'
import { arePeeredBy } from './peering.js'

/** Names and their addresses, as one VPC's resolver answers them. */
export type Names = ReadonlyMap<string, readonly string[]>

/** Where the lab's internet keeps hosts that the snapshot knows nothing of, and services without a prefix list. */
const ELSEWHERE = '198.51.100.0/24'
const SERVICES = '52.95.192.0/20'
export const KNOWN_HOSTS: Names = new Map([
  ['api.example.com', ['198.51.100.80', '2600:9000:2000::1']],
  ['checkip.amazonaws.com', ['198.51.100.81']],
])

/**
 * The address of a name that no snapshot lists: an AWS service's in its prefix list where it has one, else one that depends on the name
 * alone. Null where the name is none of the public DNS.
 */
export function publicAddresses(services: Names, name: string): readonly string[] | null {
  const known = KNOWN_HOSTS.get(name)
  if (known !== undefined) return known
  const range = services.get(serviceOf(name))?.find((cidr) => !isV6(cidr))
  if (range !== undefined) return [addressAt(range, 1)]
  if (name.endsWith('.amazonaws.com')) return [addressAt(SERVICES, 1 + hash(name, 4000))]
  if (isPrivateName(name)) return null
  return [addressAt(ELSEWHERE, 100 + hash(name, 150))]
}

/** Whether a name is none of the public DNS: only a private zone can have it, and what it leads to may be anything in a VPC. */
export function isPrivateName(name: string): boolean {
  return /\.(internal|invalid|local|test)$/.test(name) || !name.includes('.')
}

/** The ranges of the services that have a prefix list, by the list's name. */
export function serviceRanges(account: Account): Names {
  return new Map([...account.prefixListNames].map(([id, name]) => [name, account.prefixLists.get(id) ?? []]))
}

/** `dynamodb.ap-northeast-2.amazonaws.com` → `com.amazonaws.ap-northeast-2.dynamodb`. */
function serviceOf(name: string): string {
  const [, service = '', region = ''] =
    /^(?:.+\.)?([a-z0-9-]+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$/.exec(name) ?? []
  return `com.amazonaws.${region}.${service}`
}

function hash(name: string, size: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % size
}

/**
 * What the resolver of a VPC says, beyond public names: databases by their private addresses inside the VPC and across a peering
 * that allows it, endpoints by their own names, and services by their endpoints where private DNS is on
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html,
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html,
 * https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html), and what stands in its private hosted zones
 * (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html). Null stands for a place outside of every VPC.
 */
export function namesIn(account: Account, vpc: Vpc | null): Names {
  const names = new Map<string, readonly string[]>()
  for (const { name, enis } of databaseNames(account)) {
    const addresses = enis.flatMap((eni) => databaseAddresses(account, eni, vpc))
    if (addresses.length > 0) names.set(name, [...new Set(addresses)])
  }
  for (const endpoint of account.endpoints) {
    if (
      text(endpoint, 'VpcEndpointType') !== 'Interface' ||
      text(endpoint, 'State').toLowerCase() !== 'available'
    )
      continue
    const here = vpc !== null && text(endpoint, 'VpcId') === vpc.id
    const withPrivateDns =
      endpoint['PrivateDnsEnabled'] === true && vpc?.dnsSupport === true && vpc.dnsHostnames
    const own = strings(endpoint, 'NetworkInterfaceIds')
    const addresses = account.enis.filter((eni) => own.includes(eni.id)).flatMap((eni) => eni.addresses)
    for (const name of records(endpoint, 'DnsEntries').map((entry) => text(entry, 'DnsName'))) {
      const isPublic = name.endsWith('.vpce.amazonaws.com')
      if (isPublic || (here && withPrivateDns))
        names.set(
          name,
          addresses.filter((address) => !isV6(address)),
        )
    }
  }
  for (const balancer of balancersOf(account))
    names.set(
      balancer.dnsName,
      inDns(account, balancer).flatMap((eni) => eni.addresses.filter((address) => !isV6(address))),
    )
  for (const [name, addresses] of zoneNames(account, vpc)) names.set(name, addresses)
  return names
}

/** The addresses in the private hosted zones that a VPC is associated with. */
function zoneNames(
  { documents }: Account,
  vpc: Vpc | null,
): readonly (readonly [string, readonly string[]])[] {
  return documents.flatMap(({ call, key, body }) => {
    if (call !== 'get-hosted-zone' || !isRaw(body) || vpc === null) return []
    if (!records(body, 'VPCs').some((one) => text(one, 'VPCId') === vpc.id)) return []
    const own = documents.filter((one) => one.key === key)
    return listed(own, 'list-resource-record-sets', 'ResourceRecordSets').flatMap((record) =>
      text(record, 'Type') === 'A'
        ? [
            [
              text(record, 'Name').replace(/\.$/, ''),
              records(record, 'ResourceRecords').map((one) => text(one, 'Value')),
            ] as const,
          ]
        : [],
    )
  })
}

export interface DatabaseName {
  readonly name: string
  readonly enis: readonly Eni[]
  readonly port: number
  readonly engine: string
  /** Set for a proxy: the databases behind it. */
  readonly behind?: readonly string[]
}

/** Names of RDS instances, clusters and proxies, with the interfaces that they stand for. */
export function databaseNames(account: Account): readonly DatabaseName[] {
  const { documents } = account
  const instances = listed(documents, 'describe-db-instances', 'DBInstances').map((raw) => ({
    id: text(raw, 'DBInstanceIdentifier'),
    name: text(record(raw, 'Endpoint'), 'Address'),
    enis: databaseEnis(account, raw),
    port: portOf(record(raw, 'Endpoint')),
    engine: text(raw, 'Engine'),
  }))
  const clusters = listed(documents, 'describe-db-clusters', 'DBClusters').flatMap((raw) => {
    const members = records(raw, 'DBClusterMembers')
    const enisOf = (some: readonly Raw[]) =>
      instances
        .filter((one) => some.some((member) => text(member, 'DBInstanceIdentifier') === one.id))
        .flatMap((one) => one.enis)
    const shared = { port: portOf(raw), engine: text(raw, 'Engine') }
    const readers = members.filter((member) => member['IsClusterWriter'] !== true)
    return [
      {
        name: text(raw, 'Endpoint'),
        enis: enisOf(members.filter((member) => member['IsClusterWriter'] === true)),
        ...shared,
      },
      { name: text(raw, 'ReaderEndpoint'), enis: enisOf(readers.length > 0 ? readers : members), ...shared },
    ]
  })
  const proxies = listed(documents, 'describe-db-proxies', 'DBProxies').map((raw) => {
    const name = text(raw, 'DBProxyName')
    const targets = listed(
      documents.filter((one) => one.key === name),
      'describe-db-proxy-targets',
      'Targets',
    )
    return {
      name: text(raw, 'Endpoint'),
      enis: account.enis.filter((eni) => eni.description === `Network interface for DBProxy ${name}`),
      port: 5432,
      engine: text(raw, 'EngineFamily').toLowerCase().startsWith('postgres')
        ? 'postgres'
        : text(raw, 'EngineFamily'),
      behind: targets.map((target) => text(target, 'Endpoint')),
    }
  })
  return [...instances, ...clusters, ...proxies].filter(({ name }) => name !== '')
}

/** RDS doesn't say which interface is whose: it is the one in its subnets and its zone, with its groups. */
function databaseEnis(account: Account, raw: Raw): readonly Eni[] {
  const subnets = records(record(raw, 'DBSubnetGroup'), 'Subnets').map((one) => text(one, 'SubnetIdentifier'))
  const groups = records(raw, 'VpcSecurityGroups').map((one) => text(one, 'VpcSecurityGroupId'))
  const zone = text(raw, 'AvailabilityZone')
  return account.enis
    .filter((eni) => eni.description === 'RDSNetworkInterface' && subnets.includes(eni.subnetId))
    .filter((eni) => [...eni.groups].sort().join() === [...groups].sort().join())
    .filter((eni) => zone === '' || account.subnets.find((one) => one.id === eni.subnetId)?.zone === zone)
    .slice(0, 1)
}

function databaseAddresses(account: Account, eni: Eni, vpc: Vpc | null): readonly string[] {
  const [own = ''] = eni.addresses
  const outside = eni.publics.get(own)
  if (outside === undefined || vpc?.id === eni.vpcId) return [own]
  return [vpc !== null && arePeeredBy(account, vpc.id, eni.vpcId, 'names') ? own : outside]
}

function portOf(raw: Raw | undefined): number {
  const port = raw?.['Port']
  return typeof port === 'number' ? port : 5432
}
