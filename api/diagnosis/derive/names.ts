import type { Change } from '../diagnosis.js'
import { all, PLACES, records, text } from '../raw.js'
import { byId, type Derive, freshId, type Option, regionOf } from './situation.js'

const AMAZON = 'AmazonProvidedDNS'

function serversOf(options: Parameters<typeof records>[0], key: string): readonly string[] {
  const found = records(options, 'DhcpConfigurations').find((one) => one['Key'] === key)
  return records(found, 'Values').map((one) => text(one, 'Value'))
}

/**
 * Name servers that don't answer give way to Amazon's: by options that the account has already, else by new ones, since DHCP
 * options can't be changed (https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html).
 */
export const deriveNameServers: Derive = (_blockers, situation) => {
  const { vpcId } = situation.standpoint
  if (vpcId === null) return []
  const current = text(byId(situation.snapshot, PLACES.vpc, vpcId), 'DhcpOptionsId')
  const give = (dhcpOptionsId: string): Change => ({ kind: 'associate-dhcp-options', vpcId, dhcpOptionsId })
  const there = all(situation.snapshot, PLACES.dhcpOptions)
    .filter((options) => serversOf(options, 'domain-name-servers').includes(AMAZON))
    .map((options) => text(options, 'DhcpOptionsId'))
    .find((id) => id !== current)
  if (there !== undefined) return [[give(there)]]
  const as = freshId(situation, 'dopt')
  const options = byId(situation.snapshot, PLACES.dhcpOptions, current)
  const domainName = serversOf(options, 'domain-name')[0] ?? null
  return [[{ kind: 'create-dhcp-options', vpcId, nameServers: [AMAZON], domainName, as }, give(as)]]
}

/**
 * A private hosted zone answers in the VPCs that it is associated with
 * (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html).
 */
export const deriveZone: Derive = (blockers, situation) => {
  const { vpcId } = situation.standpoint
  if (vpcId === null) return []
  return [...new Set(blockers.map(({ component }) => component))].map(
    (hostedZoneId): Option => [
      { kind: 'associate-hosted-zone', hostedZoneId, vpcId, region: regionOf(situation.snapshot) },
    ],
  )
}
