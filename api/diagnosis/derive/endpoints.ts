import { hasGateway } from '../../network/services.js'
import type { Change } from '../diagnosis.js'
import { all, PLACES, type Raw, records, text } from '../raw.js'
import { byId, type Derive, freshId, type Option, type Situation } from './situation.js'
import { endpointsOf, tablesOf, tablesOfEndpoint, zoneOf } from './topology.js'

/** Whether a service by its endpoint's name (`com.amazonaws.REGION.NAME`) has gateway endpoints. */
export function hasGatewayEndpoint(service: string): boolean {
  return hasGateway(service.split('.').at(-1) ?? '')
}

/** Private DNS needs both VPC attributes (https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html). */
function dnsAttributes(situation: Situation, vpcId: string): readonly Change[] {
  return (['enableDnsSupport', 'enableDnsHostnames'] as const).flatMap((attribute): readonly Change[] => {
    const found = situation.snapshot.documents.find(
      (document) => document.call === 'describe-vpc-attribute' && document.key === `${vpcId}.${attribute}`,
    )
    const off = JSON.stringify(found?.body ?? null).includes('"Value":false')
    return off ? [{ kind: 'modify-vpc-attribute', vpcId, attribute, value: true }] : []
  })
}

/** An existing group that admits 443 from the function's groups, so that the endpoint needs no new rule. */
function admittingGroup(situation: Situation, vpcId: string): string | null {
  const own = situation.standpoint.groupIds
  const found = all(situation.snapshot, PLACES.securityGroup).find(
    (group) =>
      text(group, 'VpcId') === vpcId &&
      records(group, 'IpPermissions').some(
        (rule) =>
          rule['FromPort'] === 443 &&
          rule['ToPort'] === 443 &&
          records(rule, 'UserIdGroupPairs').some((pair) => own.includes(text(pair, 'GroupId'))),
      ),
  )
  return found === undefined ? null : text(found, 'GroupId')
}

function groupForEndpoint(
  situation: Situation,
  vpcId: string,
  service: string,
): { groupId: string; changes: Option } {
  const existing = admittingGroup(situation, vpcId)
  if (existing !== null) return { groupId: existing, changes: [] }
  const as = freshId(situation, 'sg')
  const short = service.split('.').at(-1) ?? service
  const changes: Option = [
    {
      kind: 'create-security-group',
      vpcId,
      name: `${short}-endpoint`,
      description: `Admits 443 to the ${short} endpoint`,
      as,
    },
    ...situation.standpoint.groupIds.map(
      (groupId): Change => ({
        kind: 'authorize-security-group',
        direction: 'ingress',
        groupId: as,
        protocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        peer: { groupId },
      }),
    ),
  ]
  return { groupId: as, changes }
}

/** An interface endpoint takes one subnet a zone. */
function onePerZone(situation: Situation, subnetIds: readonly string[]): readonly string[] {
  const byZone = new Map(subnetIds.map((subnet) => [zoneOf(situation, subnet), subnet] as const))
  return [...byZone.values()]
}

function gatewayOptions(situation: Situation, vpcId: string, service: string): readonly Option[] {
  const tables = tablesOf(situation, situation.standpoint.subnetIds)
  const existing = endpointsOf(situation, vpcId, service).filter(
    (one) => text(one, 'VpcEndpointType') === 'Gateway',
  )
  const [first] = existing
  if (first !== undefined) {
    const endpointId = text(first, 'VpcEndpointId')
    const missing = tables.filter((table) => !tablesOfEndpoint(first).includes(table))
    return missing.length === 0
      ? []
      : [
          missing.map((routeTableId) => ({
            kind: 'associate-endpoint-route-table',
            endpointId,
            routeTableId,
          })),
        ]
  }
  return [
    [
      {
        kind: 'create-endpoint',
        vpcId,
        service,
        endpointType: 'Gateway',
        routeTableIds: tables,
        subnetIds: [],
        groupIds: [],
        privateDns: false,
        as: freshId(situation, 'vpce'),
      },
    ],
  ]
}

function interfaceOptions(situation: Situation, vpcId: string, service: string): readonly Option[] {
  const existing = endpointsOf(situation, vpcId, service).filter(
    (one) => text(one, 'VpcEndpointType') === 'Interface',
  )
  const attributes = dnsAttributes(situation, vpcId)
  const dark = existing.filter((endpoint) => endpoint['PrivateDnsEnabled'] !== true)
  if (dark.length > 0) {
    return dark.map((endpoint) => [
      ...attributes,
      { kind: 'modify-endpoint', endpointId: text(endpoint, 'VpcEndpointId'), privateDns: true },
    ])
  }
  if (existing.length > 0) return attributes.length > 0 ? [attributes] : []
  const group = groupForEndpoint(situation, vpcId, service)
  return [
    [
      ...attributes,
      ...group.changes,
      {
        kind: 'create-endpoint',
        vpcId,
        service,
        endpointType: 'Interface',
        routeTableIds: [],
        subnetIds: onePerZone(situation, situation.standpoint.subnetIds),
        groupIds: [group.groupId],
        privateDns: true,
        as: freshId(situation, 'vpce'),
      },
    ],
  ]
}

/** How an AWS service is reached without the internet: the endpoint that is there made to work, or a new one. */
export const deriveEndpoints: Derive = (_blockers, situation) => {
  const { service } = situation
  const vpcId = situation.standpoint.vpcId
  if (service === null || vpcId === null) return []
  return hasGatewayEndpoint(service)
    ? gatewayOptions(situation, vpcId, service)
    : interfaceOptions(situation, vpcId, service)
}

/** The VPC's DNS switched on, where a name could not be resolved for want of it. */
export const deriveDns: Derive = (blockers, situation) => {
  const vpcIds = new Set(blockers.map((blocker) => blocker.component).filter((id) => id.startsWith('vpc-')))
  const vpcId = [...vpcIds][0] ?? situation.standpoint.vpcId
  if (vpcId === null || vpcId === undefined) return []
  const attributes = dnsAttributes(situation, vpcId)
  return [...attributes.map((change): Option => [change]), ...(attributes.length > 1 ? [attributes] : [])]
}

/** Whether private DNS is what an endpoint of the service asked for lacks. */
export function endpointWithoutDns(situation: Situation): Raw | undefined {
  const { service } = situation
  const vpcId = situation.standpoint.vpcId
  if (service === null || vpcId === null) return undefined
  return endpointsOf(situation, vpcId, service).find(
    (endpoint) => text(endpoint, 'VpcEndpointType') === 'Interface' && endpoint['PrivateDnsEnabled'] !== true,
  )
}

/** The endpoint of the service asked for, of any kind. */
export function endpointOfService(situation: Situation): Raw | undefined {
  const { service } = situation
  const vpcId = situation.standpoint.vpcId
  return service === null || vpcId === null ? undefined : endpointsOf(situation, vpcId, service)[0]
}

/** The name servers that the VPC's DHCP options hand out. */
export function nameServersOf(situation: Situation): readonly string[] {
  const vpc = byId(situation.snapshot, PLACES.vpc, situation.standpoint.vpcId ?? '')
  const options = byId(situation.snapshot, PLACES.dhcpOptions, text(vpc, 'DhcpOptionsId'))
  const servers = records(options, 'DhcpConfigurations').find((one) => one['Key'] === 'domain-name-servers')
  return records(servers, 'Values').map((one) => text(one, 'Value'))
}
