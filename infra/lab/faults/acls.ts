import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import type { Account, Subnet } from '../account.js'
import { type Raw, records, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { markUnhealthy, unhealthyArgs } from './health.js'
import { isOwn, onwardOf, subnetOf, type Terrain, targetEni } from './terrain.js'

const CODE = 'SUBNET_ACL_RESTRICTION'
const EPHEMERAL = { From: 1024, To: 65535 }

/** The ACL that a subnet has to itself once a fault is in it: its own where it shares none, else a new one. */
function ownAcl(account: Account, subnet: Subnet): string {
  const acl = account.acls.find((one) => text(one, 'NetworkAclId') === subnet.aclId)
  const alone = records(acl, 'Associations').length === 1 && acl?.['IsDefault'] !== true
  return alone ? subnet.aclId : newAcl(subnet.id)
}

const newAcl = (subnetId: string) => `acl-f${subnetId.slice('subnet-'.length + 1)}`

function at(
  terrain: Terrain,
  subnet: Subnet | undefined,
  more: Readonly<Record<string, string>> = {},
): readonly Found[] {
  if (subnet === undefined) return []
  const component = ownAcl(terrain.account, subnet)
  const args = { subnet: subnet.id, port: String(terrain.port), ...more }
  return [{ component, args, expected: { code: CODE, component } }]
}

/** ACLs are judged at the subnet's edge only: within one subnet there is nothing to filter. */
function crosses({ starts, ...terrain }: Terrain): boolean {
  const eni = targetEni({ starts, ...terrain })
  return eni === null || starts.every(({ subnet }) => subnet.id !== eni.subnetId)
}

function startSubnet(terrain: Terrain): readonly Found[] {
  return crosses(terrain) ? at(terrain, terrain.starts[0]?.subnet) : []
}

function targetSubnet(terrain: Terrain): readonly Found[] {
  const eni = targetEni(terrain)
  return eni !== null && crosses(terrain) ? at(terrain, subnetOf(terrain.account, eni)) : []
}

/** The subnet of a load balancer's first target, where every packet from the load balancer crosses its edge. */
function balancedSubnet(terrain: Terrain): readonly Found[] {
  const onward = onwardOf(terrain)
  const [first] = onward?.targets ?? []
  const subnet = first === undefined ? undefined : subnetOf(terrain.account, first.eni)
  if (onward === null || first === undefined || subnet === undefined) return []
  if (onward.balancer.enis.some((eni) => eni.subnetId === subnet.id)) return []
  const hit = onward.targets.filter(({ eni }) => eni.subnetId === subnet.id)
  return at(terrain, subnet, { port: String(first.port), ...unhealthyArgs(terrain.account, onward, hit) })
}

/** Gives a subnet the ACL of the site, a copy of what it has, with other entries. */
function withEntries(
  draft: Draft,
  site: FaultSite,
  change: (entries: readonly Raw[]) => readonly Raw[],
): void {
  const subnetId = arg(site, 'subnet')
  const acls = draft.all(PLACES.networkAcl)
  const holder = acls.find((one) =>
    records(one, 'Associations').some((association) => text(association, 'SubnetId') === subnetId),
  )
  const vpcId = text(draft.get(PLACES.subnet, subnetId), 'VpcId')
  const current =
    holder ?? acls.find((one) => text(one, 'VpcId') === vpcId && one['IsDefault'] === true) ?? {}
  if (text(current, 'NetworkAclId') === site.component) {
    draft.put(PLACES.networkAcl, site.component, {
      ...current,
      Entries: change(records(current, 'Entries')),
    })
    return
  }
  if (holder !== undefined) {
    const id = text(holder, 'NetworkAclId')
    const kept = records(holder, 'Associations').filter((one) => text(one, 'SubnetId') !== subnetId)
    draft.put(PLACES.networkAcl, id, { ...holder, Associations: kept })
  }
  const acl = {
    ...current,
    NetworkAclId: site.component,
    IsDefault: false,
    Associations: [
      {
        NetworkAclAssociationId: `aclassoc-f${subnetId.slice('subnet-'.length + 1)}`,
        NetworkAclId: site.component,
        SubnetId: subnetId,
      },
    ],
    Entries: change(records(current, 'Entries')),
  }
  draft.add(PLACES.networkAcl, site.component, acl, { place: PLACES.subnet, id: subnetId })
}

interface Entry {
  readonly egress: boolean
  readonly action: 'allow' | 'deny'
  readonly cidr: string
  readonly ports?: { readonly From: number; readonly To: number }
}

/** Entries with one more, before all others of its side. */
function first(entries: readonly Raw[], { egress, action, cidr, ports }: Entry): readonly Raw[] {
  const numbers = entries.filter((one) => one['Egress'] === egress).map((one) => Number(one['RuleNumber']))
  const lowest = Math.min(100, ...numbers)
  return [
    {
      RuleNumber: Math.max(1, lowest - 40),
      Egress: egress,
      RuleAction: action,
      Protocol: ports === undefined ? '-1' : '6',
      ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
      ...(ports === undefined ? {} : { PortRange: ports }),
    },
    ...entries,
  ]
}

const implicit = (entry: Raw) => Number(entry['RuleNumber']) >= 32_767

/** One side's entries replaced by an allowance; the implicit last ones stay. */
function allowOnly(entries: readonly Raw[], side: Omit<Entry, 'action'>): readonly Raw[] {
  const kept = entries.filter((one) => one['Egress'] !== side.egress || implicit(one))
  return first(kept, { ...side, action: 'allow' })
}

/** Both families: a rule for IPv4 says nothing of IPv6. */
function denied(entries: readonly Raw[], egress: boolean, ports: Entry['ports']): readonly Raw[] {
  const port = ports === undefined ? {} : { ports }
  const six = first(entries, { egress, action: 'deny', cidr: '::/0', ...port })
  return first(six, { egress, action: 'deny', cidr: '0.0.0.0/0', ...port })
}

const portOf = (site: FaultSite) => ({ From: Number(arg(site, 'port')), To: Number(arg(site, 'port')) })

/** Faults of network ACLs. */
export const ACL_FAULTS: readonly FaultKind[] = [
  {
    id: 'acl-replies-denied',
    title: { en: 'Network ACL drops replies', ko: '네트워크 ACL이 응답을 버림' },
    description: {
      en: "The network ACL of the function's subnet admits 443 inbound, but not the ephemeral ports of replies.",
      ko: '함수 서브넷의 네트워크 ACL이 443 인바운드만 허용하고 응답이 쓰는 임시 포트는 허용하지 않습니다.',
    },
    sites: startSubnet,
    inject: (draft, site) =>
      withEntries(draft, site, (entries) =>
        allowOnly(entries, { egress: false, cidr: '0.0.0.0/0', ports: { From: 443, To: 443 } }),
      ),
  },
  {
    id: 'acl-outbound-denied',
    title: { en: 'Network ACL denies outbound', ko: '네트워크 ACL이 아웃바운드를 거부' },
    description: {
      en: "An outbound entry of the network ACL of the function's subnet denies the target's port.",
      ko: '함수 서브넷의 네트워크 ACL에 대상 포트를 거부하는 아웃바운드 항목이 있습니다.',
    },
    sites: startSubnet,
    inject: (draft, site) => withEntries(draft, site, (entries) => denied(entries, true, portOf(site))),
  },
  {
    id: 'acl-denies-all',
    title: { en: 'Network ACL without rules', ko: '규칙이 없는 네트워크 ACL' },
    description: {
      en: "The function's subnet fell back to a network ACL without rules, which denies everything.",
      ko: '함수의 서브넷이 규칙이 하나도 없는 네트워크 ACL을 쓰게 되어 모든 트래픽이 거부됩니다.',
    },
    sites: startSubnet,
    inject: (draft, site) => withEntries(draft, site, (entries) => entries.filter(implicit)),
  },
  {
    id: 'acl-private-only',
    title: { en: 'Network ACL for private ranges only', ko: '프라이빗 주소 범위만 허용하는 네트워크 ACL' },
    description: {
      en: "The network ACL of the function's subnet admits private ranges only; the target has a public address.",
      ko: '함수 서브넷의 네트워크 ACL이 프라이빗 주소 범위만 허용하는데, 대상은 퍼블릭 주소입니다.',
    },
    sites: (terrain) =>
      isOwn(terrain.target) || (terrain.target.kind === 'service' && terrain.target.how === 'interface')
        ? []
        : startSubnet(terrain),
    inject: (draft, site) =>
      withEntries(draft, site, (entries) =>
        allowOnly(allowOnly(entries, { egress: false, cidr: '10.0.0.0/8' }), {
          egress: true,
          cidr: '10.0.0.0/8',
        }),
      ),
  },
  {
    id: 'acl-nat-replies-denied',
    title: {
      en: "Network ACL of the NAT gateway's subnet drops replies",
      ko: 'NAT 서브넷 ACL이 응답을 버림',
    },
    description: {
      en: "The network ACL of the NAT gateway's subnet lets nothing from the internet back in.",
      ko: 'NAT 게이트웨이 서브넷의 네트워크 ACL이 인터넷에서 돌아오는 응답을 막습니다.',
    },
    sites: (terrain) => (terrain.nat === null ? [] : at(terrain, terrain.nat.subnet)),
    inject: (draft, site) =>
      withEntries(draft, site, (entries) => allowOnly(entries, { egress: false, cidr: '10.0.0.0/8' })),
  },
  {
    id: 'acl-nat-outbound-denied',
    title: {
      en: "Network ACL of the NAT gateway's subnet denies outbound",
      ko: 'NAT 서브넷 ACL이 아웃바운드를 거부',
    },
    description: {
      en: "An outbound entry of the network ACL of the NAT gateway's subnet denies the target's port.",
      ko: 'NAT 게이트웨이 서브넷의 네트워크 ACL에 대상 포트를 거부하는 아웃바운드 항목이 있습니다.',
    },
    sites: (terrain) => (terrain.nat === null ? [] : at(terrain, terrain.nat.subnet)),
    inject: (draft, site) => withEntries(draft, site, (entries) => denied(entries, true, portOf(site))),
  },
  {
    id: 'acl-target-denied',
    title: {
      en: "Network ACL of the target's subnet denies inbound",
      ko: '대상 서브넷 ACL이 인바운드를 거부',
    },
    description: {
      en: "An inbound entry of the network ACL of the target's subnet denies the target's port.",
      ko: '대상 서브넷의 네트워크 ACL에 대상 포트를 거부하는 인바운드 항목이 있습니다.',
    },
    sites: targetSubnet,
    inject: (draft, site) => withEntries(draft, site, (entries) => denied(entries, false, portOf(site))),
  },
  {
    id: 'acl-target-replies-denied',
    title: { en: "Network ACL of the target's subnet drops replies", ko: '대상 서브넷 ACL이 응답을 버림' },
    description: {
      en: "The network ACL of the target's subnet lets no reply out to ephemeral ports.",
      ko: '대상 서브넷의 네트워크 ACL이 임시 포트로 나가는 응답을 막습니다.',
    },
    sites: targetSubnet,
    inject: (draft, site) => withEntries(draft, site, (entries) => denied(entries, true, EPHEMERAL)),
  },
  {
    id: 'acl-balanced-denied',
    title: {
      en: "Network ACL of the load balancer's targets denies inbound",
      ko: '로드 밸런서 대상 서브넷 ACL이 인바운드를 거부',
    },
    description: {
      en: "An inbound entry of the network ACL of the subnet behind the load balancer denies the targets' port.",
      ko: '로드 밸런서 뒤 서브넷의 네트워크 ACL에 대상의 포트를 거부하는 인바운드 항목이 있습니다.',
    },
    sites: balancedSubnet,
    inject: (draft, site) => {
      withEntries(draft, site, (entries) => denied(entries, false, portOf(site)))
      markUnhealthy(draft, site)
    },
  },
  {
    id: 'acl-balanced-replies-denied',
    title: {
      en: "Network ACL of the load balancer's targets drops replies",
      ko: '로드 밸런서 대상 서브넷 ACL이 응답을 버림',
    },
    description: {
      en: 'The network ACL of the subnet behind the load balancer lets no reply out to ephemeral ports.',
      ko: '로드 밸런서 뒤 서브넷의 네트워크 ACL이 임시 포트로 나가는 응답을 막습니다.',
    },
    sites: balancedSubnet,
    inject: (draft, site) => {
      withEntries(draft, site, (entries) => denied(entries, true, EPHEMERAL))
      markUnhealthy(draft, site)
    },
  },
]
