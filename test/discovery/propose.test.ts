import { readdirSync } from 'node:fs'
import t from 'tap'
import { stringify } from 'yaml'
import { readPlanFile } from '../../api/discovery/plan-file.js'
import { discover } from '../../api/discovery/propose.js'
import { buildModel } from '../../api/network/model.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { ACCOUNT, eni, functionArn, lambda, REGION, snapshotOf, tagged, VPC } from './aws-answers.js'

const found = (snapshot: Snapshot) => discover(snapshot, buildModel(snapshot).model)
/** The checks of the only posture, by name. */
function checksOf(snapshot: Snapshot): Record<string, object> {
  const { postures } = found(snapshot)
  if (postures.length !== 1) throw new Error(`${postures.length} postures`)
  const checks = postures[0]?.plan.plan.checks as { name: string }[]
  return Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest]))
}

t.test('functions are grouped by subnets and groups, with the interfaces that they share', async (t) => {
  const snapshot = snapshotOf({
    'list-functions': {
      Functions: [
        lambda('orders', ['subnet-b', 'subnet-a'], ['sg-2', 'sg-1']),
        lambda('billing', ['subnet-a', 'subnet-b'], ['sg-1', 'sg-2']),
        lambda('single', ['subnet-a'], ['sg-1', 'sg-2']),
        lambda('other-group', ['subnet-a', 'subnet-b'], ['sg-1']),
        { FunctionName: 'outside', FunctionArn: functionArn('outside') },
        {
          FunctionName: 'left',
          FunctionArn: functionArn('left'),
          VpcConfig: { VpcId: '', SubnetIds: [], SecurityGroupIds: [] },
        },
        lambda('probe'),
        lambda('ignored'),
      ],
    },
    'describe-network-interfaces': {
      NetworkInterfaces: [
        eni('eni-1', 'a', ['sg-2', 'sg-1']),
        eni('eni-2', 'a', ['sg-1', 'sg-2']),
        eni('eni-3', 'b', ['sg-1']),
        { ...eni('eni-4', 'b', ['sg-1', 'sg-2']), InterfaceType: 'interface', Description: 'a server' },
      ],
    },
    ...tagged({
      [functionArn('probe')]: { 'sonde:probe': 'posture-0' },
      [functionArn('ignored')]: { 'sonde:ignore': 'true' },
      [functionArn('billing')]: { 'sonde:ignore': 'false' },
    }),
  })
  const { postures, file, covered } = found(snapshot)
  const shown = postures.map(({ plan, interfaces }) => [
    plan.functions,
    plan.subnets,
    plan.securityGroups,
    Object.fromEntries(interfaces),
  ])
  const both = ['subnet-a', 'subnet-b']
  t.same(
    shown.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    [
      [['billing', 'orders'], both, ['sg-1', 'sg-2'], { 'subnet-a': ['eni-1', 'eni-2'], 'subnet-b': [] }],
      [['other-group'], both, ['sg-1'], { 'subnet-a': [], 'subnet-b': ['eni-3'] }],
      [['single'], ['subnet-a'], ['sg-1', 'sg-2'], { 'subnet-a': ['eni-1', 'eni-2'] }],
    ],
  )
  t.match(file.postures[0], { account: ACCOUNT, region: REGION, vpc: VPC })
  t.same(covered, [{ account: ACCOUNT, region: REGION }])
  t.same(readPlanFile(stringify(file), 'x'), file, 'a plan file, each plan by the rules of the probe')
})

