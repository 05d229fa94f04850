import { contains, type Prefix, parseAddress } from '../address.js'
import { setting } from '../deciding-rule.js'
import type { Vpc } from '../entities.js'
import { type Packet, TCP, UDP } from '../rules/packet.js'
import * as sayName from '../text/names.js'
import * as say from '../text/routes.js'
import { block, type Node, pass, type Walk } from './walk.js'

const parsed = (...texts: readonly string[]): readonly Prefix[] =>
  texts.map((text) => parseAddress(text)).filter((p) => p !== null)

const RESOLVER = parsed('169.254.169.253', 'fd00:ec2::253')
const TIME = parsed('169.254.169.123', 'fd00:ec2::123')
const METADATA = parsed('169.254.169.254', 'fd00:ec2::254')

/**
 * What AWS itself answers on every interface, past groups, network ACLs and route tables: the Amazon DNS server (the
 * VPC's own range plus two, too), the Time Sync Service, an instance's metadata. True if the packet ends there; the
 * hops are recorded.
 * https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */
export function answersItself(w: Walk, source: Node, packet: Packet): boolean {
  const vpc = w.model.vpcs.get(source.vpcId)
  const to = (addresses: readonly Prefix[]) => addresses.some((a) => contains(a, packet.destination))
  const { protocol } = packet
  const port = (wanted: number) =>
    packet.destinationPorts.every(([lo, hi]) => lo === wanted && hi === wanted) &&
    packet.destinationPorts.length > 0
  const name = packet.destination.text
  if ((to(RESOLVER) || isPlusTwo(vpc, packet)) && (protocol === UDP || protocol === TCP) && port(53)) {
    if (vpc !== undefined && w.model.vpcAttributes.get(vpc.id)?.dnsSupport === false) {
      const rule = setting(vpc.id, 'enableDnsSupport false')
      block(w, 'dns-resolver', vpc.id, packet, 'DNS_SUPPORT_DISABLED', rule, sayName.dnsSupportOff(vpc.id))
    } else pass(w, 'dns-resolver', name, packet, null, say.delivered(name))
    return true
  }
  const served =
    (to(TIME) && protocol === UDP && port(123)) ||
    (to(METADATA) && protocol === TCP && port(80) && source.kind === 'instance')
  if (served) pass(w, 'aws-service', name, packet, null, say.delivered(name))
  return served
}

/** The base of the VPC's first range plus two. */
function isPlusTwo(vpc: Vpc | undefined, packet: Packet): boolean {
  const [first] = vpc?.cidrs ?? []
  if (first === undefined || first.family !== 4 || packet.destination.family !== 4) return false
  return packet.destination.lo === packet.destination.hi && packet.destination.lo === Number(first.lo) + 2
}
