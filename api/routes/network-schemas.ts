import { Type } from 'typebox'
import type { PathEnd } from '../network/map/ends.js'
import type { NetworkOverview, VpcMap } from '../network/map/map.js'
import type { RuleSet } from '../network/map/rules.js'
import { Nullable } from './schemas.js'

/** The shapes of the network's picture. The types are those of `api/network/map`; these say the same to readers. */

const Strings = Type.Array(Type.String())
const Names = Type.Object({
  count: Type.Integer(),
  names: Type.Array(Type.String(), { description: 'Some of them, sorted.' }),
})

export const OverviewRef = Type.Unsafe<NetworkOverview & { snapshot: string; takenAt: string }>(
  Type.Object({
    snapshot: Type.String(),
    takenAt: Type.String({ description: 'When AWS was asked. ISO 8601, UTC.' }),
    vpcs: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Nullable.String({ description: 'Its Name tag.' }),
        scope: Type.String(),
        cidrs: Strings,
        zones: Strings,
        subnets: Type.Integer(),
        functions: Type.Integer(),
        databases: Type.Integer(),
      }),
      { description: 'Those with the most functions first.' },
    ),
    vpcsOmitted: Type.Integer(),
    links: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.Enum(['vpc-peering-connection', 'transit-gateway']),
        name: Nullable.String(),
        state: Nullable.String(),
        vpcs: Strings,
      }),
    ),
    outside: Type.Object({ functions: Names }, { description: 'What stands in no VPC.' }),
  }),
)

const Route = Type.Object({
  destination: Type.String(),
  targetKind: Type.String(),
  target: Type.String(),
  state: Type.String(),
  propagated: Type.Boolean(),
})

export const VpcMapRef = Type.Unsafe<VpcMap>(
  Type.Object({
    id: Type.String(),
    name: Nullable.String(),
    cidrs: Strings,
    zones: Strings,
    subnets: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Nullable.String(),
        zone: Nullable.String(),
        cidrs: Strings,
        kind: Type.Enum(['public', 'private', 'isolated', 'unknown'], {
          description: 'By its default route: to an internet gateway, elsewhere, or none.',
        }),
        routeTable: Nullable.String(),
        networkAcl: Nullable.String(),
        freeAddresses: Nullable.Number(),
        interfaces: Type.Integer(),
        routes: Type.Array(Route, { description: 'Without the local ones.' }),
      }),
    ),
    standpoints: Type.Array(
      Type.Object({
        id: Type.String(),
        subnets: Strings,
        securityGroups: Strings,
        functions: Names,
      }),
      { description: 'Functions that share subnets and security groups.' },
    ),
    things: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String({ description: 'As the kind of a hop.' }),
        name: Nullable.String(),
        state: Nullable.String(),
        subnets: Type.Array(Type.String(), { description: 'Empty at the edge of the VPC.' }),
        detail: Nullable.String(),
      }),
    ),
    omitted: Type.Object({
      subnets: Type.Integer(),
      standpoints: Type.Integer(),
      things: Type.Integer(),
    }),
  }),
)

const port = Nullable.Number()

export const RuleSetRef = Type.Unsafe<RuleSet>(
  Type.Union([
    Type.Object({
      kind: Type.Literal('security-group'),
      id: Type.String(),
      name: Nullable.String(),
      rules: Type.Array(
        Type.Object({
          direction: Type.Enum(['ingress', 'egress']),
          protocol: Type.String(),
          fromPort: port,
          toPort: port,
          peer: Type.Object({
            cidr: Type.Optional(Type.String()),
            groupId: Type.Optional(Type.String()),
            prefixListId: Type.Optional(Type.String()),
          }),
        }),
      ),
    }),
    Type.Object({
      kind: Type.Literal('network-acl'),
      id: Type.String(),
      entries: Type.Array(
        Type.Object({
          egress: Type.Boolean(),
          ruleNumber: Type.Integer(),
          action: Type.Enum(['allow', 'deny']),
          protocol: Type.String(),
          cidr: Type.String(),
          fromPort: port,
          toPort: port,
        }),
      ),
    }),
    Type.Object({ kind: Type.Literal('route-table'), id: Type.String(), routes: Type.Array(Route) }),
  ]),
)

export const PathEndsRef = Type.Unsafe<{ items: readonly PathEnd[]; omitted: number }>(
  Type.Object({
    items: Type.Array(
      Type.Object({
        selector: Type.String(),
        kind: Type.Enum(['function', 'instance', 'network-interface', 'database', 'service', 'internet']),
        detail: Nullable.String(),
        port,
      }),
    ),
    omitted: Type.Integer(),
  }),
)
