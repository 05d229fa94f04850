import type { Snapshot, SnapshotDocument } from '../../api/network/snapshot.js'

export const REGION = 'eu-west-1'
export const ACCOUNT = '123456789012'
export const VPC = 'vpc-1'

type Body = Readonly<Record<string, unknown>>

/** A snapshot of answers, by call or `call key`; calls that are not named are answered with an empty list. */
export function snapshotOf(
  answers: Readonly<Record<string, Body>>,
  missing: Snapshot['missing'] = [],
): Snapshot {
  const given: Readonly<Record<string, Body>> = { ...EMPTY, ...answers }
  const refused = new Set(missing.map(({ call }) => call))
  const documents = Object.entries(given).flatMap(([name, body]): SnapshotDocument[] => {
    const [call = '', key = ''] = name.split(' ')
    if (refused.has(call)) return []
    return [{ file: `${REGION}/${name}.json`, scope: REGION, call, key, body }]
  })
  return { takenAt: '2026-01-31T12:00:00.000Z', documents, missing }
}

const EMPTY: Readonly<Record<string, Body>> = {
  'describe-vpcs': { Vpcs: [{ VpcId: VPC, CidrBlock: '10.0.0.0/16', OwnerId: ACCOUNT }] },
  'describe-subnets': { Subnets: ['a', 'b'].map(subnet) },
  'describe-route-tables': { RouteTables: [] },
  'describe-nat-gateways': { NatGateways: [] },
  'describe-network-interfaces': { NetworkInterfaces: [] },
  'describe-vpc-endpoints': { VpcEndpoints: [] },
  'describe-db-instances': { DBInstances: [] },
  'describe-db-clusters': { DBClusters: [] },
  'describe-db-subnet-groups': { DBSubnetGroups: [{ DBSubnetGroupName: 'data', VpcId: VPC, Subnets: [] }] },
  'describe-db-proxies': { DBProxies: [] },
  'describe-cache-clusters': { CacheClusters: [] },
  'describe-replication-groups': { ReplicationGroups: [] },
  'describe-serverless-caches': { ServerlessCaches: [] },
  'describe-cache-subnet-groups': { CacheSubnetGroups: [{ CacheSubnetGroupName: 'cache', VpcId: VPC }] },
  'list-domain-names': { DomainNames: [] },
  'list-functions': { Functions: [lambda('orders')] },
  'get-caller-identity': { Account: ACCOUNT },
}

export function subnet(letter: string): Body {
  const third = letter.charCodeAt(0) - 96
  return {
    SubnetId: `subnet-${letter}`,
    VpcId: VPC,
    AvailabilityZone: `${REGION}${letter}`,
    CidrBlock: `10.0.${third}.0/24`,
  }
}

export function lambda(name: string, subnets = ['subnet-a', 'subnet-b'], groups = ['sg-1']): Body {
  return {
    FunctionName: name,
    FunctionArn: functionArn(name),
    VpcConfig: { VpcId: VPC, SubnetIds: subnets, SecurityGroupIds: groups },
  }
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`
}

/** An interface that Lambda made. */
export function eni(id: string, letter: string, groups = ['sg-1']): Body {
  const third = letter.charCodeAt(0) - 96
  return {
    NetworkInterfaceId: id,
    InterfaceType: 'lambda',
    Description: 'AWS Lambda VPC ENI-orders-1',
    VpcId: VPC,
    SubnetId: `subnet-${letter}`,
    Groups: groups.map((GroupId) => ({ GroupId })),
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: `10.0.${third}.9` }],
  }
}

/** `get-resources` as it answers for each of Sonde's tags. */
export function tagged(
  tags: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, Body> {
  const keys = new Set(Object.values(tags).flatMap((own) => Object.keys(own)))
  return Object.fromEntries(
    [...keys].map((key) => [
      `get-resources ${key}`,
      {
        ResourceTagMappingList: Object.entries(tags)
          .filter(([, own]) => key in own)
          .map(([ResourceARN, own]) => ({
            ResourceARN,
            Tags: Object.entries(own).map(([Key, Value]) => ({ Key, Value })),
          })),
      },
    ]),
  )
}
