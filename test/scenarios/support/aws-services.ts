import { awsBalancers } from './aws-balancers.js'
import { ACCOUNT, ENI_ACTIONS, type Endpoint, REGION, type World } from './world.js'

const OPEN_POLICY = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'

function endpoint(world: World, one: Endpoint) {
  const service = one.service.split('.').at(-1) ?? one.service
  const suffix = `${one.id}-0a1b2c3d.${service}.${REGION}.vpce.amazonaws.com`
  return {
    VpcEndpointId: one.id,
    VpcEndpointType: one.type,
    VpcId: one.vpc,
    ServiceName: one.service,
    State: 'available',
    PolicyDocument: one.policy ?? OPEN_POLICY,
    RouteTableIds: one.tables,
    SubnetIds: one.nics.map((nic) => nic.subnet),
    Groups: one.groups.map((group) => ({
      GroupId: group,
      GroupName: world.groups.find((candidate) => candidate.id === group)?.name,
    })),
    IpAddressType: 'ipv4',
    ...(one.type === 'Interface'
      ? { DnsOptions: { DnsRecordIpType: 'ipv4', PrivateDnsOnlyForInboundResolverEndpoint: false } }
      : {}),
    PrivateDnsEnabled: one.privateDns,
    RequesterManaged: false,
    NetworkInterfaceIds: one.nics.map((nic) => nic.id),
    DnsEntries:
      one.type === 'Gateway'
        ? []
        : [
            { DnsName: suffix, HostedZoneId: 'Z27UANNT0PRK1T' },
            ...(one.privateDns
              ? [{ DnsName: `${service}.${REGION}.amazonaws.com`, HostedZoneId: 'Z0EXAMPLE' }]
              : []),
          ],
    CreationTimestamp: '2026-01-05T02:20:00+00:00',
    Tags: [],
    OwnerId: ACCOUNT,
  }
}

const rdsName = (name: string) => `${name}.c1x2y3z4.${REGION}.rds.amazonaws.com`

