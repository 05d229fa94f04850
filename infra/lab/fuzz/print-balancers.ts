import { ACCOUNT, type Draft, type DraftBalancer, type DraftEni, REGION } from './draft.js'

const ARN = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`

type Named = Pick<DraftBalancer, 'name' | 'type'>

const tailOf = ({ name, type }: Named) => `${type === 'application' ? 'app' : 'net'}/${name}/50dc6c495c0c9188`
const arnOf = (balancer: Named) => `${ARN}:loadbalancer/${tailOf(balancer)}`
const groupArn = ({ name }: Named) => `${ARN}:targetgroup/${name}/73e2d6bc24d8a067`

/** The name that an internal load balancer is met by. */
export const balancerHost = (name: string, type: DraftBalancer['type']): string =>
  type === 'application'
    ? `internal-${name}-1234567890.${REGION}.elb.amazonaws.com`
    : `${name}-50dc6c495c0c9188.elb.${REGION}.amazonaws.com`

/** What `describe-network-interfaces` tells of the interfaces that AWS makes for a load balancer. */
export const balancerInterface = (balancer: Named): NonNullable<DraftEni['made']> => ({
  type: balancer.type === 'application' ? 'interface' : 'network_load_balancer',
  description: `ELB ${tailOf(balancer)}`,
})

/** The answers of Elastic Load Balancing: two lists, and one answer for each load balancer and target group. */
export function balancers(draft: Draft): [string, unknown][] {
  const all = draft.balancers
  const key = encodeURIComponent
  return [
    ['describe-load-balancers', { LoadBalancers: all.map((one) => loadBalancer(draft, one)) }],
    ['describe-target-groups', { TargetGroups: all.map(targetGroup) }],
    ...all.flatMap((one): [string, unknown][] => [
      [`describe-listeners.${key(arnOf(one))}`, { Listeners: [listener(one)] }],
      [`describe-load-balancer-attributes.${key(arnOf(one))}`, attributes(one)],
      [`describe-target-group-attributes.${key(groupArn(one))}`, groupAttributes(one)],
      [`describe-target-health.${key(groupArn(one))}`, health(draft, one)],
    ]),
  ]
}

function loadBalancer(draft: Draft, balancer: DraftBalancer) {
  const subnets = balancer.enis.map((id) => {
    const eni = draft.enis.find((one) => one.id === id)
    return draft.subnets.find((one) => one.id === eni?.subnet)
  })
  return {
    LoadBalancerArn: arnOf(balancer),
    DNSName: balancerHost(balancer.name, balancer.type),
    LoadBalancerName: balancer.name,
    Scheme: 'internal',
    VpcId: balancer.vpc,
    State: { Code: 'active' },
    Type: balancer.type,
    AvailabilityZones: subnets.map((subnet) => ({
      ZoneName: `${REGION}${subnet?.zone}`,
      SubnetId: subnet?.id,
      LoadBalancerAddresses: [],
    })),
    ...(balancer.groups.length === 0 ? {} : { SecurityGroups: balancer.groups }),
    IpAddressType: 'ipv4',
  }
}

function listener(balancer: DraftBalancer) {
  const TargetGroupArn = groupArn(balancer)
  return {
    ListenerArn: `${arnOf(balancer).replace(':loadbalancer/', ':listener/')}/${balancer.listener.port}`,
    LoadBalancerArn: arnOf(balancer),
    Port: balancer.listener.port,
    Protocol: balancer.listener.protocol,
    DefaultActions: [
      { Type: 'forward', TargetGroupArn, ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1 }] } },
    ],
  }
}

const attributes = ({ crossZone }: DraftBalancer) => ({
  Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: String(crossZone) }],
})

const groupAttributes = ({ type, preserves }: DraftBalancer) => ({
  Attributes: [
    ...(type === 'network' ? [{ Key: 'preserve_client_ip.enabled', Value: String(preserves) }] : []),
    { Key: 'load_balancing.cross_zone.enabled', Value: 'use_load_balancer_configuration' },
    { Key: 'deregistration_delay.timeout_seconds', Value: '300' },
  ],
})

function targetGroup(balancer: DraftBalancer) {
  return {
    TargetGroupArn: groupArn(balancer),
    TargetGroupName: balancer.name,
    Protocol: balancer.type === 'application' ? 'HTTP' : balancer.listener.protocol,
    Port: balancer.target.port,
    VpcId: balancer.vpc,
    TargetType: 'ip',
    HealthCheckEnabled: true,
    LoadBalancerArns: [arnOf(balancer)],
  }
}

/** An address outside of the target group's VPC belongs to no zone of it. */
function health(draft: Draft, { vpc, target }: DraftBalancer) {
  return {
    TargetHealthDescriptions: target.enis.flatMap((id) => {
      const eni = draft.enis.find((one) => one.id === id)
      const zone = draft.subnets.find((one) => one.id === eni?.subnet)?.zone
      const AvailabilityZone = eni?.vpc === vpc ? `${REGION}${zone}` : 'all'
      return eni === undefined
        ? []
        : [
            {
              Target: { Id: eni.address, Port: target.port, AvailabilityZone },
              HealthCheckPort: String(target.port),
              TargetHealth: { State: 'healthy' },
            },
          ]
    }),
  }
}
