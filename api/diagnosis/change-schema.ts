import { type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Change } from './diagnosis.js'

/** The file of a fix is not one: what is wrong where, all of it at once. */
export class FixFileError extends Error {
  override readonly name = 'FixFileError'
  constructor(readonly problems: readonly { readonly pointer: string; readonly message: string }[]) {
    super(problems.map(({ pointer, message }) => `${pointer === '' ? '/' : pointer}: ${message}`).join('; '))
  }
}

const Id = Type.String({ minLength: 1, maxLength: 2048 })
const Ids = Type.Array(Id)
const Port = Type.Union([Type.Integer({ minimum: -1, maximum: 65_535 }), Type.Null()])
const Cidr = Type.String({
  pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$',
  description: 'a range such as 10.0.0.0/16',
})

const strict = <P extends TProperties>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false })

const Peer = Type.Union([strict({ groupId: Id }), strict({ cidr: Cidr }), strict({ prefixListId: Id })])

const groupRule = (kind: 'authorize-security-group' | 'revoke-security-group') =>
  strict({
    kind: Type.Literal(kind),
    direction: Type.Enum(['ingress', 'egress']),
    groupId: Id,
    protocol: Id,
    fromPort: Port,
    toPort: Port,
    peer: Peer,
  })

/** One schema for each kind of change; it is the documentation of a fix's file, too. */
const CHANGE_SCHEMAS: { readonly [K in Change['kind']]: TSchema } = {
  'authorize-security-group': groupRule('authorize-security-group'),
  'revoke-security-group': groupRule('revoke-security-group'),
  'create-security-group': strict({
    kind: Type.Literal('create-security-group'),
    vpcId: Id,
    name: Id,
    description: Type.String(),
    as: Id,
  }),
  'put-network-acl-entry': strict({
    kind: Type.Literal('put-network-acl-entry'),
    networkAclId: Id,
    egress: Type.Boolean(),
    ruleNumber: Type.Integer({ minimum: 1, maximum: 32_766 }),
    action: Type.Enum(['allow', 'deny']),
    protocol: Type.String({ pattern: '^(-1|[0-9]{1,3})$', description: 'a protocol number, or -1 for all' }),
    cidr: Cidr,
    fromPort: Port,
    toPort: Port,
  }),
  'delete-network-acl-entry': strict({
    kind: Type.Literal('delete-network-acl-entry'),
    networkAclId: Id,
    egress: Type.Boolean(),
    ruleNumber: Type.Integer({ minimum: 1, maximum: 32_766 }),
  }),
  'put-route': strict({
    kind: Type.Literal('put-route'),
    routeTableId: Id,
    destination: Id,
    target: strict({ kind: Id, id: Id }),
    replace: Type.Boolean(),
  }),
  'delete-route': strict({ kind: Type.Literal('delete-route'), routeTableId: Id, destination: Id }),
  'associate-endpoint-route-table': strict({
    kind: Type.Literal('associate-endpoint-route-table'),
    endpointId: Id,
    routeTableId: Id,
  }),
  'create-endpoint': strict({
    kind: Type.Literal('create-endpoint'),
    vpcId: Id,
    service: Type.String({ pattern: '^[a-z0-9.-]+$' }),
    endpointType: Type.Enum(['Gateway', 'Interface']),
    routeTableIds: Ids,
    subnetIds: Ids,
    groupIds: Ids,
    privateDns: Type.Boolean(),
    as: Id,
  }),
  'modify-endpoint': strict({
    kind: Type.Literal('modify-endpoint'),
    endpointId: Id,
    privateDns: Type.Optional(Type.Boolean()),
    addSubnetIds: Type.Optional(Ids),
    addGroupIds: Type.Optional(Ids),
    policy: Type.Optional(Type.String({ description: 'the whole policy document, as JSON' })),
  }),
  'delete-endpoint': strict({ kind: Type.Literal('delete-endpoint'), endpointId: Id }),
  'create-nat-gateway': strict({
    kind: Type.Literal('create-nat-gateway'),
    subnetId: Id,
    public: Type.Boolean(),
    as: Id,
  }),
  'associate-route-table': strict({
    kind: Type.Literal('associate-route-table'),
    subnetId: Id,
    routeTableId: Id,
  }),
  'modify-vpc-attribute': strict({
    kind: Type.Literal('modify-vpc-attribute'),
    vpcId: Id,
    attribute: Type.Enum(['enableDnsSupport', 'enableDnsHostnames']),
    value: Type.Boolean(),
  }),
  'modify-peering-dns': strict({
    kind: Type.Literal('modify-peering-dns'),
    peeringId: Id,
    side: Type.Enum(['requester', 'accepter']),
    value: Type.Boolean(),
  }),
  'create-peering': strict({
    kind: Type.Literal('create-peering'),
    requesterVpcId: Id,
    accepterVpcId: Id,
    as: Id,
  }),
  'create-egress-only-gateway': strict({
    kind: Type.Literal('create-egress-only-gateway'),
    vpcId: Id,
    as: Id,
  }),
  'create-dhcp-options': strict({
    kind: Type.Literal('create-dhcp-options'),
    vpcId: Id,
    nameServers: Type.Array(Id, { minItems: 1 }),
    domainName: Type.Union([Id, Type.Null()]),
    as: Id,
  }),
  'associate-dhcp-options': strict({
    kind: Type.Literal('associate-dhcp-options'),
    vpcId: Id,
    dhcpOptionsId: Id,
  }),
  'associate-hosted-zone': strict({
    kind: Type.Literal('associate-hosted-zone'),
    hostedZoneId: Id,
    vpcId: Id,
    region: Id,
  }),
  'associate-transit-gateway-route-table': strict({
    kind: Type.Literal('associate-transit-gateway-route-table'),
    attachmentId: Id,
    routeTableId: Id,
  }),
  'modify-transit-gateway-attachment': strict({
    kind: Type.Literal('modify-transit-gateway-attachment'),
    attachmentId: Id,
    addSubnetIds: Ids,
  }),
  'put-transit-gateway-route': strict({
    kind: Type.Literal('put-transit-gateway-route'),
    routeTableId: Id,
    destination: Id,
    attachmentId: Id,
  }),
  'create-block-public-access-exclusion': strict({
    kind: Type.Literal('create-block-public-access-exclusion'),
    resourceId: Type.String({ pattern: '^(vpc|subnet)-', description: 'vpc-… or subnet-…' }),
    mode: Type.Enum(['allow-bidirectional', 'allow-egress']),
  }),
  'attach-internet-gateway': strict({
    kind: Type.Literal('attach-internet-gateway'),
    internetGatewayId: Id,
    vpcId: Id,
  }),
  'configure-function-vpc': strict({
    kind: Type.Literal('configure-function-vpc'),
    functionName: Id,
    subnetIds: Type.Array(Id, { minItems: 1 }),
    groupIds: Type.Array(Id, { minItems: 1 }),
  }),
  'attach-role-policy': strict({
    kind: Type.Literal('attach-role-policy'),
    roleName: Id,
    policyArn: Id,
    actions: Type.Array(Type.String()),
  }),
}