function databaseFiles(world: World): [string, unknown][] {
  const zone = (subnetId: string) => world.subnets.find((subnet) => subnet.id === subnetId)?.zone
  const subnetGroups = world.databases.map((database) => ({
    DBSubnetGroupName: `${database.id}-subnets`,
    DBSubnetGroupDescription: `Subnets of ${database.id}`,
    VpcId: database.vpc,
    SubnetGroupStatus: 'Complete',
    Subnets: database.subnets.map((subnet) => ({
      SubnetIdentifier: subnet,
      SubnetAvailabilityZone: { Name: zone(subnet) },
      SubnetOutpost: {},
      SubnetStatus: 'Active',
    })),
  }))
  return [
    [
      'describe-db-instances',
      {
        DBInstances: world.databases.map((database, index) => ({
          DBInstanceIdentifier: database.id,
          DBInstanceClass: 'db.t4g.medium',
          Engine: database.engine,
          EngineVersion: '16.4',
          DBInstanceStatus: 'available',
          Endpoint: { Address: rdsName(database.id), Port: database.port, HostedZoneId: 'ZLA2NUCOLGUUR' },
          AllocatedStorage: 20,
          AvailabilityZone: zone(database.subnet),
          DBSubnetGroup: subnetGroups[index],
          VpcSecurityGroups: database.groups.map((VpcSecurityGroupId) => ({
            VpcSecurityGroupId,
            Status: 'active',
          })),
          MultiAZ: false,
          PubliclyAccessible: database.publicAddress !== undefined,
          StorageEncrypted: true,
          CACertificateIdentifier: 'rds-ca-rsa2048-g1',
          NetworkType: 'IPV4',
          DBInstanceArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:${database.id}`,
        })),
      },
    ],
    ['describe-db-clusters', { DBClusters: [] }],
    ['describe-db-subnet-groups', { DBSubnetGroups: subnetGroups }],
    [
      'describe-db-proxies',
      {
        DBProxies: world.proxies.map((proxy) => ({
          DBProxyName: proxy.name,
          DBProxyArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db-proxy:prx-0a1b2c3d4e5f6a7b8`,
          Status: 'available',
          EngineFamily: 'POSTGRESQL',
          VpcId: proxy.vpc,
          VpcSecurityGroupIds: proxy.groups,
          VpcSubnetIds: proxy.subnets,
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/${proxy.name}-proxy-role`,
          Endpoint: `${proxy.name}.proxy-c1x2y3z4.${REGION}.rds.amazonaws.com`,
          RequireTLS: true,
          IdleClientTimeout: 1800,
          DebugLogging: false,
        })),
      },
    ],
    ...world.proxies.map((proxy): [string, unknown] => [
      `describe-db-proxy-targets.${proxy.name}`,
      {
        Targets: [
          {
            RdsResourceId: proxy.target,
            Endpoint: rdsName(proxy.target),
            Port: 5432,
            Type: 'RDS_INSTANCE',
            Role: 'READ_WRITE',
            TargetHealth: { State: 'AVAILABLE' },
          },
        ],
      },
    ]),
  ]
}

function lambdaFiles(world: World): [string, unknown][] {
  const optional = (entries: Record<string, string | undefined>) =>
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
  return [
    [
      'list-functions',
      {
        Functions: world.functions.map((fn) => ({
          FunctionName: fn.name,
          FunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${fn.name}`,
          Runtime: 'nodejs22.x',
          Role: `arn:aws:iam::${ACCOUNT}:role/${fn.role}`,
          Handler: 'index.handler',
          CodeSize: 4096,
          Description: '',
          Timeout: 30,
          MemorySize: 512,
          LastModified: '2026-01-06T03:00:00.000+0000',
          Version: '$LATEST',
          ...(fn.vpc === null
            ? {}
            : {
                VpcConfig: {
                  SubnetIds: fn.subnets,
                  SecurityGroupIds: fn.groups,
                  VpcId: fn.vpc,
                  Ipv6AllowedForDualStack: fn.dualStack === true,
                },
              }),
          TracingConfig: { Mode: 'PassThrough' },
          PackageType: 'Zip',
          Architectures: ['arm64'],
          EphemeralStorage: { Size: 512 },
          ...optional({
            State: fn.state,
            StateReason: fn.stateReason,
            StateReasonCode: fn.stateReasonCode,
            LastUpdateStatus: fn.lastUpdateStatus,
            LastUpdateStatusReason: fn.lastUpdateStatusReason,
            LastUpdateStatusReasonCode: fn.lastUpdateStatusReasonCode,
          }),
        })),
      },
    ],
    ...world.roles.map((role): [string, unknown] => [
      `simulate-principal-policy.${role.name}`,
      {
        EvaluationResults: ENI_ACTIONS.map((action) => ({
          EvalActionName: action,
          EvalResourceName: '*',
          EvalDecision: role.allowed.includes(action) ? 'allowed' : 'implicitDeny',
          MatchedStatements: [],
          MissingContextValues: [],
        })),
        IsTruncated: false,
      },
    ]),
  ]
}

/** The answers of the calls about things that use the network: Lambda, RDS, EC2 instances, endpoints, load balancers. */
export function awsServices(world: World): [string, unknown][] {
  return [
    ...lambdaFiles(world),
    ...databaseFiles(world),
    ['describe-vpc-endpoints', { VpcEndpoints: world.endpoints.map((one) => endpoint(world, one)) }],
    [
      'describe-instances',
      {
        Reservations: world.instances.map((instance) => ({
          ReservationId: `r-${instance.id.slice(2)}`,
          OwnerId: ACCOUNT,
          Groups: [],
          Instances: [
            {
              InstanceId: instance.id,
              ImageId: 'ami-0a1b2c3d4e5f6a7b8',
              State: { Code: 16, Name: 'running' },
              InstanceType: 't4g.micro',
              SubnetId: instance.subnet,
              VpcId: world.subnets.find((subnet) => subnet.id === instance.subnet)?.vpc,
              PrivateIpAddress: instance.address,
              SecurityGroups: instance.groups.map((GroupId) => ({ GroupId })),
              NetworkInterfaces: [
                {
                  NetworkInterfaceId: instance.eni,
                  PrivateIpAddress: instance.address,
                  PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: instance.address }],
                  SubnetId: instance.subnet,
                  VpcId: world.subnets.find((subnet) => subnet.id === instance.subnet)?.vpc,
                  Groups: instance.groups.map((GroupId) => ({ GroupId })),
                  Status: 'in-use',
                  SourceDestCheck: true,
                },
              ],
              SourceDestCheck: true,
              Tags: [{ Key: 'Name', Value: instance.name }],
            },
          ],
        })),
      },
    ],
    ...awsBalancers(world),
  ]
}
