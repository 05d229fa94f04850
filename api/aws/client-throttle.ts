import { setTimeout as delay } from 'node:timers/promises'

/** Time, handed in so that a test can do without waiting. Milliseconds. */
export interface Clock {
  now(): number
  sleep(milliseconds: number): Promise<void>
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds) => {
    await delay(milliseconds)
  },
}

/** A bucket of request tokens: full at first, refilled steadily. */
export interface Rate {
  readonly capacity: number
  readonly perSecond: number
}

/**
 * EC2 keeps a bucket for each API action, account and region:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const EC2_PAGED: Rate = { capacity: 100, perSecond: 20 }
const EC2_UNPAGED: Rate = { capacity: 50, perSecond: 10 }

const EC2_UNPAGED_COMMANDS: ReadonlySet<string> = new Set([
  'DescribeAddressesCommand',
  'DescribeVpnConnectionsCommand',
  'DescribeVpnGatewaysCommand',
])

/**
 * One bucket for each other service, below what the service allows, so that the account's own tools keep a share.
 * Lambda's control plane has 15 requests a second over all actions
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), Route 53 five
 * (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html); the rest publish none.
 */
const SERVICE_RATES: Readonly<Record<string, Rate>> = {
  lambda: { capacity: 10, perSecond: 10 },
  route53: { capacity: 4, perSecond: 4 },
  iam: { capacity: 10, perSecond: 5 },
  rds: { capacity: 20, perSecond: 10 },
  elbv2: { capacity: 20, perSecond: 10 },
}

/**
 * Makes the function that each request awaits before it is sent. Requests of one bucket go in the order in
 * which they came.
 */
export function createThrottle(clock: Clock): (service: string, command: string) => Promise<void> {
  const buckets = new Map<string, () => Promise<void>>()
  return (service, command) => {
    const [name, rate] =
      service === 'ec2'
        ? ([`ec2 ${command}`, EC2_UNPAGED_COMMANDS.has(command) ? EC2_UNPAGED : EC2_PAGED] as const)
        : ([service, SERVICE_RATES[service] ?? EC2_UNPAGED] as const)
    const take = buckets.get(name) ?? createBucket(rate, clock)
    buckets.set(name, take)
    return take()
  }
}

/** A token bucket: the returned function resolves when its caller may send. */
export function createBucket(rate: Rate, clock: Clock): () => Promise<void> {
  const interval = 1000 / rate.perSecond
  // The time at which the bucket would be full again if nothing more were taken.
  let fullAt = clock.now()
  return async () => {
    const now = clock.now()
    fullAt = Math.max(fullAt, now) + interval
    const wait = fullAt - now - rate.capacity * interval
    if (wait > 0) await clock.sleep(wait)
  }
}
