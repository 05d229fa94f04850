/** What else people meet and the VPC's configuration shows: ACLs, DNS, peering, transit gateway, block public access. */
import {
  databaseWorks,
  FUNCTION,
  gatewayEndpoint,
  INTERFACE_ENDPOINT,
  interfaceEndpoint,
  ok,
  timeout,
  withoutNat,
} from './facts.js'
import type { ExpectedBlocker, Flow, Scenario } from './scenario.js'
import { type AclEntry, allTraffic, find, IDS, id, REGION, type World } from './world.js'

const internet = { from: FUNCTION, to: 'internet', port: 443 }
const database = { from: FUNCTION, to: 'rds:orders', port: 5432 }
const PRIVATE = [IDS.privateA, IDS.privateB, IDS.privateC]
const ACL = id('acl', 'c1')

const aclBlock = (component: string, direction: 'forward' | 'return'): ExpectedBlocker => ({
  code: 'SUBNET_ACL_RESTRICTION',
  component,
  direction,
})

const noRoute = (component: string): ExpectedBlocker => ({
  code: 'NO_ROUTE_TO_DESTINATION',
  component,
  direction: 'forward',
})

const noRoutes = [IDS.tablePrivateA, IDS.tablePrivateB].map(noRoute)

const entry = (number: number, egress: boolean, cidr: string, from?: number, to?: number): AclEntry => ({
  number,
  egress,
  action: 'allow',
  protocol: from === undefined ? '-1' : 'tcp',
  cidr,
  ...(from === undefined ? {} : { from, to: to ?? from }),
})

/** Puts subnets under an ACL of their own. */
export function customAcl(world: World, subnets: readonly string[], entries: AclEntry[]): void {
  for (const acl of world.acls) acl.subnets = acl.subnets.filter((subnet) => !subnets.includes(subnet))
  world.acls.push({ id: ACL, name: 'custom', vpc: IDS.vpc, isDefault: false, subnets: [...subnets], entries })
}

const LEDGER = {
  vpc: id('vpc', 'b1'),
  subnet: id('subnet', '1e1'),
  table: id('rtb', '1e1'),
  group: id('sg', '1e1'),
}
const PEERING = id('pcx', 'b1')
const ZONE = 'Z0EXAMPLE0CORP'
const TGW = {
  id: id('tgw', '71'),
  table: id('tgw-rtb', '71'),
  shop: id('tgw-attach', '71'),
  ledger: id('tgw-attach', '72'),
}

/** A second VPC with a database `ledger` of its own. */
function ledgerVpc(world: World, publicAddress?: string): void {
  world.vpcs.push({
    id: LEDGER.vpc,
    name: 'ledger',
    cidr: '10.1.0.0/16',
    dnsSupport: true,
    dnsHostnames: true,
    dhcp: IDS.dhcp,
  })
  world.subnets.push({
    id: LEDGER.subnet,
    name: 'ledger-a',
    vpc: LEDGER.vpc,
    cidr: '10.1.21.0/24',
    zone: `${REGION}a`,
    free: 240,
  })
  world.tables.push({
    id: LEDGER.table,
    name: 'ledger',
    vpc: LEDGER.vpc,
    main: true,
    subnets: [],
    routes: [],
  })
  world.acls.push({
    id: id('acl', 'b0'),
    name: 'ledger',
    vpc: LEDGER.vpc,
    isDefault: true,
    subnets: [LEDGER.subnet],
    entries: [entry(100, false, '0.0.0.0/0'), entry(100, true, '0.0.0.0/0')],
  })
  world.groups.push(
    {
      id: id('sg', 'b0'),
      name: 'default',
      vpc: LEDGER.vpc,
      ingress: [{ protocol: '-1', group: id('sg', 'b0') }],
      egress: [allTraffic()],
    },
    {
      id: LEDGER.group,
      name: 'ledger-db',
      vpc: LEDGER.vpc,
      ingress: [{ protocol: 'tcp', from: 5432, to: 5432, cidr: '10.0.0.0/16' }],
      egress: [allTraffic()],
    },
  )
  world.databases.push({
    id: 'ledger',
    vpc: LEDGER.vpc,
    subnets: [LEDGER.subnet],
    eni: id('eni', '1e1'),
    subnet: LEDGER.subnet,
    address: '10.1.21.20',
    ...(publicAddress === undefined ? {} : { publicAddress }),
    port: 5432,
    engine: 'postgres',
    groups: [LEDGER.group],
  })
}

