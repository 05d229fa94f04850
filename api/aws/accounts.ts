import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'

/** A role in another account that Sonde acts by. */
export interface AccountAccess {
  /** Twelve digits. */
  readonly account: string
  readonly roleArn: string
  /** What the role's trust policy asks for, so that nobody else's Sonde can be talked into using the role. */
  readonly externalId: string | null
  /** The first one's STS endpoint is asked. */
  readonly regions: readonly string[]
}

/** Temporary credentials in the SDK's form. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export type CredentialsProvider = () => Promise<Credentials>

/** Anew when less than this is left: longer than the SDK's own five minutes, so that clients never see stale ones. */
const REFRESH_BEFORE_MS = 6 * 60_000
const SESSION_SECONDS = 3600

/** AWS gave no credentials for a role. */
export class AssumeRoleError extends Error {
  override readonly name = 'AssumeRoleError'
}

/**
 * Credentials of a role in another account, kept and asked for anew before they expire; whoever asks meanwhile shares the one
 * request. A failure is not kept: the next one who asks tries again.
 *
 * The external id guards against the confused deputy:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 * A session by role chaining lasts an hour at most: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function assumedRole(access: AccountAccess, now = Date.now): CredentialsProvider {
  let held: Credentials | null = null
  let asking: Promise<Credentials> | null = null
  return () => {
    if (held !== null && held.expiration.getTime() - now() > REFRESH_BEFORE_MS) return Promise.resolve(held)
    asking ??= assume(access)
      .then((fresh) => {
        held = fresh
        return fresh
      })
      .finally(() => {
        asking = null
      })
    return asking
  }
}

/** Credentials by account, for those that are reached by a role; undefined for others, whose credentials are Sonde's own. */
export type Roles = (account: string | null) => CredentialsProvider | undefined

export function assumedRoles(accounts: readonly AccountAccess[]): Roles {
  const providers = new Map(accounts.map((access) => [access.account, assumedRole(access)]))
  return (account) => (account === null ? undefined : providers.get(account))
}

async function assume({ account, roleArn, externalId, regions }: AccountAccess): Promise<Credentials> {
  const [region] = regions
  const sts = new STSClient(region === undefined ? {} : { region })
  try {
    const answer = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: 'sonde',
        DurationSeconds: SESSION_SECONDS,
        ...(externalId === null ? {} : { ExternalId: externalId }),
      }),
    )
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {}
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
      throw new AssumeRoleError(`STS gave no credentials for ${roleArn}`)
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    }
  } catch (cause) {
    if (cause instanceof AssumeRoleError) throw cause
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new AssumeRoleError(`account ${account}: the role ${roleArn} could not be assumed: ${why}`, {
      cause,
    })
  } finally {
    sts.destroy()
  }
}
