/** A function that calls a service behind an internal load balancer. */
import { balancerHost } from './aws-balancers.js'
import { FUNCTION, timeout } from './facts.js'
import type { Flow, Scenario } from './scenario.js'
import { allTraffic, type Balancer, find, IDS, id, type TargetGroup, type World } from './world.js'

const GROUP = { balancer: id('sg', '1b'), app: id('sg', 'aa') }
const APP = { a: id('eni', 'aa1'), b: id('eni', 'aa2') }
const NAME = 'catalogue-web'

/** Two servers in the data subnets, which admit the load balancer's group. */
function withApp(world: World, protocol: string, states: Partial<TargetGroup['targets'][number]> = {}) {
  world.groups.push({
    id: GROUP.app,
    name: 'catalogue-app',
    vpc: IDS.vpc,
    ingress: [{ protocol: 'tcp', from: 8080, to: 8080, group: GROUP.balancer }],
    egress: [allTraffic()],
  })
  const server = (tail: string, eni: string, subnet: string, address: string) => ({
    id: id('i', tail),
    name: `catalogue-${tail}`,
    eni,
    subnet,
    address,
    groups: [GROUP.app],
  })
  const servers = [
    server('aa1', APP.a, IDS.dataA, '10.0.21.81'),
    server('aa2', APP.b, IDS.dataB, '10.0.22.82'),
  ]
  world.instances.push(...servers)
  const type = protocol === 'TCP' ? 'ip' : 'instance'
  world.targetGroups = [
    {
      name: NAME,
      type,
      protocol,
      port: 8080,
      targets: servers.map((one) => ({
        id: type === 'ip' ? one.address : one.id,
        ...(type === 'ip' ? { zone: find(world.subnets, one.subnet).zone } : {}),
        state: 'healthy',
        ...states,
      })),
    },
  ]
}

function alb(world: World, states: Partial<TargetGroup['targets'][number]> = {}): Balancer {
  withApp(world, 'HTTP', states)
  world.groups.push({
    id: GROUP.balancer,
    name: 'catalogue-alb',
    vpc: IDS.vpc,
    ingress: [{ protocol: 'tcp', from: 443, to: 443, group: IDS.groupFunction }],
    egress: [allTraffic()],
  })
  const balancer: Balancer = {
    name: NAME,
    type: 'application',
    groups: [GROUP.balancer],
    nodes: [
      { id: id('eni', '1ba'), subnet: IDS.privateA, address: '10.0.11.70' },
      { id: id('eni', '1bb'), subnet: IDS.privateB, address: '10.0.12.70' },
    ],
    listeners: [{ protocol: 'HTTPS', port: 443, targetGroup: NAME }],
  }
  world.balancers = [balancer]
  return balancer
}

/** Without security groups, in one zone: its targets see its own address. */
function nlb(world: World, states: Partial<TargetGroup['targets'][number]> = {}): void {
  withApp(world, 'TCP', states)
  world.balancers = [
    {
      name: NAME,
      type: 'network',
      groups: [],
      nodes: [{ id: id('eni', '1ba'), subnet: IDS.privateC, address: '10.0.13.70' }],
      listeners: [{ protocol: 'TCP', port: 80, targetGroup: NAME }],
    },
  ]
  find(world.groups, GROUP.app).ingress = [
    { protocol: 'tcp', from: 8080, to: 8080, group: IDS.groupFunction },
  ]
}

const web = { from: FUNCTION, to: `${balancerHost(NAME, 'application')}:443`, port: 443 }
const pass = { from: FUNCTION, to: `${balancerHost(NAME, 'network')}:80`, port: 80 }
const status = (httpStatus: number): Flow['seen'] => ({
  outcome: 'http_status',
  endedIn: 'exchange',
  kind: 'http',
  addressKind: 'private',
  detail: { httpStatus },
})
const forward = (code: string, component: string) => ({ code, component, direction: 'forward' as const })
const sick = { state: 'unhealthy', reason: 'Target.Timeout' }