function route(world: World, table: string, to: string, via: string): void {
  find(world.tables, table).routes.push({ to, via })
}

function peered(world: World, options: { back: boolean; dns: boolean }): void {
  world.peerings.push({
    id: PEERING,
    requester: IDS.vpc,
    accepter: LEDGER.vpc,
    requesterDns: options.dns,
    accepterDns: options.dns,
  })
  for (const table of [IDS.tablePrivateA, IDS.tablePrivateB]) route(world, table, '10.1.0.0/16', PEERING)
  if (options.back) route(world, LEDGER.table, '10.0.0.0/16', PEERING)
}

const ledgerWorks: Flow = {
  from: FUNCTION,
  to: 'rds:ledger',
  port: 5432,
  verdict: 'reachable',
  seen: { ...ok, kind: 'postgres', address: '10.1.21.20', addressKind: 'private' },
  diagnosis: 'healthy',
}

const timeoutToInternet = { ...timeout, kind: 'http', addressKind: 'public' as const }
const timeoutToDatabase = {
  ...timeout,
  kind: 'postgres',
  address: '10.0.21.20',
  addressKind: 'private' as const,
}

export const NETWORK_FAULTS: readonly Scenario[] = [
  {
    id: 'N1',
    name: 'nacl-inbound-ephemeral',
    about: "The ACL of the function's subnets admits 443 inbound, but not the replies' ephemeral ports.",
    change: (world) =>
      customAcl(world, PRIVATE, [entry(100, true, '0.0.0.0/0'), entry(100, false, '0.0.0.0/0', 443)]),
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [aclBlock(ACL, 'return')],
        seen: timeoutToInternet,
        diagnosis: 'proven',
        fix: [
          {
            kind: 'put-network-acl-entry',
            networkAclId: ACL,
            egress: false,
            action: 'allow',
            protocol: '6',
            cidr: '0.0.0.0/0',
            fromPort: 1024,
            toPort: 65535,
          },
        ],
        says: ['inbound', 'replies'],
      },
    ],
  },
  {
    id: 'N2',
    name: 'nacl-nat-subnet',
    about: "The ACL of the NAT gateway's subnet lets nothing from the internet back in.",
    change: (world) =>
      customAcl(
        world,
        [IDS.publicA, IDS.publicB],
        [entry(100, true, '0.0.0.0/0'), entry(100, false, '10.0.0.0/16')],
      ),
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [aclBlock(ACL, 'return')],
        seen: timeoutToInternet,
        diagnosis: 'proven',
        fix: [
          { kind: 'put-network-acl-entry', networkAclId: ACL, egress: false, fromPort: 1024, toPort: 65535 },
        ],
      },
    ],
  },
  {
    id: 'N4',
    name: 'dns-off',
    about: 'The VPC has DNS support switched off: no name resolves.',
    change: (world) => {
      find(world.vpcs, IDS.vpc).dnsSupport = false
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [{ code: 'DNS_SUPPORT_DISABLED', component: IDS.vpc, direction: 'forward' }],
        seen: { outcome: 'dns_timeout', endedIn: 'dns', kind: 'postgres' },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-vpc-attribute', vpcId: IDS.vpc, attribute: 'enableDnsSupport', value: true }],
      },
    ],
  },
  {
    id: 'N4b',
    name: 'dns-dead-server',
    about: 'The DHCP options name a name server of the own network that does not answer.',
    change: (world) => {
      world.dhcp.push({ id: id('dopt', 'de'), nameServers: ['10.0.99.53'] })
      find(world.vpcs, IDS.vpc).dhcp = id('dopt', 'de')
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [{ code: 'DNS_SERVER_UNREACHABLE', component: id('dopt', 'de'), direction: 'forward' }],
        seen: { outcome: 'dns_timeout', endedIn: 'dns', kind: 'postgres' },
        diagnosis: 'proven',
        fix: [{ kind: 'associate-dhcp-options', vpcId: IDS.vpc, dhcpOptionsId: IDS.dhcp }],
        says: ['10.0.99.53'],
      },
    ],
  },
  {
    id: 'N5',
    name: 'peering-one-way',
    about: 'The peering has its route on one side only: packets arrive, replies have no way back.',
    change: (world) => {
      ledgerVpc(world)
      peered(world, { back: false, dns: true })
    },
    flows: [
      {
        ...ledgerWorks,
        verdict: 'unreachable',
        blockers: [{ code: 'NO_ROUTE_TO_DESTINATION', component: LEDGER.table, direction: 'return' }],
        seen: { ...timeout, kind: 'postgres', address: '10.1.21.20', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'put-route',
            routeTableId: LEDGER.table,
            destination: '10.0.0.0/16',
            target: { kind: 'vpc-peering-connection', id: PEERING },
          },
        ],
      },
    ],
  },
  {
    id: 'N6',
    name: 'peering-dns',
    about:
      "Over the peering, the database's name resolves to its public address, as the peering's DNS option is off.",
    change: (world) => {
      withoutNat(world)
      ledgerVpc(world, '198.51.100.20')
      peered(world, { back: true, dns: false })
    },
    flows: [
      {
        ...ledgerWorks,
        verdict: 'unreachable',
        blockers: [
          { code: 'PEERING_DNS_RESOLUTION_DISABLED', component: PEERING, direction: 'forward' },
          ...noRoutes,
        ],
        seen: { ...timeout, kind: 'postgres', address: '198.51.100.20', addressKind: 'public' },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-peering-dns', peeringId: PEERING, side: 'accepter', value: true }],
      },
    ],
  },
  {
    id: 'N7',
    name: 'tgw-no-attachment-in-zone',
    about: "The transit gateway's attachment has no subnet in one of the function's zones.",
    change: (world) => {
      ledgerVpc(world)
      world.transitGateways.push({
        id: TGW.id,
        table: TGW.table,
        attachments: [
          { id: TGW.shop, vpc: IDS.vpc, subnets: [IDS.privateA] },
          { id: TGW.ledger, vpc: LEDGER.vpc, subnets: [LEDGER.subnet] },
        ],
        routes: [
          { to: '10.0.0.0/16', attachment: TGW.shop },
          { to: '10.1.0.0/16', attachment: TGW.ledger },
        ],
      })
      for (const table of [IDS.tablePrivateA, IDS.tablePrivateB]) route(world, table, '10.1.0.0/16', TGW.id)
      route(world, LEDGER.table, '10.0.0.0/16', TGW.id)
    },
    flows: [
      {
        ...ledgerWorks,
        verdict: 'unreachable',
        blockers: [{ code: 'TGW_ATTACH_VPC_AZ_RESTRICTION', component: TGW.shop, direction: 'forward' }],
        seen: { ...timeout, kind: 'postgres', address: '10.1.21.20', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-transit-gateway-attachment', attachmentId: TGW.shop }],
        says: ['1 of 2'],
      },
    ],
  },
  {
    id: 'N10',
    name: 'bpa',
    about: 'VPC Block Public Access is on in both directions.',
    change: (world) => {
      world.blockPublicAccess.mode = 'block-bidirectional'
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [{ code: 'VPC_BLOCK_PUBLIC_ACCESS_ENABLED', component: IDS.vpc, direction: 'forward' }],
        seen: timeoutToInternet,
        diagnosis: 'proven',
        fix: [{ kind: 'create-block-public-access-exclusion', mode: 'allow-egress' }],
      },
      {
        ...database,
        verdict: 'reachable',
        seen: { ...ok, kind: 'postgres', address: '10.0.21.20', addressKind: 'private' },
        diagnosis: 'healthy',
      },
    ],
  },
  {
    id: 'N13',
    name: 'ipv6-egress-only',
    about: 'A dual-stack function whose subnets lead to the internet by IPv6 only.',
    change: (world) => {
      withoutNat(world)
      find(world.vpcs, IDS.vpc).cidr6 = '2001:db8:a::/56'
      PRIVATE.forEach((subnet, index) => {
        find(world.subnets, subnet).cidr6 = `2001:db8:a:1${index + 1}::/64`
      })
      const eigw = id('eigw', 'a1')
      world.egressOnlyGateways.push({ id: eigw, vpc: IDS.vpc })
      for (const table of [IDS.tablePrivateA, IDS.tablePrivateB, IDS.tablePrivateC])
        route(world, table, '::/0', eigw)
      find(world.groups, IDS.groupFunction).egress.push({ protocol: '-1', cidr6: '::/0' })
      for (const acl of world.acls) {
        acl.entries.push(...[false, true].map((egress) => entry(101, egress, '::/0')))
      }
      const fn = find(world.functions, FUNCTION)
      fn.dualStack = true
      fn.enis = [
        { id: id('eni', 'fa'), subnet: IDS.privateA, address: '10.0.11.31', address6: '2001:db8:a:11::31' },
        { id: id('eni', 'fb'), subnet: IDS.privateB, address: '10.0.12.31', address6: '2001:db8:a:12::31' },
      ]
    },
    flows: [
      {
        from: FUNCTION,
        to: '[2600:9000:2000::1]:443',
        port: 443,
        verdict: 'reachable',
        seen: { ...ok, kind: 'http', address: '2600:9000:2000::1', addressKind: 'public' },
        diagnosis: 'healthy',
      },
      {
        from: FUNCTION,
        to: '198.51.100.80:443',
        port: 443,
        verdict: 'unreachable',
        blockers: noRoutes,
        seen: timeoutToInternet,
        diagnosis: 'proven',
        fix: [{ kind: 'create-nat-gateway' }, { kind: 'put-route' }, { kind: 'put-route' }],
      },
    ],
  },
  {
    id: 'N16',
    name: 'two-faults',
    about: 'The NAT route is missing and the ACL is closed: two faults at once.',
    change: (world) => {
      for (const table of world.tables) table.routes = table.routes.filter((one) => one.via !== IDS.nat)
      customAcl(world, PRIVATE, [entry(100, true, '10.0.0.0/16'), entry(100, false, '10.0.0.0/16')])
    },
    flows: [
      {
        ...internet,
        verdict: 'unreachable',
        blockers: [
          aclBlock(ACL, 'forward'),
          noRoute(IDS.tablePrivateA),
          aclBlock(ACL, 'return'),
          noRoute(IDS.tablePrivateB),
        ],
        seen: timeoutToInternet,
        diagnosis: 'proven',
        fix: [
          { kind: 'put-network-acl-entry', networkAclId: ACL, egress: true, fromPort: 443, toPort: 443 },
          { kind: 'put-route', routeTableId: IDS.tablePrivateA },
          { kind: 'put-route', routeTableId: IDS.tablePrivateB },
          { kind: 'put-network-acl-entry', networkAclId: ACL, egress: false, fromPort: 1024, toPort: 65535 },
        ],
      },
    ],
  },
  {
    id: 'N17',
    name: 'sts-global-name',
    about: 'STS has an endpoint with private DNS, but the caller uses the global name sts.amazonaws.com.',
    change: (world) => {
      withoutNat(world)
      interfaceEndpoint(world, 'sts')
    },
    flows: [
      {
        from: FUNCTION,
        to: 'sts.amazonaws.com:443',
        port: 443,
        verdict: 'unreachable',
        blockers: [
          { code: 'ENDPOINT_GLOBAL_NAME_NOT_COVERED', component: INTERFACE_ENDPOINT, direction: 'forward' },
          ...noRoutes,
        ],
        seen: { ...timeout, kind: 'aws', target: 'sts.amazonaws.com:443', addressKind: 'public' },
        diagnosis: 'proven',
        fix: [{ kind: 'create-nat-gateway' }, { kind: 'put-route' }, { kind: 'put-route' }],
        advice: ['STS_GLOBAL_NAME'],
        says: [`sts.${REGION}.amazonaws.com`],
      },
      {
        from: FUNCTION,
        to: 'service:sts',
        port: 443,
        verdict: 'reachable',
        seen: {
          ...ok,
          kind: 'aws',
          target: `sts.${REGION}.amazonaws.com:443`,
          address: '10.0.11.60',
          addressKind: 'private',
        },
        diagnosis: 'healthy',
      },
    ],
  },
  {
    id: 'N22',
    name: 'sg-egress-prefix-list',
    about:
      "The function's group lets out only to the VPC's own range; S3 by gateway endpoint has public addresses.",
    change: (world) => {
      withoutNat(world)
      gatewayEndpoint(world, 's3', [IDS.tablePrivateA, IDS.tablePrivateB])
      find(world.groups, IDS.groupFunction).egress = [allTraffic('10.0.0.0/16')]
    },
    flows: [
      {
        from: FUNCTION,
        to: 'service:s3',
        port: 443,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupFunction, direction: 'forward' }],
        seen: { ...timeout, kind: 'aws', target: `s3.${REGION}.amazonaws.com:443`, addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'egress',
            groupId: IDS.groupFunction,
            protocol: 'tcp',
            fromPort: 443,
            toPort: 443,
            peer: { prefixListId: IDS.s3List },
          },
        ],
      },
    ],
  },
  {
    id: 'N23',
    name: 'nacl-s3',
    about: 'The gateway endpoint is right, but the ACL admits private ranges only.',
    change: (world) => {
      withoutNat(world)
      gatewayEndpoint(world, 's3', [IDS.tablePrivateA, IDS.tablePrivateB])
      customAcl(world, PRIVATE, [entry(100, true, '10.0.0.0/8'), entry(100, false, '10.0.0.0/8')])
    },
    flows: [
      {
        from: FUNCTION,
        to: 'service:s3',
        port: 443,
        verdict: 'unreachable',
        blockers: [aclBlock(ACL, 'forward'), aclBlock(ACL, 'return')],
        seen: { ...timeout, kind: 'aws', target: `s3.${REGION}.amazonaws.com:443`, addressKind: 'public' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'put-network-acl-entry',
            networkAclId: ACL,
            egress: true,
            cidr: '0.0.0.0/0',
            fromPort: 443,
          },
          {
            kind: 'put-network-acl-entry',
            networkAclId: ACL,
            egress: false,
            cidr: '0.0.0.0/0',
            fromPort: 1024,
          },
        ],
      },
    ],
  },
  {
    id: 'N24',
    name: 'rds-proxy',
    about: "The function reaches the proxy, but the database's group does not admit the proxy's group.",
    change: (world) => {
      world.groups.push({
        id: id('sg', '9c'),
        name: 'orders-proxy',
        vpc: IDS.vpc,
        ingress: [{ protocol: 'tcp', from: 5432, to: 5432, group: IDS.groupFunction }],
        egress: [allTraffic()],
      })
      world.proxies.push({
        name: 'orders-proxy',
        vpc: IDS.vpc,
        subnets: [IDS.dataA, IDS.dataB],
        enis: [
          { id: id('eni', '9ca'), subnet: IDS.dataA, address: '10.0.21.70' },
          { id: id('eni', '9cb'), subnet: IDS.dataB, address: '10.0.22.70' },
        ],
        groups: [id('sg', '9c')],
        target: 'orders',
      })
    },
    flows: [
      {
        from: FUNCTION,
        to: `orders-proxy.proxy-c1x2y3z4.${REGION}.rds.amazonaws.com:5432`,
        port: 5432,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupDatabase, direction: 'forward' }],
        seen: {
          outcome: 'exchange_timeout',
          endedIn: 'exchange',
          kind: 'postgres',
          address: '10.0.21.70',
          addressKind: 'private',
        },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: IDS.groupDatabase,
            fromPort: 5432,
            peer: { groupId: id('sg', '9c') },
          },
        ],
      },
    ],
  },
  {
    id: 'N25',
    name: 'default-nacl-denies',
    about: 'The subnets fell back to a default ACL whose rules were all removed.',
    change: (world) => {
      world.acls = [
        { ...find(world.acls, IDS.aclDefault), subnets: PRIVATE, entries: [] },
        {
          id: ACL,
          name: 'data',
          vpc: IDS.vpc,
          isDefault: false,
          subnets: [IDS.publicA, IDS.publicB, IDS.dataA, IDS.dataB],
          entries: [entry(100, false, '0.0.0.0/0'), entry(100, true, '0.0.0.0/0')],
        },
      ]
    },
    flows: [
      {
        ...database,
        verdict: 'unreachable',
        blockers: [aclBlock(IDS.aclDefault, 'forward'), aclBlock(IDS.aclDefault, 'return')],
        seen: timeoutToDatabase,
        diagnosis: 'proven',
        fix: [
          { kind: 'put-network-acl-entry', networkAclId: IDS.aclDefault, egress: true, fromPort: 5432 },
          { kind: 'put-network-acl-entry', networkAclId: IDS.aclDefault, egress: false, fromPort: 1024 },
        ],
      },
    ],
  },
  {
    id: 'N29',
    name: 'private-zone',
    about: "The database's own name is in a private hosted zone that is associated with another VPC only.",
    change: (world) => {
      world.zones = [
        {
          id: ZONE,
          name: 'corp.internal',
          vpcs: [id('vpc', 'b1')],
          addresses: { 'orders.corp.internal': '10.0.21.20' },
        },
      ]
    },
    flows: [
      {
        from: FUNCTION,
        to: 'orders.corp.internal:5432',
        port: 5432,
        verdict: 'unreachable',
        blockers: [{ code: 'PRIVATE_ZONE_NOT_ASSOCIATED', component: ZONE, direction: 'forward' }],
        seen: { outcome: 'dns_not_found', endedIn: 'dns', kind: 'tcp' },
        diagnosis: 'proven',
        fix: [{ kind: 'associate-hosted-zone', hostedZoneId: ZONE, vpcId: IDS.vpc, region: REGION }],
        says: ['corp.internal'],
      },
      databaseWorks,
    ],
  },
]
