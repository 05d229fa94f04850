import { EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { IAMClient } from '@aws-sdk/client-iam'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { OpenSearchClient } from '@aws-sdk/client-opensearch'
import { RDSClient } from '@aws-sdk/client-rds'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import type { CredentialsProvider } from './accounts.js'
import { type Clock, createThrottle, SYSTEM_CLOCK } from './client-throttle.js'

/** The clients that a snapshot is collected with, all for one region. */
export interface AwsClients {
  readonly region: string
  readonly ec2: EC2Client
  readonly rds: RDSClient
  readonly lambda: LambdaClient
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly iam: IAMClient
  readonly route53: Route53Client
  readonly elasticache: ElastiCacheClient
  readonly opensearch: OpenSearchClient
  readonly tagging: ResourceGroupsTaggingAPIClient
  readonly sts: STSClient
}

/** Tries in all, unless AWS_MAX_ATTEMPTS says otherwise; the waits grow to 20 s, which outlasts any refill. */
const MAX_ATTEMPTS = 8

/**
 * Opens the clients for a region. Credentials, where none are given, `AWS_PROFILE`, `AWS_ENDPOINT_URL` and their like come from the
 * environment and the shared configuration files, as with every AWS tool.
 * Each attempt waits for its API's own rate; what is throttled all the same is retried by the SDK with
 * exponential backoff and jitter.
 */
export function openClients(
  region: string,
  credentials?: CredentialsProvider,
  clock: Clock = SYSTEM_CLOCK,
): AwsClients {
  const options = {
    region,
    ...(process.env['AWS_MAX_ATTEMPTS'] === undefined ? { maxAttempts: MAX_ATTEMPTS } : {}),
    ...(credentials ? { credentials } : {}),
  }
  const clients: AwsClients = {
    region,
    ec2: new EC2Client(options),
    rds: new RDSClient(options),
    lambda: new LambdaClient(options),
    elbv2: new ElasticLoadBalancingV2Client(options),
    iam: new IAMClient(options),
    route53: new Route53Client(options),
    elasticache: new ElastiCacheClient(options),
    opensearch: new OpenSearchClient(options),
    tagging: new ResourceGroupsTaggingAPIClient(options),
    sts: new STSClient(options),
  }
  const throttle = createThrottle(clock)
  clients.ec2.middlewareStack.add(paced('ec2', throttle), PLACE)
  clients.rds.middlewareStack.add(paced('rds', throttle), PLACE)
  clients.lambda.middlewareStack.add(paced('lambda', throttle), PLACE)
  clients.elbv2.middlewareStack.add(paced('elbv2', throttle), PLACE)
  clients.iam.middlewareStack.add(paced('iam', throttle), PLACE)
  clients.route53.middlewareStack.add(paced('route53', throttle), PLACE)
  clients.elasticache.middlewareStack.add(paced('elasticache', throttle), PLACE)
  clients.opensearch.middlewareStack.add(paced('opensearch', throttle), PLACE)
  clients.tagging.middlewareStack.add(paced('tagging', throttle), PLACE)
  clients.sts.middlewareStack.add(paced('sts', throttle), PLACE)
  return clients
}

/** Ends the clients' connections, so that nothing keeps the process alive. */
export function closeClients(clients: AwsClients): void {
  const { region: _, ...opened } = clients
  for (const client of Object.values(opened)) client.destroy()
}

// After the retries' step (`finalizeRequest`, high), so that every single attempt is paced; before signing, so
// that a signature doesn't age while it waits.
const PLACE = { step: 'finalizeRequest', priority: 'normal', name: 'sondePace' } as const

function paced(service: string, throttle: (service: string, command: string) => Promise<void>) {
  return <Input, Output>(
    next: (args: Input) => Promise<Output>,
    context: { readonly commandName?: string },
  ) =>
    async (args: Input): Promise<Output> => {
      await throttle(service, context.commandName ?? '')
      return next(args)
    }
}
