import type { Account } from './account.js'
import { signedCertificate } from './authority.js'
import { KNOWN_HOSTS, namesIn } from './names.js'
import type { Identities } from './services.js'

/** A lab that stays must not see its own certificates expire. */
const DAYS = 365
const DAY_MS = 86_400_000
/** Services that a plan may name without the snapshot listing them. */
const SERVICES = [
  'sts',
  's3',
  'dynamodb',
  'secretsmanager',
  'sqs',
  'sns',
  'ssm',
  'kms',
  'lambda',
  'ecr',
  'logs',
  'events',
]

/** The lab's own authority, and what its servers prove themselves with; nothing outside of the lab trusts it. */
export interface Authority {
  readonly identities: Identities
  /** PEM text that the probe is given as its roots. */
  readonly roots: string
}

/** Every name and address that the lab can answer for. */
export function certifiedNames(account: Account): readonly string[] {
  const databases = [null, ...account.vpcs].flatMap((vpc) => [...namesIn(account, vpc).keys()])
  const addresses = [...KNOWN_HOSTS.values()].flat()
  const services = SERVICES.flatMap((service) => [
    `${service}.${account.region}.amazonaws.com`,
    `${service}.amazonaws.com`,
    `*.${service}.${account.region}.amazonaws.com`,
  ])
  return [...new Set([...databases, ...KNOWN_HOSTS.keys(), ...services, '*.example.com', ...addresses])]
}

/** Certificates for these names. */
export async function createAuthority(hosts: readonly string[], now: Date): Promise<Authority> {
  const [trusted, stranger, past] = await Promise.all([
    signedCertificate(now, DAYS, hosts),
    signedCertificate(now, DAYS, hosts),
    signedCertificate(new Date(now.getTime() - 2 * DAYS * DAY_MS), DAYS, hosts),
  ])
  return {
    identities: { trusted, untrusted: stranger, expired: past },
    roots: `${trusted.ca}\n${past.ca}\n`,
  }
}
