/** The seven facts of Lambda in a VPC, as scenarios S1 to S7. */
import type { Flow, Scenario } from './scenario.js'
import { find, IDS, id, REGION, type World } from './world.js'

export const FUNCTION = 'orders-api'

const database = { from: FUNCTION, to: 'rds:orders', port: 5432 }
const internet = { from: FUNCTION, to: 'internet', port: 443 }
export const ok = { outcome: 'ok' } as const
export const timeout = { outcome: 'connect_timeout', endedIn: 'connect' } as const

export const databaseWorks: Flow = {
  ...database,
  verdict: 'reachable',
  seen: { ...ok, kind: 'postgres', address: '10.0.21.20', addressKind: 'private' },
  diagnosis: 'healthy',
}

export const internetWorks: Flow = {
  ...internet,
  verdict: 'reachable',
  seen: { ...ok, kind: 'http', addressKind: 'public', detail: { egressIp: '203.0.113.7' } },
  diagnosis: 'healthy',
  seenAs: '203.0.113.7',
}

/** Takes the NAT gateway and every route to it away. */
export function withoutNat(world: World): void {
  world.nats = []
  for (const table of world.tables) table.routes = table.routes.filter((route) => route.via !== IDS.nat)
}

export function withoutInterfaces(world: World): void {
  for (const fn of world.functions) fn.enis = []
}

export function interfaceEndpoint(
  world: World,
  service: string,
  options: { privateDns?: boolean; policy?: string } = {},
) {
  world.endpoints.push({
    id: id('vpce', service.slice(0, 1) === 's' ? '5e' : '1e'),
    type: 'Interface',
    service: `com.amazonaws.${REGION}.${service}`,
    vpc: IDS.vpc,
    tables: [],
    nics: [
      { id: id('eni', 'ea'), subnet: IDS.privateA, address: '10.0.11.60' },
      { id: id('eni', 'eb'), subnet: IDS.privateB, address: '10.0.12.60' },
    ],
    groups: [IDS.groupEndpoints],
    privateDns: options.privateDns ?? true,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  })
}

export const INTERFACE_ENDPOINT = id('vpce', '5e')
export const GATEWAY_ENDPOINT = id('vpce', '9a')

export function gatewayEndpoint(world: World, service: 's3' | 'dynamodb', tables: string[]) {
  world.endpoints.push({
    id: GATEWAY_ENDPOINT,
    type: 'Gateway',
    service: `com.amazonaws.${REGION}.${service}`,
    vpc: IDS.vpc,
    tables,
    nics: [],
    groups: [],
    privateDns: false,
  })
}

const PRIVATE_TABLES = [IDS.tablePrivateA, IDS.tablePrivateB]

const noRoute = (component: string) => ({
  code: 'NO_ROUTE_TO_DESTINATION',
  component,
  direction: 'forward' as const,
})

const newNat = (tables: readonly string[], replace = false) => [
  { kind: 'create-nat-gateway', subnetId: IDS.publicA, public: true },
  ...tables.map((routeTableId) => ({ kind: 'put-route', routeTableId, destination: '0.0.0.0/0', replace })),
]

export const internetWithoutNat: Flow = {
  ...internet,
  verdict: 'unreachable',
  blockers: PRIVATE_TABLES.map(noRoute),
  seen: { ...timeout, kind: 'http', addressKind: 'public' },
  diagnosis: 'proven',
  fix: newNat(PRIVATE_TABLES),
}

const secrets = { from: FUNCTION, to: 'service:secretsmanager', port: 443 }
const dynamodb = { from: FUNCTION, to: 'service:dynamodb', port: 443 }
const secretsHost = `secretsmanager.${REGION}.amazonaws.com:443`
const dynamodbHost = `dynamodb.${REGION}.amazonaws.com:443`

