import type { Database, LambdaFunction, Raw } from '../entities.js'
import { answer, body, bool, need, num, object, objects, type Source, str, strings } from './source.js'

function lambda(source: Source, o: Raw, functions: Map<string, LambdaFunction>): void {
  const name = need(source, o, 'FunctionName')
  if (name === null) return
  const arn = str(source, o, 'FunctionArn')
  const key = arn === null ? name : arn.split(':').slice(0, 7).join(':')
  const config = object(source, o, 'VpcConfig')
  const subnetIds = config === null ? [] : strings(source, config, 'SubnetIds')
  const before = functions.get(key)
  functions.set(key, {
    name,
    arn: arn === null ? null : key,
    scope: source.document.scope,
    vpc:
      config === null || subnetIds.length === 0
        ? null
        : {
            vpcId: str(source, config, 'VpcId') || null,
            subnetIds,
            groupIds: strings(source, config, 'SecurityGroupIds'),
          },
    ipv6: config !== null && bool(source, config, 'Ipv6AllowedForDualStack') === true,
    // list-functions doesn't tell the state; get-function-configuration does. Neither forgets what the other knew.
    state: str(source, o, 'State') ?? before?.state ?? null,
    stateReasonCode: str(source, o, 'StateReasonCode') ?? before?.stateReasonCode ?? null,
    stateReason: str(source, o, 'StateReason') ?? before?.stateReason ?? null,
    lastUpdateStatus: str(source, o, 'LastUpdateStatus') ?? before?.lastUpdateStatus ?? null,
    lastUpdateReasonCode:
      str(source, o, 'LastUpdateStatusReasonCode') ?? before?.lastUpdateReasonCode ?? null,
    lastUpdateReason: str(source, o, 'LastUpdateStatusReason') ?? before?.lastUpdateReason ?? null,
    role: str(source, o, 'Role') ?? before?.role ?? null,
  })
}

export function readFunctions(source: Source, functions: Map<string, LambdaFunction>): boolean {
  const items = answer(source, 'Functions')
  for (const o of items ?? []) lambda(source, o, functions)
  return items !== null
}

export function readFunctionConfiguration(source: Source, functions: Map<string, LambdaFunction>): boolean {
  const o = body(source)
  if (o === null) return false
  const inner = object(source, o, 'Configuration')
  lambda(source, inner ?? o, functions)
  return true
}

export interface SubnetGroup {
  readonly vpcId: string | null
  readonly subnetIds: readonly string[]
}

function subnetGroup(source: Source, o: Raw): SubnetGroup {
  return {
    vpcId: str(source, o, 'VpcId'),
    subnetIds: objects(source, o, 'Subnets')
      .map((s) => str(source, s, 'SubnetIdentifier'))
      .filter((s) => s !== null),
  }
}

export function readSubnetGroups(source: Source, groups: Map<string, SubnetGroup>): boolean {
  const items = answer(source, 'DBSubnetGroups')
  for (const o of items ?? []) {
    const name = need(source, o, 'DBSubnetGroupName')
    if (name !== null) groups.set(`${source.document.scope} ${name.toLowerCase()}`, subnetGroup(source, o))
  }
  return items !== null
}

function vpcGroups(source: Source, o: Raw): readonly string[] | null {
  if (!Array.isArray(o['VpcSecurityGroups'])) return null
  return objects(source, o, 'VpcSecurityGroups')
    .filter((g) => str(source, g, 'Status') !== 'removing')
    .map((g) => str(source, g, 'VpcSecurityGroupId'))
    .filter((g) => g !== null)
}

export function readDbInstances(source: Source, databases: Map<string, Database>): boolean {
  const items = answer(source, 'DBInstances')
  for (const o of items ?? []) {
    const id = need(source, o, 'DBInstanceIdentifier')
    if (id === null) continue
    const endpoint = object(source, o, 'Endpoint')
    const group = object(source, o, 'DBSubnetGroup')
    const own = group === null ? null : subnetGroup(source, group)
    const host = endpoint === null ? null : str(source, endpoint, 'Address')
    databases.set(`${source.document.scope} instance ${id.toLowerCase()}`, {
      kind: 'instance',
      id,
      arn: str(source, o, 'DBInstanceArn'),
      scope: source.document.scope,
      status: str(source, o, 'DBInstanceStatus'),
      vpcId: own?.vpcId ?? null,
      subnetIds: own?.subnetIds ?? [],
      groupIds: vpcGroups(source, o),
      zone: str(source, o, 'AvailabilityZone'),
      multiAz: bool(source, o, 'MultiAZ') === true,
      publiclyAccessible: bool(source, o, 'PubliclyAccessible') === true,
      hosts: host === null ? [] : [host.toLowerCase()],
      port:
        (endpoint === null ? null : num(source, endpoint, 'Port')) ??
        num(source, o, 'DbInstancePort') ??
        null,
      memberIds: [],
      clusterId: str(source, o, 'DBClusterIdentifier'),
    })
  }
  return items !== null
}

