import { Type } from 'typebox'
import { TRACE_VERSION, type Trace as TraceValue } from '../network/path.js'
import { Nullable, ref, Sentence } from './schemas.js'

/** The components of the OpenAPI document that speak of paths: the same contract as `sonde trace --json`. */

function component<T extends ReturnType<typeof Type.Object>>($id: string, schema: T): T & { $id: string } {
  return Object.assign(schema, { $id, title: $id })
}

const Direction = Type.Enum(['forward', 'return'])
const HopVerdict = Type.Enum(['pass', 'block', 'unknown'])
const Verdict = Type.Enum(['reachable', 'unreachable', 'unknown'])

export const DecidingRule = component(
  'DecidingRule',
  Type.Object(
    {
      kind: Type.String(),
      in: Nullable.String({ description: 'Id of what holds the rule: sg-…, acl-…, rtb-….' }),
      summary: Type.String({ description: 'Short form, in English: the text’s own.' }),
      text: ref(Sentence),
      egress: Type.Optional(
        Type.Boolean({ description: 'Of a network ACL: which of its sides judged, as AWS names it.' }),
      ),
      raw: Type.Optional(Type.Unknown({ description: 'As AWS printed it.' })),
    },
    { description: 'The rule, route or setting that decided.' },
  ),
)

const NullableRule = Type.Union([ref(DecidingRule), Type.Null()])

export const Hop = component(
  'Hop',
  Type.Object({
    kind: Type.String(),
    component: Type.String(),
    verdict: HopVerdict,
    code: Nullable.String({
      description: "AWS Reachability Analyzer's explanation code where it has one, else Sonde's.",
    }),
    rule: NullableRule,
    text: ref(Sentence),
    packet: Type.Object({
      source: Type.String(),
      destination: Type.String(),
      sourcePort: Nullable.Number(),
      destinationPort: Nullable.Number(),
    }),
  }),
)

export const Blocker = component(
  'Blocker',
  Type.Object({
    code: Type.String(),
    component: Type.String(),
    direction: Direction,
    rule: NullableRule,
    text: ref(Sentence),
    subnet: Type.Optional(Type.String()),
    share: Type.Optional(
      Type.Number({
        description:
          'Of the ports that replies may come to, the share that it turns away, where that is not all of them.',
      }),
    ),
    behind: Type.Optional(
      Type.String({
        description: "What answers in the target's place, where the fault lies behind that: a load balancer.",
      }),
    ),
  }),
)

export const MissingFact = component(
  'MissingFact',
  Type.Object({
    call: Nullable.String({ description: 'The AWS CLI command whose answer is missing.' }),
    component: Nullable.String(),
    text: ref(Sentence),
  }),
)

export const Remark = component(
  'Remark',
  Type.Object({ code: Type.String(), component: Nullable.String(), text: ref(Sentence) }),
)

const standpoint = {
  subnet: Nullable.String(),
  availabilityZone: Nullable.String(),
  verdict: Verdict,
  blockers: Type.Array(ref(Blocker)),
  hops: Type.Array(ref(Hop)),
  returnHops: Type.Array(ref(Hop)),
  missing: Type.Array(ref(MissingFact)),
  seenAs: Nullable.String({ description: 'The address that the target sees.' }),
  resolved: Type.Array(Type.String()),
  notes: Type.Array(ref(Remark)),
}

export const SubnetTrace = component('SubnetTrace', Type.Object(standpoint))

export const Trace = component(
  'Trace',
  Type.Object(
    {
      version: Type.Integer({ description: `Version of this contract: ${TRACE_VERSION}.` }),
      source: Type.String(),
      destination: Type.String(),
      protocol: Type.String(),
      port: Nullable.Number(),
      ...standpoint,
      perSubnet: Type.Array(ref(SubnetTrace)),
    },
    {
      description:
        'The path through the configuration, out and back; the overall verdict is the worst subnet’s.',
    },
  ),
)

/** A trace as a response: the value's own type, the component's schema. */
export const TraceRef = Type.Unsafe<TraceValue>({ $ref: 'Trace#' })

export const TRACE_COMPONENTS = [
  Sentence,
  DecidingRule,
  Hop,
  Blocker,
  MissingFact,
  Remark,
  SubnetTrace,
  Trace,
] as const

/** Which network is asked: the newest snapshot, another one, or one that comes along. */
export const snapshotBody = {
  snapshot: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id of a kept version or of a draft. Default: the newest.' }),
  ),
  files: Type.Optional(
    Type.Record(Type.String({ maxLength: 512 }), Type.Unknown(), {
      description:
        'A snapshot handed over in place of a kept one: file names of a snapshot folder and their JSON.',
    }),
  ),
}

/** What is asked, as text: the same forms as on the command line. */
export const questionBody = {
  from: Type.String({
    minLength: 1,
    maxLength: 512,
    description:
      'A function’s name or ARN, eni-…, i-…, or subnet-…+sg-…[+sg-…], each with an optional @address.',
  }),
  to: Type.String({
    minLength: 1,
    maxLength: 512,
    description: 'internet, service:NAME, rds:ID, eni-…, i-…, HOST:PORT or ADDRESS:PORT.',
  }),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  protocol: Type.Optional(
    Type.String({ pattern: '^(tcp|udp|icmp|all|\\d{1,3})$', description: 'Default tcp.' }),
  ),
  sourcePort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  ...snapshotBody,
}
