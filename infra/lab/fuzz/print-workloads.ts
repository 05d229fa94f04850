import { ACCOUNT, type Draft, type DraftDatabase, type DraftInterfaceEndpoint, REGION } from './draft.js'

export const OPEN_POLICY = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'

/** The name by which a service's own clients call it. */
export const serviceHost = (service: string) => `${service}.${REGION}.amazonaws.com`

const ROLE = 'fuzz-role'

/** The answers about what uses the network: functions, and databases. */
export function workloads(draft: Draft): [string, unknown][] {
  const instances = draft.databases.map((one) => database(draft, one))
  return [
    [
      'list-functions',
      {
        Functions: draft.functions.map((fn) => ({
          FunctionName: fn.name,
          FunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${fn.name}`,
          Runtime: 'nodejs22.x',
          Role: `arn:aws:iam::${ACCOUNT}:role/${ROLE}`,
          Timeout: 30,
          MemorySize: 512,
          Version: '$LATEST',
          VpcConfig: {
            SubnetIds: fn.subnets,
            SecurityGroupIds: fn.groups,
            VpcId: draft.subnets.find((one) => one.id === fn.subnets[0])?.vpc ?? '',
            Ipv6AllowedForDualStack: fn.dualStack,
          },
          State: 'Active',
          LastUpdateStatus: 'Successful',
        })),
      },
    ],
    ['describe-db-instances', { DBInstances: instances }],
    ['describe-db-subnet-groups', { DBSubnetGroups: instances.map((one) => one.DBSubnetGroup) }],
  ]
}

function database(draft: Draft, { id, eni: eniId, engine, port }: DraftDatabase) {
  const eni = draft.enis.find((one) => one.id === eniId)
  const subnet = draft.subnets.find((one) => one.id === eni?.subnet)
  const zone = `${REGION}${subnet?.zone ?? 'a'}`
  return {
    DBInstanceIdentifier: id,
    Engine: engine,
    DBInstanceStatus: 'available',
    Endpoint: { Address: `${id}.c1x2y3z4.${REGION}.rds.amazonaws.com`, Port: port },
    AvailabilityZone: zone,
    DBSubnetGroup: {
      DBSubnetGroupName: `${id}-subnets`,
      VpcId: eni?.vpc,
      SubnetGroupStatus: 'Complete',
      Subnets: [{ SubnetIdentifier: eni?.subnet, SubnetAvailabilityZone: { Name: zone } }],
    },
    VpcSecurityGroups: (eni?.groups ?? []).map((VpcSecurityGroupId) => ({
      VpcSecurityGroupId,
      Status: 'active',
    })),
    MultiAZ: false,
    PubliclyAccessible: eni?.publicAddress != null,
    DBInstanceArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:${id}`,
  }
}

export function interfaceEndpoint(draft: Draft, endpoint: DraftInterfaceEndpoint): unknown {
  const { id, vpc, service, enis, group, privateDns } = endpoint
  return {
    VpcEndpointId: id,
    VpcEndpointType: 'Interface',
    VpcId: vpc,
    ServiceName: `com.amazonaws.${REGION}.${service}`,
    State: 'available',
    PolicyDocument: OPEN_POLICY,
    RouteTableIds: [],
    SubnetIds: enis.map((eni) => draft.enis.find((one) => one.id === eni)?.subnet),
    Groups: [{ GroupId: group, GroupName: group }],
    NetworkInterfaceIds: enis,
    PrivateDnsEnabled: privateDns,
    DnsEntries: [
      { DnsName: `${id}-0a1b2c3d.${service}.${REGION}.vpce.amazonaws.com` },
      ...(privateDns ? [{ DnsName: serviceHost(service) }] : []),
    ],
  }
}
