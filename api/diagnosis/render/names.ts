import type { Change } from '../diagnosis.js'

type Peer = Extract<Change, { kind: 'authorize-security-group' }>['peer']

/** The ids that changes of the same fix create: a rendered text names them by reference, not by id. */
export function createdIds(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => ('as' in change ? [change.as] : [])))
}

const words = (id: string) => id.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')

/** `nat-new-1` → `NAT_NEW_1`, a shell variable. */
export function variable(id: string): string {
  return words(id).join('_').toUpperCase()
}

/** `nat-new-1` → `NatNew1`, a CloudFormation logical id (letters and digits only). */
export function logicalId(...parts: readonly string[]): string {
  return parts
    .flatMap(words)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** `nat-new-1` → `nat_new_1`, a Terraform name: letters, digits, underscores, no digit first. */
export function terraformName(...parts: readonly string[]): string {
  const name = parts.flatMap(words).join('_').toLowerCase()
  return /^[a-z]/.test(name) ? name : `r_${name}`
}

/** A short stable name for a peer of a rule. */
export function peerName(peer: Peer): string {
  if ('groupId' in peer) return peer.groupId
  return 'cidr' in peer ? peer.cidr : peer.prefixListId
}

/** ICMP and `-1` have no ports. */
export function portsOf(change: {
  fromPort: number | null
  toPort: number | null
}): readonly [number, number] | null {
  return change.fromPort === null ? null : [change.fromPort, change.toPort ?? change.fromPort]
}

/** The managed rule that AWS itself offers for a function in a VPC. */
export const LAMBDA_VPC_POLICY = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