t.test('databases: instances, clusters by their names, proxies; each by its engine', async (t) => {
  const instance = (id: string, Engine: string, more: object = {}) => ({
    DBInstanceIdentifier: id,
    DBInstanceArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:${id}`,
    Engine,
    Endpoint: { Address: `${id}.abc.${REGION}.rds.amazonaws.com`, Port: 5000 },
    DBSubnetGroup: { DBSubnetGroupName: 'data', VpcId: VPC },
    ...more,
  })
  const checks = checksOf(
    snapshotOf({
      'describe-db-instances': {
        DBInstances: [
          instance('pg', 'postgres'),
          instance('my', 'mysql'),
          instance('maria', 'mariadb'),
          instance('ms', 'sqlserver-web'),
          instance('ora', 'oracle-se2'),
          instance('member', 'aurora-postgresql', { DBClusterIdentifier: 'au' }),
          instance('making', 'postgres', { Endpoint: undefined }),
          instance('far', 'postgres', { DBSubnetGroup: { VpcId: 'vpc-2' } }),
          instance('secret', 'postgres', { TagList: [{ Key: 'sonde:ignore', Value: '' }] }),
          instance('hidden', 'postgres'),
        ],
      },
      'describe-db-clusters': {
        DBClusters: [
          {
            DBClusterIdentifier: 'au',
            Engine: 'aurora-postgresql',
            Port: 5432,
            DBSubnetGroup: 'data',
            Endpoint: 'au.cluster-x',
            ReaderEndpoint: 'au.cluster-ro-x',
            DBClusterMembers: [{}, {}],
          },
          {
            DBClusterIdentifier: 'lone',
            Engine: 'aurora-mysql',
            Port: 3306,
            DBSubnetGroup: 'data',
            Endpoint: 'lone.cluster-x',
            ReaderEndpoint: 'lone.cluster-ro-x',
            DBClusterMembers: [{}],
          },
          {
            DBClusterIdentifier: 'docs',
            Engine: 'docdb',
            Port: 27_017,
            DBSubnetGroup: 'data',
            Endpoint: 'docs.cluster-x',
            DBClusterMembers: [{}],
          },
        ],
      },
      'describe-db-proxies': {
        DBProxies: [
          {
            DBProxyName: 'front',
            DBProxyArn: 'arn:p',
            EngineFamily: 'MYSQL',
            VpcId: VPC,
            Endpoint: 'front.proxy-x',
          },
        ],
      },
      ...tagged({ [`arn:aws:rds:${REGION}:${ACCOUNT}:db:hidden`]: { 'sonde:ignore': '1' } }),
    }),
  )
  const at = (id: string) => ({ host: `${id}.abc.${REGION}.rds.amazonaws.com`, port: 5000 })
  t.same(checks, {
    'rds:pg': { kind: 'postgres', ...at('pg') },
    'rds:my': { kind: 'mysql', ...at('my') },
    'rds:maria': { kind: 'mysql', ...at('maria') },
    'rds:ms': { kind: 'mssql', ...at('ms') },
    'rds:ora': { kind: 'tcp', ...at('ora') },
    'rds:au': { kind: 'postgres', host: 'au.cluster-x', port: 5432 },
    'rds:au.reader': { kind: 'postgres', host: 'au.cluster-ro-x', port: 5432 },
    'rds:lone': { kind: 'mysql', host: 'lone.cluster-x', port: 3306 },
    'rds:docs': { kind: 'tcp', host: 'docs.cluster-x', port: 27_017 },
    'rds-proxy:front': { kind: 'mysql', host: 'front.proxy-x', port: 3306, ca: 'system' },
  })
})

t.test('what a plan has no room for is told', async (t) => {
  const instance = (n: number) => ({
    DBInstanceIdentifier: `db-${n}`,
    DBInstanceArn: `arn:aws:rds:${REGION}:${ACCOUNT}:db:db-${n}`,
    Engine: 'postgres',
    Endpoint: { Address: `db-${n}.abc.${REGION}.rds.amazonaws.com`, Port: 5432 },
    DBSubnetGroup: { DBSubnetGroupName: 'data', VpcId: VPC },
  })
  const proposed = (count: number) =>
    found(
      snapshotOf({
        'describe-db-instances': { DBInstances: Array.from({ length: count }, (_, n) => instance(n)) },
      }),
    ).postures[0]
  const all = proposed(1000)
  t.equal(all?.plan.plan.checks.length, 1000)
  t.notMatch(all?.notes.join('\n'), /left out/)
  const more = proposed(1002)
  t.equal(more?.plan.plan.checks.length, 1000)
  t.match(more?.notes.join('\n'), /2 more checks were left out, since a plan takes 1000/)
})

t.test('caches and domains', async (t) => {
  const place = (Address: string, Port = 6379) => ({ Address, Port })
  const checks = checksOf(
    snapshotOf({
      'describe-cache-clusters': {
        CacheClusters: [
          {
            CacheClusterId: 'ha-1',
            ReplicationGroupId: 'ha',
            Engine: 'redis',
            CacheSubnetGroupName: 'cache',
          },
          {
            CacheClusterId: 'sharded-1',
            ReplicationGroupId: 'sharded',
            Engine: 'valkey',
            CacheSubnetGroupName: 'cache',
          },
          {
            CacheClusterId: 'mem',
            Engine: 'memcached',
            CacheSubnetGroupName: 'cache',
            ConfigurationEndpoint: place('mem.cfg', 11_211),
          },
          {
            CacheClusterId: 'one',
            Engine: 'redis',
            CacheSubnetGroupName: 'cache',
            CacheNodes: [{ Endpoint: place('one.0001') }],
          },
          {
            CacheClusterId: 'far',
            Engine: 'redis',
            CacheSubnetGroupName: 'elsewhere',
            CacheNodes: [{ Endpoint: place('far') }],
          },
        ],
      },
      'describe-replication-groups': {
        ReplicationGroups: [
          {
            ReplicationGroupId: 'ha',
            MemberClusters: ['ha-1'],
            TransitEncryptionEnabled: true,
            NodeGroups: [
              {
                NodeGroupId: '0001',
                NodeGroupMembers: [{}, {}],
                PrimaryEndpoint: place('ha.p'),
                ReaderEndpoint: place('ha.r'),
              },
            ],
          },
          {
            ReplicationGroupId: 'sharded',
            MemberClusters: ['sharded-1'],
            ConfigurationEndpoint: place('sharded.cfg'),
          },
        ],
      },
      'describe-serverless-caches': {
        ServerlessCaches: [
          {
            ServerlessCacheName: 'quick',
            Engine: 'valkey',
            SubnetIds: ['subnet-a'],
            Endpoint: place('quick.sl'),
          },
        ],
      },
      'list-domain-names': { DomainNames: [{ DomainName: 'logs' }] },
      'describe-domain logs': {
        DomainStatus: {
          DomainName: 'logs',
          ARN: 'arn:d',
          VPCOptions: { VPCId: VPC },
          Endpoints: { vpc: `vpc-logs.${REGION}.es.amazonaws.com` },
        },
      },
      'describe-domain public': {
        DomainStatus: { DomainName: 'public', ARN: 'arn:e', Endpoint: 'search-x' },
      },
    }),
  )
  t.same(checks, {
    'elasticache:ha': { kind: 'redis', host: 'ha.p', port: 6379, tls: 'verify' },
    'elasticache:ha.reader': { kind: 'redis', host: 'ha.r', port: 6379, tls: 'verify' },
    'elasticache:sharded': { kind: 'redis', host: 'sharded.cfg', port: 6379 },
    'elasticache:mem': { kind: 'tcp', host: 'mem.cfg', port: 11_211 },
    'elasticache:one': { kind: 'redis', host: 'one.0001', port: 6379 },
    'elasticache:quick': { kind: 'redis', host: 'quick.sl', port: 6379, tls: 'verify' },
    'opensearch:logs': { kind: 'http', url: `https://vpc-logs.${REGION}.es.amazonaws.com/` },
  })
})

