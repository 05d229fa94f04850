import { type Static, Type } from 'typebox'
import { PlanEnvelopeSchema } from '../../probe/plan.schema.js'

/**
 * `sonde.plan.yaml`: which probes stand where, and what each tries. `sonde discover` writes it, people edit it, and the CDK
 * construct `SondeProbes` builds it. One version means one meaning: fields may be added, none changes its own.
 *
 * One probe Lambda is built per posture and subnet: attached to that one subnet with the posture's security groups, it stands on
 * the network interface that Lambda already keeps for the posture's functions there.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */

const closed = { additionalProperties: false }

/** Lambda takes up to 16 subnets: https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html */
export const MAX_SUBNETS = 16

const EveryMinutes = (description: string) => Type.Integer({ minimum: 1, maximum: 1440, description })

export const PosturePlanSchema = Type.Object(
  {
    id: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$',
      description:
        'Unique in the file. Discovery makes it from subnets and groups (`posture-…`), as the API does; by it a re-run finds the entry again.',
    }),
    account: Type.Optional(
      Type.String({ pattern: '^[0-9]{12}$', description: 'Quoted: twelve digits. Where it is known.' }),
    ),
    region: Type.String({ pattern: '^[a-z]{2,5}(-[a-z]+)+-[0-9]+$' }),
    vpc: Type.String({ pattern: '^vpc-[0-9a-z]+$' }),
    subnets: Type.Array(Type.String({ pattern: '^subnet-[0-9a-z]+$' }), {
      minItems: 1,
      maxItems: MAX_SUBNETS,
      uniqueItems: true,
      description: 'One probe stands in each.',
    }),
    securityGroups: Type.Array(Type.String({ pattern: '^sg-[0-9a-z]+$' }), {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
      description: "The functions' own groups, all of them: another set would be another interface.",
    }),
    ipv6: Type.Optional(
      Type.Boolean({
        description:
          'Whether the functions may use IPv6 (Ipv6AllowedForDualStack); the probes must be set alike. Default false.',
      }),
    ),
    functions: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      maxItems: 10_000,
      uniqueItems: true,
      description:
        'Names of the functions that share this posture: what its probes see counts for each of them.',
    }),
    enabled: Type.Optional(
      Type.Boolean({ description: 'False keeps the entry and builds no probes. Default true.' }),
    ),
    everyMinutes: Type.Optional(EveryMinutes("Minutes between two runs. Default: the file's.")),
    plan: PlanEnvelopeSchema,
  },
  { ...closed, description: 'One posture: subnets and security groups that functions share, and its plan.' },
)

export const PlanFileSchema = Type.Object(
  {
    version: Type.Literal(1),
    everyMinutes: Type.Optional(EveryMinutes('Minutes between two runs of a probe. Default 5.')),
    postures: Type.Array(PosturePlanSchema, { maxItems: 2000 }),
  },
  { ...closed, $id: 'SondePlanFile', description: 'sonde.plan.yaml' },
)

export const DEFAULT_EVERY_MINUTES = 5

/** A file as it was written; the checks inside are validated each by its kind, which `readPlanFile` does. */
export type PlanFile = Static<typeof PlanFileSchema>
export type PosturePlan = Static<typeof PosturePlanSchema>

export { PROBE_TAG } from './tags.js'