/** The name of a cluster's subnet group, resolved to subnets once everything is read. */
export function readDbClusters(
  source: Source,
  databases: Map<string, Database>,
  subnetGroupOf: Map<string, string>,
): boolean {
  const items = answer(source, 'DBClusters')
  for (const o of items ?? []) {
    const id = need(source, o, 'DBClusterIdentifier')
    if (id === null) continue
    const key = `${source.document.scope} cluster ${id.toLowerCase()}`
    const name = str(source, o, 'DBSubnetGroup')
    if (name !== null) subnetGroupOf.set(key, `${source.document.scope} ${name.toLowerCase()}`)
    const hosts = [
      str(source, o, 'Endpoint'),
      str(source, o, 'ReaderEndpoint'),
      ...strings(source, o, 'CustomEndpoints'),
    ]
    databases.set(key, {
      kind: 'cluster',
      id,
      arn: str(source, o, 'DBClusterArn'),
      scope: source.document.scope,
      status: str(source, o, 'Status'),
      vpcId: null,
      subnetIds: [],
      groupIds: vpcGroups(source, o),
      zone: null,
      multiAz: bool(source, o, 'MultiAZ') === true,
      publiclyAccessible: bool(source, o, 'PubliclyAccessible') === true,
      hosts: hosts.filter((h) => h !== null).map((h) => h.toLowerCase()),
      port: num(source, o, 'Port'),
      // The writer first: it is what the cluster's endpoint names.
      memberIds: [...objects(source, o, 'DBClusterMembers')]
        .sort(
          (a, b) => Number(bool(source, b, 'IsClusterWriter')) - Number(bool(source, a, 'IsClusterWriter')),
        )
        .map((m) => str(source, m, 'DBInstanceIdentifier'))
        .filter((m) => m !== null),
      clusterId: null,
    })
  }
  return items !== null
}

export function readDbProxies(source: Source, databases: Map<string, Database>): boolean {
  const items = answer(source, 'DBProxies')
  for (const o of items ?? []) {
    const id = need(source, o, 'DBProxyName')
    if (id === null) continue
    const host = str(source, o, 'Endpoint')
    const family = str(source, o, 'EngineFamily')
    databases.set(`${source.document.scope} proxy ${id.toLowerCase()}`, {
      kind: 'proxy',
      id,
      arn: str(source, o, 'DBProxyArn'),
      scope: source.document.scope,
      status: str(source, o, 'Status'),
      vpcId: str(source, o, 'VpcId'),
      subnetIds: strings(source, o, 'VpcSubnetIds'),
      groupIds: Array.isArray(o['VpcSecurityGroupIds']) ? strings(source, o, 'VpcSecurityGroupIds') : null,
      zone: null,
      multiAz: true,
      publiclyAccessible: false,
      hosts: host === null ? [] : [host.toLowerCase()],
      port: family === 'POSTGRESQL' ? 5432 : family === 'SQLSERVER' ? 1433 : family === 'MYSQL' ? 3306 : null,
      memberIds: [],
      clusterId: null,
    })
  }
  return items !== null
}

export interface ProxyTarget {
  readonly resourceId: string | null
  readonly endpoint: string | null
  readonly port: number | null
  readonly type: string | null
}

/** `describe-db-proxy-targets.NAME`: proxy name → what it forwards to. */
export function readProxyTargets(source: Source, targets: Map<string, readonly ProxyTarget[]>): boolean {
  const items = answer(source, 'Targets')
  if (items === null) return false
  const key = `${source.document.scope} ${source.document.key.toLowerCase()}`
  const read = items.map((o) => ({
    resourceId: str(source, o, 'RdsResourceId'),
    endpoint: str(source, o, 'Endpoint'),
    port: num(source, o, 'Port'),
    type: str(source, o, 'Type'),
  }))
  targets.set(key, [...(targets.get(key) ?? []), ...read])
  return true
}