t.test('endpoints name the services in use; what has no cheap call is told', async (t) => {
  const endpoint = (id: string, service: string, more: object = {}) => ({
    VpcEndpointId: id,
    VpcEndpointType: 'Interface',
    VpcId: VPC,
    ServiceName: service.includes('.vpce.') ? service : `com.amazonaws.${REGION}.${service}`,
    State: 'available',
    PrivateDnsEnabled: true,
    ...more,
  })
  const own = 'vpce-5-x.sqs.eu-west-1.vpce.amazonaws.com'
  const snapshot = snapshotOf({
    'describe-vpc-endpoints': {
      VpcEndpoints: [
        endpoint('vpce-1', 'secretsmanager'),
        endpoint('vpce-2', 'kinesis-streams'),
        endpoint('vpce-3', 'dynamodb', { VpcEndpointType: 'Gateway', PrivateDnsEnabled: false }),
        endpoint('vpce-4', 'ecr.api'),
        endpoint('vpce-5', 'sqs', { PrivateDnsEnabled: false, DnsEntries: [{ DnsName: own }] }),
        endpoint('vpce-6', 's3', { VpcEndpointType: 'Gateway' }),
        endpoint('vpce-7', 's3'),
        endpoint('vpce-8', 'ecr.dkr'),
        endpoint('vpce-9', `com.amazonaws.vpce.${REGION}.vpce-svc-1`),
        endpoint('vpce-10', 'kms', { Tags: [{ Key: 'sonde:ignore', Value: 'yes' }] }),
        endpoint('vpce-11', 'sns', { State: 'deleted' }),
      ],
    },
  })
  t.same(checksOf(snapshot), {
    'service:secretsmanager': { kind: 'aws', service: 'secretsmanager', via: 'endpoint' },
    'service:kinesis': { kind: 'aws', service: 'kinesis', via: 'endpoint' },
    'service:dynamodb': { kind: 'aws', service: 'dynamodb' },
    'service:ecr': { kind: 'aws', service: 'ecr', via: 'endpoint' },
    'service:sqs': { kind: 'aws', service: 'sqs', via: 'endpoint', endpoint: own },
    'service:s3': { kind: 'aws', service: 's3', via: 'endpoint' },
  })
  const notes = found(snapshot).postures[0]?.notes ?? []
  t.match(notes.join('\n'), /vpce-8 .*ecr\.dkr.*: no cheap read-only call/)
  t.match(notes.join('\n'), /vpce-9 .*: an endpoint service of someone/)
})

