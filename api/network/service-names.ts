/**
 * Services whose PrivateLink name isn't the first label of their host, under the names that people call them by.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 */
const PRIVATELINK: ReadonlyMap<string, string> = new Map([
  ['kinesis', 'kinesis-streams'],
  ['firehose', 'kinesis-firehose'],
  ['ecr', 'ecr.api'],
  ['sagemaker', 'sagemaker.api'],
  ['sagemaker-runtime', 'sagemaker.runtime'],
  ['airflow', 'airflow.api'],
  ['streams.dynamodb', 'dynamodb-streams'],
  ['stepfunctions', 'states'],
  ['cloudwatch', 'monitoring'],
  ['eventbridge', 'events'],
])

const HOST_LABELS: ReadonlyMap<string, string> = new Map([
  ['kinesis-streams', 'kinesis'],
  ['kinesis-firehose', 'firehose'],
  ['dynamodb-streams', 'streams.dynamodb'],
])

/** Services of several parts, which their hosts write the other way round: `api.ecr`, `ACCOUNT.dkr.ecr`. */
const PARTS =
  /^(ecr\.(api|dkr)|sagemaker\.(api|runtime|metrics|featurestore-runtime)|airflow\.(api|env|ops))$/

/** The name under which PrivateLink knows a service: `kinesis` → `kinesis-streams`; most are their own. */
export function privateLinkName(service: string): string {
  return PRIVATELINK.get(service) ?? service
}

/** What comes before the Region in a service's host: `kinesis-streams` → `kinesis`, `ecr.api` → `api.ecr`. */
export function hostLabels(service: string): string {
  const name = privateLinkName(service)
  return HOST_LABELS.get(name) ?? name.split('.').reverse().join('.')
}

/** The service in the labels before the Region: `['123456789012', 'dkr', 'ecr']` → `ecr.dkr`. FIPS is a variant, not a service. */
export function serviceOfLabels(labels: readonly string[]): string {
  const last = (labels.at(-1) ?? '').replace(/-fips$/, '')
  const before = labels.at(-2)
  if (before === undefined) return last
  if (PARTS.test(`${last}.${before}`)) return `${last}.${before}`
  return PRIVATELINK.has(`${before}.${last}`) ? privateLinkName(`${before}.${last}`) : last
}

/**
 * Hosts of resources that stand in somebody's subnets, or may: not of the service's API, whatever their last labels say.
 * https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
 */
const RESOURCE_HOSTS: readonly (readonly [RegExp, string | null])[] = [
  [/\.[a-z0-9-]+\.rds\.amazonaws\.com(\.cn)?$/, 'describe-db-instances'],
  [/(\.elb\.[a-z0-9-]+|\.[a-z0-9-]+\.elb)\.amazonaws\.com(\.cn)?$/, 'describe-load-balancers'],
  [/\.(cache|redshift|docdb|neptune)\.amazonaws\.com(\.cn)?$/, null],
  [/^vpc-.*\.(es|aoss)\.amazonaws\.com(\.cn)?$/, null],
  [/^.+\.(efs|kafka|mq|memorydb|fsx|dax-clusters)\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/, null],
]

/** The call that would tell of a resource's host, null where no snapshot has it; undefined if the host is none. */
export function callOfResourceHost(host: string): string | null | undefined {
  return RESOURCE_HOSTS.find(([form]) => form.test(host))?.[1]
}