export const BALANCER_FAULTS: readonly Scenario[] = [
  {
    id: 'N30',
    name: 'alb',
    about: 'The function calls an internal Application Load Balancer, which forwards to two servers.',
    change: (world) => {
      alb(world)
    },
    flows: [
      {
        ...web,
        verdict: 'reachable',
        seen: { outcome: 'ok', kind: 'http', addressKind: 'private' },
        diagnosis: 'healthy',
      },
    ],
  },
  {
    id: 'N31',
    name: 'alb-target-closed',
    about: "The servers' security group does not admit the load balancer, which answers 504.",
    change: (world) => {
      alb(world, sick)
      find(world.groups, GROUP.app).ingress = [
        { protocol: 'tcp', from: 8080, to: 8080, group: IDS.groupFunction },
      ]
    },
    flows: [
      {
        ...web,
        verdict: 'unreachable',
        blockers: [forward('ENI_SG_RULES_MISMATCH', GROUP.app)],
        seen: status(504),
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: GROUP.app,
            protocol: 'tcp',
            fromPort: 8080,
            toPort: 8080,
            peer: { groupId: GROUP.balancer },
          },
        ],
        advice: ['TARGETS_UNHEALTHY'],
        says: [GROUP.app, 'Target.Timeout'],
      },
    ],
  },
  {
    id: 'N32',
    name: 'alb-client-closed',
    about: "The load balancer's security group does not admit the function.",
    change: (world) => {
      alb(world)
      find(world.groups, GROUP.balancer).ingress = [
        { protocol: 'tcp', from: 443, to: 443, cidr: '10.9.0.0/16' },
      ]
    },
    flows: [
      {
        ...web,
        verdict: 'unreachable',
        blockers: [forward('ENI_SG_RULES_MISMATCH', GROUP.balancer)],
        seen: { ...timeout, kind: 'http', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: GROUP.balancer,
            fromPort: 443,
            toPort: 443,
            peer: { groupId: IDS.groupFunction },
          },
        ],
      },
    ],
  },
  {
    id: 'N33',
    name: 'listener-missing',
    about: 'The load balancer has no listener at the port that the function calls.',
    change: (world) => {
      alb(world)
      find(world.groups, GROUP.balancer).ingress.push({
        protocol: 'tcp',
        from: 8443,
        to: 8443,
        group: IDS.groupFunction,
      })
    },
    flows: [
      {
        ...web,
        to: `${balancerHost(NAME, 'application')}:8443`,
        port: 8443,
        verdict: 'unreachable',
        blockers: [forward('ELBV2_LISTENERS_MISMATCH', NAME)],
        seen: { ...timeout, kind: 'tcp', addressKind: 'private' },
        diagnosis: 'proven',
        advice: ['LISTENER_MISSING'],
        says: ['it listens on HTTPS:443'],
      },
    ],
  },
  {
    id: 'N34',
    name: 'no-targets',
    about: 'Nothing is registered with the target group: the load balancer answers 503.',
    change: (world) => {
      alb(world)
      for (const group of world.targetGroups ?? []) group.targets = []
    },
    flows: [
      {
        ...web,
        verdict: 'unreachable',
        blockers: [forward('ELBV2_LISTENER_HAS_NO_TG', NAME)],
        seen: status(503),
        diagnosis: 'proven',
        advice: ['TARGETS_MISSING'],
      },
    ],
  },
  {
    id: 'N35',
    name: 'alb-target-refuses',
    about: 'The path is open to the last server, and nothing listens there: the load balancer answers 502.',
    change: (world) => {
      alb(world)
    },
    flows: [
      {
        ...web,
        verdict: 'reachable',
        seen: status(502),
        diagnosis: 'outside-configuration',
        candidates: ['BALANCER_BAD_GATEWAY', 'HTTP_STATUS'],
        says: ['HTTPCode_Target_5XX_Count'],
      },
    ],
  },
  {
    id: 'N36',
    name: 'nlb-target-closed',
    about:
      'Behind a Network Load Balancer the servers admit the group of the function, but they see the address of the load balancer.',
    change: (world) => nlb(world, sick),
    flows: [
      {
        ...pass,
        verdict: 'unreachable',
        blockers: [forward('ENI_SG_RULES_MISMATCH', GROUP.app)],
        seen: { ...timeout, kind: 'tcp', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: GROUP.app,
            fromPort: 8080,
            toPort: 8080,
            peer: { cidr: '10.0.13.0/24' },
          },
        ],
      },
    ],
  },
]
