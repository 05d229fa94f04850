import { CheckFailure } from '../outcome.js'
import type { AwsCheck } from '../plan.schema.js'
import { awsServices } from './aws-services.js'

/** Where a service is spoken to, and how the request is signed. */
export interface AwsEndpoint {
  readonly protocol: 'http:' | 'https:'
  readonly host: string
  readonly port: number
  readonly signingName: string
  readonly signingRegion: string
}

type Variant = NonNullable<AwsCheck['variant']>

interface Partition {
  readonly id: string
  readonly regions: RegExp
  readonly suffix: string
  readonly dualStackSuffix: string
  /** Region that signs for the partition's global endpoints. */
  readonly globalRegion: string
}

/** Domains by partition, as in AWS's own `partitions.json`, which every SDK carries. */
const partitions: readonly Partition[] = [
  partition('cn', /^cn-/, 'amazonaws.com.cn', 'api.amazonwebservices.com.cn', 'cn-northwest-1'),
  partition('gov', /^us-gov-/, 'amazonaws.com', 'api.aws', 'us-gov-west-1'),
  partition('iso', /^us-iso-/, 'c2s.ic.gov', 'api.aws.ic.gov', 'us-iso-east-1'),
  partition('isob', /^us-isob-/, 'sc2s.sgov.gov', 'api.aws.scloud', 'us-isob-east-1'),
  partition('isoe', /^eu-isoe-/, 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk', 'eu-isoe-west-1'),
  partition('isof', /^us-isof-/, 'csp.hci.ic.gov', 'api.aws.hci.ic.gov', 'us-isof-south-1'),
  partition('eusc', /^eusc-/, 'amazonaws.eu', 'api.amazonwebservices.eu', 'eusc-de-east-1'),
  partition('', /^/, 'amazonaws.com', 'api.aws', 'us-east-1'),
]

/** First labels that follow no rule, by service, variant and `gov` or `cn`. */
const odd: Readonly<Record<string, string>> = {
  'es fips-dualstack': 'es-fips',
  'es fips-dualstack gov': 'es-fips',
  'events fips-dualstack gov': 'events',
  'kafka fips-dualstack gov': 'kafka-api',
  'monitoring fips-dualstack gov': 'monitoring',
  'states dualstack gov': 'states-fips',
  'transcribe standard cn': 'cn.transcribe',
}

/**
 * The endpoint that a check means: its own `endpoint`, else the service's name in the region, in the asked-for variant
 * (<https://docs.aws.amazon.com/general/latest/gr/rande.html>, dual-stack and FIPS names there too).
 * A service that isn't in the table gets the regular form, `<service>.<region>.amazonaws.com`.
 *
 * Throws a `CheckFailure` that says what is missing: no region, or a global name of a service that has none.
 */
export function awsEndpoint(check: AwsCheck, env: Readonly<Record<string, string | undefined>>): AwsEndpoint {
  const service = awsServices[check.service]
  const region = check.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? ''
  const variant: Variant = check.variant ?? 'standard'
  const global = variant === 'global' || service?.global === 'only'
  if (region === '' && !global && check.endpoint === undefined)
    throw new CheckFailure(
      'internal_error',
      `${check.name}: the region is not known; give the check a region or set AWS_REGION`,
    )
  if (variant === 'global' && service !== undefined && service.global === undefined)
    throw new CheckFailure(
      'internal_error',
      `${check.name}: ${check.service} has no global endpoint; leave variant out or name another`,
    )
  const home = partitionOf(region)
  const signing = {
    signingName: service?.signingName ?? check.service,
    signingRegion: global || region === '' ? home.globalRegion : region,
  }
  if (check.endpoint !== undefined) return { ...explicit(check.endpoint), ...signing }
  const host = global
    ? globalHost(check.service, variant, home)
    : regionalHost(check.service, region, variant, home)
  return { protocol: 'https:', host, port: 443, ...signing }
}

function explicit(endpoint: string): Pick<AwsEndpoint, 'protocol' | 'host' | 'port'> {
  const url = new URL(endpoint.includes('://') ? endpoint : `https://${endpoint}`)
  const protocol = url.protocol === 'http:' ? 'http:' : 'https:'
  const port = url.port === '' ? (protocol === 'http:' ? 80 : 443) : Number(url.port)
  return { protocol, host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

function globalHost(name: string, variant: Variant, home: Partition): string {
  const { fips, dualStack } = traits(variant)
  const suffix = dualStack ? home.dualStackSuffix : home.suffix
  if (home.id === 'gov') return `${name}.us-gov.${suffix}`
  if (home.id === 'cn' && name === 'iam' && !dualStack) return `iam.cn-north-1.${suffix}`
  return `${name}${fips ? '-fips' : ''}.${dualStack ? 'global.' : ''}${suffix}`
}

function regionalHost(name: string, region: string, variant: Variant, home: Partition): string {
  const service = awsServices[name]
  const { fips, dualStack } = traits(variant)
  // S3 is older than the common form of dual-stack names and keeps its own.
  if (name === 's3')
    return `s3${fips ? '-fips' : ''}.${dualStack ? 'dualstack.' : ''}${region}.${home.suffix}`
  const same = service?.dualStack === 'same' || (service?.dualStack === 'same-in-aws' && home.id === '')
  const suffix = dualStack && !same ? home.dualStackSuffix : home.suffix
  const prefix = (dualStack ? service?.dualStackPrefix : undefined) ?? service?.prefix ?? name
  const fipsPrefix = (dualStack ? undefined : service?.fipsPrefix) ?? `${prefix}-fips`
  const isPlain = !fips || (home.id === 'gov' && !dualStack && service?.govFips === 'plain')
  const label = odd[`${name} ${variant} ${home.id}`.trimEnd()] ?? (isPlain ? prefix : fipsPrefix)
  return `${label}.${region}.${suffix}`
}

function traits(variant: Variant): { readonly fips: boolean; readonly dualStack: boolean } {
  return {
    fips: variant === 'fips' || variant === 'fips-dualstack',
    dualStack: variant === 'dualstack' || variant === 'fips-dualstack',
  }
}

function partitionOf(region: string): Partition {
  const found = partitions.find(({ regions }) => regions.test(region))
  if (found === undefined) throw new Error(`no partition for region ${region}`)
  return found
}

function partition(
  id: string,
  regions: RegExp,
  suffix: string,
  dualStackSuffix: string,
  globalRegion: string,
): Partition {
  return { id, regions, suffix, dualStackSuffix, globalRegion }
}