t.test('the internet is asked for where a default route is meant to lead there', async (t) => {
  const table = (id: string, subnets: readonly string[], route: object) => ({
    RouteTableId: id,
    VpcId: VPC,
    Associations: subnets.map((SubnetId) => ({ SubnetId, Main: false })),
    Routes: [
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' },
      { DestinationCidrBlock: '0.0.0.0/0', State: 'active', ...route },
    ],
  })
  const nat = (id: string, PublicIp: string) => ({
    NatGatewayId: id,
    VpcId: VPC,
    SubnetId: 'subnet-p',
    State: 'available',
    ConnectivityType: 'public',
    NatGatewayAddresses: [{ PublicIp, Status: 'succeeded' }],
  })
  const internet = (RouteTables: readonly object[]) =>
    checksOf(
      snapshotOf({
        'describe-route-tables': { RouteTables },
        'describe-nat-gateways': { NatGateways: [nat('nat-1', '203.0.113.7'), nat('nat-2', '203.0.113.8')] },
      }),
    )['internet']
  const plain = { kind: 'http', url: 'https://checkip.amazonaws.com/' }
  t.same(
    internet([
      table('rtb-1', ['subnet-a'], { NatGatewayId: 'nat-1' }),
      table('rtb-2', ['subnet-b'], { NatGatewayId: 'nat-2' }),
    ]),
    {
      ...plain,
      egressIp: ['203.0.113.7', '203.0.113.8'],
    },
  )
  t.same(
    internet([table('rtb-1', ['subnet-a'], { NatGatewayId: 'nat-1' })]),
    { ...plain, egressIp: ['203.0.113.7'] },
    'also where one of two lacks it: that is what is to be found',
  )
  t.same(
    internet([table('rtb-1', ['subnet-a', 'subnet-b'], { GatewayId: 'igw-1' })]),
    plain,
    'it leads nowhere for a Lambda: to be found too',
  )
  t.same(internet([table('rtb-1', ['subnet-a'], { TransitGatewayId: 'tgw-1' })]), plain)
  t.equal(internet([]), undefined)
  const nothing = found(snapshotOf({}))
  t.match(nothing.postures, [
    { plan: { plan: { checks: [{ name: 'dns', kind: 'dns', host: 'sts.eu-west-1.amazonaws.com' }] } } },
  ])
  t.match(nothing.postures[0]?.notes.join('\n'), /no subnet has a default route/)
})