export const FACTS: readonly Scenario[] = [
  {
    id: 'S1',
    name: 'outside-vpc',
    about: 'The function was never attached to the VPC: the internet works, the private database does not.',
    change: (world) => {
      const fn = find(world.functions, FUNCTION)
      fn.vpc = null
      fn.subnets = []
      fn.groups = []
      fn.enis = []
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [{ code: 'FUNCTION_NOT_IN_VPC', component: FUNCTION, direction: 'forward' }],
        seen: { ...timeout, kind: 'postgres', address: '10.0.21.20', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [{ kind: 'configure-function-vpc', functionName: FUNCTION, groupIds: [IDS.groupFunction] }],
      },
      {
        ...internet,
        verdict: 'reachable',
        seen: { ...ok, kind: 'http', addressKind: 'public' },
        diagnosis: 'healthy',
      },
    ],
  },
  {
    id: 'S1b',
    name: 'eni-permissions',
    about: "The function's role may not create network interfaces, so it never becomes Active.",
    change: (world) => {
      withoutInterfaces(world)
      find(world.roles, 'orders-api-role').allowed = ['ec2:DescribeSubnets']
      const fn = find(world.functions, FUNCTION)
      fn.state = 'Failed'
      fn.stateReasonCode = 'InsufficientRolePermissions'
      fn.stateReason =
        'The provided execution role does not have permissions to call CreateNetworkInterface on EC2'
      fn.lastUpdateStatus = 'Failed'
      fn.lastUpdateStatusReasonCode = 'InsufficientRolePermissions'
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [
          { code: 'ROLE_LACKS_ENI_PERMISSIONS', component: 'orders-api-role', direction: 'forward' },
        ],
        seen: null,
        diagnosis: 'predicted',
        fix: [
          { kind: 'attach-role-policy', roleName: 'orders-api-role' },
          { kind: 'configure-function-vpc', functionName: FUNCTION },
        ],
        says: ['CreateNetworkInterface'],
      },
    ],
  },
  {
    id: 'S2',
    name: 'rds-admitted',
    about: "The database's group admits the function's group on 5432.",
    change: () => {},
    flows: [databaseWorks],
  },
  {
    id: 'S3',
    name: 'rds-sg-missing',
    about: "The database's group does not admit the function's group.",
    change: (world) => {
      const group = find(world.groups, IDS.groupDatabase)
      group.ingress = group.ingress.filter((rule) => rule.group !== IDS.groupFunction)
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupDatabase, direction: 'forward' }],
        seen: { ...timeout, kind: 'postgres', address: '10.0.21.20', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: IDS.groupDatabase,
            protocol: 'tcp',
            fromPort: 5432,
            toPort: 5432,
            peer: { groupId: IDS.groupFunction },
          },
        ],
      },
      internetWorks,
    ],
  },
  {
    id: 'S3b',
    name: 'egress-closed',
    about: "The function's own group has no outbound rule.",
    change: (world) => {
      find(world.groups, IDS.groupFunction).egress = []
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [{ code: 'SG_HAS_NO_RULES', component: IDS.groupFunction, direction: 'forward' }],
        seen: { ...timeout, kind: 'postgres', address: '10.0.21.20', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'egress',
            groupId: IDS.groupFunction,
            protocol: 'tcp',
            fromPort: 5432,
            toPort: 5432,
            peer: { groupId: IDS.groupDatabase },
          },
        ],
      },
    ],
  },
  {
    id: 'S4',
    name: 'private-no-nat',
    about: 'A private subnet with the local route only: no internet, but the database works.',
    change: withoutNat,
    flows: [
      internetWithoutNat,
      databaseWorks,
      {
        ...secrets,
        verdict: 'unreachable',
        blockers: PRIVATE_TABLES.map(noRoute),
        seen: { ...timeout, kind: 'aws', target: secretsHost, addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'create-endpoint',
            service: `com.amazonaws.${REGION}.secretsmanager`,
            endpointType: 'Interface',
          },
        ],
      },
      {
        ...dynamodb,
        verdict: 'unreachable',
        blockers: PRIVATE_TABLES.map(noRoute),
        seen: { ...timeout, kind: 'aws', target: dynamodbHost, addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          { kind: 'create-endpoint', service: `com.amazonaws.${REGION}.dynamodb`, endpointType: 'Gateway' },
        ],
      },
    ],
  },
  {
    id: 'S4b',
    name: 'public-subnet',
    about:
      'The function sits in public subnets, whose table leads to the internet gateway; its interfaces get no public address.',
    change: (world) => {
      const fn = find(world.functions, FUNCTION)
      fn.subnets = [IDS.publicA, IDS.publicB]
      fn.enis = [
        { id: id('eni', 'fa'), subnet: IDS.publicA, address: '10.0.1.31' },
        { id: id('eni', 'fb'), subnet: IDS.publicB, address: '10.0.2.31' },
      ]
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [
          { code: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', component: IDS.igw, direction: 'forward' },
        ],
        seen: { ...timeout, kind: 'http', addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'configure-function-vpc',
            functionName: FUNCTION,
            subnetIds: [IDS.privateA, IDS.privateB],
            groupIds: [IDS.groupFunction],
          },
        ],
      },
    ],
  },
  {
    id: 'S5',
    name: 'nat',
    about: 'Private subnet, NAT gateway in a public subnet, internet gateway.',
    change: () => {},
    flows: [internetWorks],
  },
  {
    id: 'S5b',
    name: 'nat-in-private',
    about: 'The NAT gateway was placed in a private subnet.',
    change: (world) => {
      const nat = find(world.nats, IDS.nat)
      nat.subnet = IDS.dataB
      nat.address = '10.0.22.10'
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [noRoute(IDS.tableMain)],
        seen: { ...timeout, kind: 'http', addressKind: 'public' },
        diagnosis: 'proven',
        fix: newNat(PRIVATE_TABLES, true),
      },
    ],
  },
  {
    id: 'S5c',
    name: 'nat-deleted',
    about: 'The routes still point at a NAT gateway that was deleted.',
    change: (world) => {
      world.nats = []
      for (const table of world.tables) {
        for (const route of table.routes) if (route.via === IDS.nat) route.blackhole = true
      }
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: PRIVATE_TABLES.map((component) => ({
          code: 'BAD_STATE_ROUTE',
          component,
          direction: 'forward',
        })),
        seen: { ...timeout, kind: 'http', addressKind: 'public' },
        diagnosis: 'proven',
        fix: newNat(PRIVATE_TABLES, true),
      },
    ],
  },
  {
    id: 'S5d',
    name: 'one-of-three',
    about: 'Three subnets, one of which has no route to the NAT gateway: every third call times out.',
    change: (world) => {
      const fn = find(world.functions, FUNCTION)
      fn.subnets = [IDS.privateA, IDS.privateB, IDS.privateC]
      fn.enis.push({ id: id('eni', 'fc'), subnet: IDS.privateC, address: '10.0.13.31' })
      find(world.tables, IDS.tablePrivateC).routes = []
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [noRoute(IDS.tablePrivateC)],
        seen: { ...timeout, kind: 'http', addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'put-route',
            routeTableId: IDS.tablePrivateC,
            destination: '0.0.0.0/0',
            target: { kind: 'nat-gateway', id: IDS.nat },
            replace: false,
          },
        ],
        says: [IDS.privateC, '1 of 3'],
      },
    ],
  },
  {
    id: 'S6',
    name: 'dynamodb-gateway',
    about: 'No NAT gateway; DynamoDB through a gateway endpoint.',
    change: (world) => {
      withoutNat(world)
      gatewayEndpoint(world, 'dynamodb', [...PRIVATE_TABLES])
    },
    flows: [
      {
        ...dynamodb,
        verdict: 'reachable',
        seen: { outcome: 'aws_access_denied', kind: 'aws', target: dynamodbHost, addressKind: 'public' },
        diagnosis: 'healthy',
        says: ['role'],
      },
      internetWithoutNat,
    ],
  },
  {
    id: 'S6b',
    name: 'gateway-wrong-table',
    about: "The gateway endpoint is there, but not on this subnet's route table.",
    change: (world) => {
      withoutNat(world)
      gatewayEndpoint(world, 'dynamodb', [IDS.tablePublic])
    },
    flows: [
      {
        ...dynamodb,
        verdict: 'unreachable',
        blockers: [
          { code: 'GATEWAY_ENDPOINT_NOT_ASSOCIATED', component: GATEWAY_ENDPOINT, direction: 'forward' },
          ...PRIVATE_TABLES.map(noRoute),
        ],
        seen: { ...timeout, kind: 'aws', target: dynamodbHost, addressKind: 'public' },
        diagnosis: 'proven',
        fix: PRIVATE_TABLES.map((routeTableId) => ({
          kind: 'associate-endpoint-route-table',
          endpointId: GATEWAY_ENDPOINT,
          routeTableId,
        })),
      },
    ],
  },
  {
    id: 'S6c',
    name: 'interface-endpoint',
    about: 'Secrets Manager through an interface endpoint with private DNS.',
    change: (world) => {
      withoutNat(world)
      interfaceEndpoint(world, 'secretsmanager')
    },
    flows: [
      {
        ...secrets,
        verdict: 'reachable',
        seen: { ...ok, kind: 'aws', target: secretsHost, address: '10.0.11.60', addressKind: 'private' },
        diagnosis: 'healthy',
      },
    ],
  },
  {
    id: 'S6d',
    name: 'endpoint-sg',
    about: "The interface endpoint's group does not admit 443 from the function.",
    change: (world) => {
      withoutNat(world)
      interfaceEndpoint(world, 'secretsmanager')
      find(world.groups, IDS.groupEndpoints).ingress = [
        { protocol: 'tcp', from: 443, to: 443, group: IDS.groupAdmin },
      ]
    },
    flows: [
      {
        ...secrets,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupEndpoints, direction: 'forward' }],
        seen: { ...timeout, kind: 'aws', target: secretsHost, address: '10.0.11.60', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: IDS.groupEndpoints,
            protocol: 'tcp',
            fromPort: 443,
            toPort: 443,
            peer: { groupId: IDS.groupFunction },
          },
        ],
      },
    ],
  },
  {
    id: 'S6e',
    name: 'private-dns-off',
    about: 'The interface endpoint has no private DNS and there is no NAT gateway.',
    change: (world) => {
      withoutNat(world)
      interfaceEndpoint(world, 'secretsmanager', { privateDns: false })
    },
    flows: [
      {
        ...secrets,
        verdict: 'unreachable',
        blockers: [
          { code: 'ENDPOINT_PRIVATE_DNS_DISABLED', component: INTERFACE_ENDPOINT, direction: 'forward' },
          ...PRIVATE_TABLES.map(noRoute),
        ],
        seen: { ...timeout, kind: 'aws', target: secretsHost, addressKind: 'public' },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-endpoint', endpointId: INTERFACE_ENDPOINT, privateDns: true }],
      },
    ],
  },
  {
    id: 'S6f',
    name: 'wrong-path',
    about: 'The endpoint was asked for, but without private DNS the traffic leaves by the NAT gateway.',
    change: (world) => interfaceEndpoint(world, 'secretsmanager', { privateDns: false }),
    flows: [
      {
        ...secrets,
        verdict: 'reachable',
        seen: {
          outcome: 'wrong_path',
          kind: 'aws',
          target: secretsHost,
          addressKind: 'public',
          address: '52.95.192.1',
        },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-endpoint', endpointId: INTERFACE_ENDPOINT, privateDns: true }],
        says: ['private DNS'],
      },
    ],
  },
  {
    id: 'S6g',
    name: 'gateway-bypassed',
    about: 'DynamoDB is reached through the NAT gateway where a free gateway endpoint would do.',
    change: () => {},
    flows: [
      {
        ...dynamodb,
        verdict: 'reachable',
        seen: { ...ok, kind: 'aws', target: dynamodbHost, addressKind: 'public' },
        diagnosis: 'healthy',
        advice: ['GATEWAY_ENDPOINT_BYPASSED'],
      },
    ],
  },
  {
    id: 'S7',
    name: 'logs-without-network',
    about: 'The function has no way out at all; its report arrives all the same, as stdout needs no network.',
    change: (world) => {
      withoutNat(world)
      find(world.groups, IDS.groupFunction).egress = [
        { protocol: 'tcp', from: 5432, to: 5432, group: IDS.groupDatabase },
      ]
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [
          { code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupFunction, direction: 'forward' },
          ...PRIVATE_TABLES.map(noRoute),
        ],
        seen: { ...timeout, kind: 'http', addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'egress',
            groupId: IDS.groupFunction,
            fromPort: 443,
          },
          ...newNat(PRIVATE_TABLES),
        ],
      },
    ],
  },
]
