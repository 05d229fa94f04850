import { isRaw, PLACES, type Raw, records, strings, text } from '../raw.js'
import { byId, type Derive, freshId, type Option } from './situation.js'

/**
 * An interface endpoint that failed is made anew as it was; the old one goes first, since two can't have the same private DNS names
 * (https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html).
 */
export const deriveAnew: Derive = (blockers, situation) =>
  blockers.slice(0, 1).flatMap(({ component: endpointId }): readonly Option[] => {
    const endpoint = byId(situation.snapshot, PLACES.endpoint, endpointId)
    if (endpoint === undefined) return []
    const type = text(endpoint, 'VpcEndpointType')
    if (type !== 'Interface' && type !== 'Gateway') return []
    return [
      [
        { kind: 'delete-endpoint', endpointId },
        {
          kind: 'create-endpoint',
          vpcId: text(endpoint, 'VpcId'),
          service: text(endpoint, 'ServiceName'),
          endpointType: type,
          routeTableIds: strings(endpoint, 'RouteTableIds'),
          subnetIds: strings(endpoint, 'SubnetIds'),
          groupIds: records(endpoint, 'Groups').map((group) => text(group, 'GroupId')),
          privateDns: endpoint['PrivateDnsEnabled'] === true,
          as: freshId(situation, 'vpce'),
        },
      ],
    ]
  })

/** Whether a statement stops every call whatever it asks for. */
function deniesAll(statement: Raw): boolean {
  const action = statement['Action']
  return (
    statement['Effect'] === 'Deny' &&
    statement['Condition'] === undefined &&
    (action === '*' || (Array.isArray(action) && action.includes('*')))
  )
}

function statementsOf(document: unknown): readonly Raw[] {
  const list = isRaw(document) ? document['Statement'] : []
  return (Array.isArray(list) ? list : [list]).filter(isRaw)
}

function parsed(policy: unknown): unknown {
  if (typeof policy !== 'string') return policy
  try {
    return JSON.parse(policy)
  } catch {
    return null
  }
}

/**
 * A policy that lets nothing through gets a statement for the account's own principals and the endpoint's service; what it says besides
 * stays (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html).
 */
export const derivePolicy: Derive = (blockers, situation) =>
  [...new Set(blockers.map(({ component }) => component))].flatMap((endpointId): readonly Option[] => {
    const endpoint = byId(situation.snapshot, PLACES.endpoint, endpointId)
    if (endpoint === undefined) return []
    const service = text(endpoint, 'ServiceName').split('.').at(-1) ?? ''
    const owner =
      text(endpoint, 'OwnerId') ||
      text(byId(situation.snapshot, PLACES.vpc, text(endpoint, 'VpcId')), 'OwnerId')
    const allow: Raw = {
      Effect: 'Allow',
      Principal: '*',
      Action: `${service}:*`,
      Resource: '*',
      ...(owner === '' ? {} : { Condition: { StringEquals: { 'aws:PrincipalAccount': owner } } }),
    }
    const kept = statementsOf(parsed(endpoint['PolicyDocument'])).filter((one) => !deniesAll(one))
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [...kept, allow] })
    return [[{ kind: 'modify-endpoint', endpointId, policy }]]
  })