t.test('sonde:checks chooses and adds; a function without it wants everything', async (t) => {
  const answers = (tags: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
    snapshotOf({
      'list-functions': { Functions: [lambda('orders'), lambda('billing')] },
      'describe-db-proxies': {
        DBProxies: ['front', 'back'].map((name) => ({
          DBProxyName: name,
          DBProxyArn: name,
          EngineFamily: 'POSTGRESQL',
          VpcId: VPC,
          Endpoint: `${name}.proxy-x`,
        })),
      },
      'describe-cache-clusters': {
        CacheClusters: [
          {
            CacheClusterId: 'front',
            Engine: 'memcached',
            CacheSubnetGroupName: 'cache',
            ConfigurationEndpoint: { Address: 'front.cfg', Port: 11_211 },
          },
        ],
      },
      ...tagged(tags),
    })
  const chosen = {
    [functionArn('orders')]: { 'sonde:checks': 'rds-proxy:front tcp://10.0.9.4:22 not:tcp://10.0.9.5:22' },
  }
  t.same(Object.keys(checksOf(answers(chosen))).sort(), [
    'elasticache:front',
    'not:tcp://10.0.9.5:22',
    'rds-proxy:back',
    'rds-proxy:front',
    'tcp://10.0.9.4:22',
  ])
  const both = {
    ...chosen,
    [functionArn('billing')]: {
      'sonde:checks':
        'back https://api.example.com/health redis://cache.internal rediss://c2 dns://db.internal aws://sqs postgres://db.internal:6432 tls://[fd00::1]',
    },
  }
  t.same(checksOf(answers(both)), {
    'rds-proxy:front': { kind: 'postgres', host: 'front.proxy-x', port: 5432, ca: 'system' },
    'tcp://10.0.9.4:22': { kind: 'tcp', host: '10.0.9.4', port: 22 },
    'not:tcp://10.0.9.5:22': { kind: 'tcp', host: '10.0.9.5', port: 22, expect: 'unreachable' },
    'rds-proxy:back': { kind: 'postgres', host: 'back.proxy-x', port: 5432, ca: 'system' },
    'https://api.example.com/health': { kind: 'http', url: 'https://api.example.com/health' },
    'redis://cache.internal': { kind: 'redis', host: 'cache.internal' },
    'rediss://c2': { kind: 'redis', host: 'c2', tls: 'verify' },
    'dns://db.internal': { kind: 'dns', host: 'db.internal' },
    'aws://sqs': { kind: 'aws', service: 'sqs' },
    'postgres://db.internal:6432': { kind: 'postgres', host: 'db.internal', port: 6432 },
    'tls://[fd00::1]': { kind: 'tls', host: 'fd00::1' },
  })
  const wrong = {
    ...chosen,
    [functionArn('billing')]: { 'sonde:checks': 'front nowhere ftp://x tcp://x tcp://x:99999 not:front' },
  }
  const { notes } = found(answers(wrong)).postures[0] ?? { notes: [] }
  t.same(
    notes.filter((note) => !note.startsWith('no subnet')),
    [
      'sonde:checks of billing: "ftp://x": no such kind; known are http, https, tcp, tls, postgres, mysql, mssql, redis, rediss, dns, aws',
      'sonde:checks of billing: "tcp://x": tcp needs a port',
      'sonde:checks of billing: "not:front": not: needs a target, like not:tcp://10.0.9.4:22',
      'sonde:checks of billing: "front": may mean elasticache:front or rds-proxy:front',
      'sonde:checks of billing: "nowhere": nothing of that name was found in its VPC',
      'tcp://x:99999: no check, must be a whole number from 1 to 65535',
    ],
  )
})

t.test('what could not be asked is uncertain, not absent', async (t) => {
  const refused = (call: string) => ({ scope: REGION, call, key: '', code: 'AccessDenied', message: 'no' })
  t.same(found(snapshotOf({})).uncertain, [])
  t.same(
    found(snapshotOf({}, [refused('describe-db-proxies'), refused('describe-serverless-caches')])).uncertain,
    ['rds-proxy:', 'elasticache:'],
  )
  t.same(found(snapshotOf({}, [refused('list-functions')])).covered, [])
})

t.test('every scenario’s snapshot gives a plan file that is valid', async (t) => {
  const root = new URL('../scenarios/data/', import.meta.url)
  for (const id of readdirSync(root)) {
    const { snapshot } = await readSnapshot(new URL(`${id}/snapshot`, root).pathname)
    const { file } = found(snapshot)
    t.same(readPlanFile(JSON.stringify(file), id), file, id)
  }
})
