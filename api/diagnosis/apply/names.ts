import type { Change } from '../diagnosis.js'
import { PLACES, records, text } from '../raw.js'
import type { Draft } from './draft.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

export function createDhcpOptions(draft: Draft, change: Of<'create-dhcp-options'>): void {
  const vpc = draft.get(PLACES.vpc, change.vpcId)
  const { domainName, nameServers } = change
  draft.add(
    PLACES.dhcpOptions,
    change.as,
    {
      DhcpOptionsId: change.as,
      DhcpConfigurations: [
        ...(domainName === null ? [] : [{ Key: 'domain-name', Values: [{ Value: domainName }] }]),
        { Key: 'domain-name-servers', Values: nameServers.map((Value) => ({ Value })) },
      ],
      OwnerId: text(vpc, 'OwnerId'),
      Tags: [],
    },
    { place: PLACES.vpc, id: change.vpcId },
  )
}

export function associateDhcpOptions(draft: Draft, change: Of<'associate-dhcp-options'>): void {
  draft.get(PLACES.dhcpOptions, change.dhcpOptionsId)
  const vpc = draft.get(PLACES.vpc, change.vpcId)
  draft.put(PLACES.vpc, change.vpcId, { ...vpc, DhcpOptionsId: change.dhcpOptionsId })
}

export function associateHostedZone(draft: Draft, change: Of<'associate-hosted-zone'>): void {
  draft.get(PLACES.vpc, change.vpcId)
  const zone = draft.get(PLACES.hostedZone, change.hostedZoneId)
  const kept = records(zone, 'VPCs').filter((one) => text(one, 'VPCId') !== change.vpcId)
  draft.put(PLACES.hostedZone, change.hostedZoneId, {
    ...zone,
    VPCs: [...kept, { VPCRegion: change.region, VPCId: change.vpcId }],
  })
}
