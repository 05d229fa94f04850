import { setting } from './deciding-rule.js'
import type { HostedZone } from './entities.js'
import type { Model } from './model.js'
import type { Blocker, Missing, Note, Verdict } from './path.js'
import { plainName } from './read/dns.js'
import * as say from './text/names.js'

/** What a name leads to, as far as hosted zones tell. */
export type ZoneAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'blocked'; readonly code: string; readonly component: string; readonly zone: string }
  | { readonly kind: 'missing'; readonly missing: Missing }
  | { readonly kind: 'elsewhere' }

/**
 * Looks a name up in Route 53 as a VPC sees it: the most specific private zone associated with the VPC answers, and if
 * it has no such record the name does not exist there, whatever a public zone says.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
 */
export function askZones(model: Model, vpcId: string | null, host: string): ZoneAnswer {
  const covering = model.hostedZones.filter((z) => host === z.name || host.endsWith(`.${z.name}`))
  const unknown = covering.find((z) => z.private && z.vpcIds === null)
  const mine = covering.filter((z) => z.private && vpcId !== null && z.vpcIds?.includes(vpcId) === true)
  const [first] = mine
  if (
    unknown !== undefined &&
    vpcId !== null &&
    (first === undefined || unknown.name.length > first.name.length)
  ) {
    const call = 'get-hosted-zone'
    return {
      kind: 'missing',
      missing: { call, component: unknown.id, text: say.zoneUnknown(unknown.name, call) },
    }
  }
  if (first !== undefined) {
    const answer = inZone(first, host)
    return answer ?? { kind: 'blocked', code: 'DNS_NAME_NOT_FOUND', component: first.id, zone: first.name }
  }
  for (const zone of covering.filter((z) => !z.private)) {
    const answer = inZone(zone, host)
    if (answer !== null && answer.kind !== 'missing') return answer
  }
  const foreign = covering.find((z) => z.private)
  if (
    foreign !== undefined &&
    inZone(foreign, host)?.kind !== undefined &&
    !covering.some((z) => !z.private)
  ) {
    return { kind: 'blocked', code: 'PRIVATE_ZONE_NOT_ASSOCIATED', component: foreign.id, zone: foreign.name }
  }
  return { kind: 'elsewhere' }
}

function inZone(zone: HostedZone, host: string): ZoneAnswer | null {
  if (zone.records === null) {
    const call = 'list-resource-record-sets'
    return { kind: 'missing', missing: { call, component: zone.id, text: say.zoneUnknown(zone.name, call) } }
  }
  const labels = host.split('.')
  const names = [host, ...labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`)]
  for (const name of names) {
    const records = zone.records.get(name)
    if (records === undefined) continue
    const pointer = records.find((r) => r.type === 'CNAME' || r.type === 'ALIAS')?.values[0]
    if (pointer !== undefined) return { kind: 'name', name: plainName(pointer) }
    const addresses = ['A', 'AAAA'].flatMap((type) =>
      records.filter((r) => r.type === type).flatMap((r) => r.values),
    )
    if (addresses.length > 0) return { kind: 'addresses', addresses }
  }
  return null
}

export interface ResolverFindings {
  readonly blockers: readonly Blocker[]
  readonly notes: readonly Note[]
  readonly missing: readonly Missing[]
}

/**
 * Whether names resolve in a VPC at all: the VPC's own resolver needs enableDnsSupport; DHCP options may name others,
 * one of which must be reachable (`reaches` traces to one, udp/53).
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html
 */
export function judgeResolver(
  model: Model,
  vpcId: string,
  reaches: (server: string) => Verdict,
): ResolverFindings {
  const vpc = model.vpcs.get(vpcId)
  const attributes = model.vpcAttributes.get(vpcId)
  const options = vpc?.dhcpOptionsId ?? null
  const servers = options === null ? [] : (model.nameServers.get(options) ?? [])
  const own = servers.length === 0 || servers.some((s) => isAmazons(s, vpc?.cidrs[0]?.text ?? ''))
  const notes: Note[] = []
  if (vpc === undefined || (options !== null && options !== 'default' && !model.nameServers.has(options))) {
    const call = vpc === undefined ? 'describe-vpcs' : 'describe-dhcp-options'
    const component = options ?? vpcId
    const text = say.dhcpOptionsUnknown(vpcId, call)
    if (model.refused.some((m) => m.call === call))
      return { blockers: [], notes, missing: [{ call, component, text }] }
    notes.push({ code: 'DHCP_OPTIONS_UNKNOWN', component, text })
  }
  if (own) {
    if (attributes?.dnsSupport === false) {
      const rule = setting(vpcId, 'enableDnsSupport false')
      const text = say.dnsSupportOff(vpcId)
      const blocker: Blocker = {
        code: 'DNS_SUPPORT_DISABLED',
        component: vpcId,
        direction: 'forward',
        rule,
        text,
      }
      return { blockers: [blocker], notes, missing: [] }
    }
    if (attributes?.dnsSupport == null) {
      const text = say.dnsAttributesUnknown(vpcId)
      const call = 'describe-vpc-attribute'
      if (model.refused.some((m) => m.call === call)) {
        return { blockers: [], notes, missing: [{ call, component: vpcId, text }] }
      }
      notes.push({ code: 'DNS_ATTRIBUTES_UNKNOWN', component: vpcId, text })
    }
    return { blockers: [], notes, missing: [] }
  }
  const list = servers.join(', ')
  const verdicts = servers.map(reaches)
  if (!verdicts.includes('reachable') && verdicts.includes('unknown')) {
    const component = options ?? vpcId
    const text = say.dnsServersUnknown(component, list)
    return { blockers: [], notes, missing: [{ call: null, component, text }] }
  }
  if (!verdicts.includes('reachable')) {
    const rule = setting(options, `domain-name-servers ${list}`)
    const text = say.dnsServersDead(options ?? vpcId, list)
    const component = options ?? vpcId
    return {
      blockers: [{ code: 'DNS_SERVER_UNREACHABLE', component, direction: 'forward', rule, text }],
      notes,
      missing: [],
    }
  }
  notes.push({
    code: 'DNS_CUSTOM_SERVERS',
    component: options,
    text: say.dnsServersCustom(options ?? vpcId, list),
  })
  return { blockers: [], notes, missing: [] }
}

function isAmazons(server: string, cidr: string): boolean {
  if (server === 'AmazonProvidedDNS' || server === '169.254.169.253' || server === 'fd00:ec2::253')
    return true
  const [base = ''] = cidr.split('/')
  const octets = base.split('.')
  return octets.length === 4 && server === [...octets.slice(0, 3), String(Number(octets[3]) + 2)].join('.')
}