const KINDS = Object.keys(CHANGE_SCHEMAS)

interface Problem {
  readonly pointer: string
  readonly message: string
}

function isKind(kind: unknown): kind is Change['kind'] {
  return typeof kind === 'string' && Object.hasOwn(CHANGE_SCHEMAS, kind)
}

function problemsOf(value: unknown, pointer: string): readonly Problem[] {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !isKind(value.kind)) {
    return [{ pointer, message: `expected a change, an object whose kind is one of ${KINDS.join(', ')}` }]
  }
  const { kind } = value
  const errors = Compile(CHANGE_SCHEMAS[kind]).Errors(value)
  return errors.map((error) => ({ pointer: `${pointer}${error.instancePath}`, message: error.message }))
}

function isChange(value: unknown): value is Change {
  return problemsOf(value, '').length === 0
}

/**
 * Reads the changes of a fix from parsed JSON: a `Fix` as Sonde prints it, `{"changes": […]}`, or a bare list.
 * @throws {FixFileError} with every problem and its JSON pointer.
 */
export function readChanges(value: unknown): readonly Change[] {
  const bare = Array.isArray(value)
  const list: unknown =
    bare || typeof value !== 'object' || value === null
      ? value
      : 'changes' in value
        ? value.changes
        : undefined
  const base = bare ? '' : '/changes'
  if (!Array.isArray(list)) {
    throw new FixFileError([{ pointer: base, message: 'expected a list of changes' }])
  }
  if (list.length === 0) throw new FixFileError([{ pointer: base, message: 'expected at least one change' }])
  const problems = list.flatMap((item: unknown, index) => problemsOf(item, `${base}/${index}`))
  if (problems.length > 0) throw new FixFileError(problems)
  return list.filter(isChange)
}
