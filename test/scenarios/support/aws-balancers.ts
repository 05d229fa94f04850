import { ACCOUNT, type Balancer, REGION, type TargetGroup, type World } from './world.js'

const kindOf = ({ type }: Balancer) => (type === 'application' ? 'app' : 'net')
const tailOf = (balancer: Balancer) => `${kindOf(balancer)}/${balancer.name}/50dc6c495c0c9188`
const balancerArn = (balancer: Balancer) =>
  `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/${tailOf(balancer)}`
const groupArn = (name: string) =>
  `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/${name}/73e2d6bc24d8a067`

/** The name that a load balancer is met by. */
export const balancerHost = (name: string, type: Balancer['type']): string =>
  type === 'application'
    ? `internal-${name}-1234567890.${REGION}.elb.amazonaws.com`
    : `${name}-50dc6c495c0c9188.elb.${REGION}.amazonaws.com`

/** How AWS describes the interfaces that it makes for it. */
export const balancerInterface = (balancer: Balancer): string => `ELB ${tailOf(balancer)}`

/** An ARN as part of a file's name. */
const part = (arn: string) => encodeURIComponent(arn)

function loadBalancer(world: World, balancer: Balancer) {
  const subnets = balancer.nodes.map((node) => world.subnets.find((one) => one.id === node.subnet))
  return {
    LoadBalancerArn: balancerArn(balancer),
    DNSName: balancerHost(balancer.name, balancer.type),
    CanonicalHostedZoneId: 'ZWKZPGTI48KDX',
    CreatedTime: '2026-01-05T02:11:00.000000+00:00',
    LoadBalancerName: balancer.name,
    Scheme: 'internal',
    VpcId: subnets[0]?.vpc,
    State: { Code: 'active' },
    Type: balancer.type,
    AvailabilityZones: subnets.map((subnet) => ({
      ZoneName: subnet?.zone,
      SubnetId: subnet?.id,
      LoadBalancerAddresses: [],
    })),
    ...(balancer.groups.length === 0 ? {} : { SecurityGroups: balancer.groups }),
    IpAddressType: 'ipv4',
  }
}

function listener(balancer: Balancer, { protocol, port, targetGroup }: Balancer['listeners'][number]) {
  const TargetGroupArn = groupArn(targetGroup)
  return {
    ListenerArn: `${balancerArn(balancer).replace(':loadbalancer/', ':listener/')}/${port}`,
    LoadBalancerArn: balancerArn(balancer),
    Port: port,
    Protocol: protocol,
    DefaultActions: [
      {
        Type: 'forward',
        TargetGroupArn,
        ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 1 }] },
      },
    ],
  }
}

const health = (group: TargetGroup) => ({
  TargetHealthDescriptions: group.targets.map(({ id, zone, state, reason }) => ({
    Target: { Id: id, Port: group.port, ...(zone === undefined ? {} : { AvailabilityZone: zone }) },
    HealthCheckPort: String(group.port),
    TargetHealth: {
      State: state,
      ...(reason === undefined ? {} : { Reason: reason, Description: 'Health checks failed' }),
    },
  })),
})

/** The answers of Elastic Load Balancing: two lists, and one answer for each load balancer and target group. */
export function awsBalancers(world: World): [string, unknown][] {
  const balancers = world.balancers ?? []
  const groups = world.targetGroups ?? []
  return [
    ['describe-load-balancers', { LoadBalancers: balancers.map((one) => loadBalancer(world, one)) }],
    [
      'describe-target-groups',
      {
        TargetGroups: groups.map(({ name, type, protocol, port }) => ({
          TargetGroupArn: groupArn(name),
          TargetGroupName: name,
          Protocol: protocol,
          Port: port,
          VpcId: world.vpcs[0]?.id,
          TargetType: type,
          HealthCheckEnabled: true,
        })),
      },
    ],
    ...balancers.flatMap((one): [string, unknown][] => [
      [
        `describe-listeners.${part(balancerArn(one))}`,
        { Listeners: one.listeners.map((each) => listener(one, each)) },
      ],
      [
        `describe-load-balancer-attributes.${part(balancerArn(one))}`,
        { Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }] },
      ],
    ]),
    ...groups.flatMap((one): [string, unknown][] => [
      [`describe-target-health.${part(groupArn(one.name))}`, health(one)],
      [
        `describe-target-group-attributes.${part(groupArn(one.name))}`,
        {
          Attributes: [
            { Key: 'load_balancing.cross_zone.enabled', Value: 'use_load_balancer_configuration' },
            { Key: 'deregistration_delay.timeout_seconds', Value: '300' },
          ],
        },
      ],
    ]),
  ]
}
