import type { Vpc } from './account.js'
import { canonical } from './addresses.js'
import { number, type Raw, records, text } from './documents.js'
import { aclTraffic, addressMatch, protocolOf } from './filters.js'
import { type Layout, namespace, portOf, routerOf, SUBNET_MARKS, subnetMark } from './layout.js'
import { footholdPort, footholds } from './transit.js'

/**
 * A VPC's network ACLs, in its router: stateless, lowest number first, judged where a packet leaves one subnet and where
 * it enters another (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html). A packet carries its subnet as a mark.
 *
 * For transit gateways (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html): on the way in to the gateway the
 * sender's outbound rules and the attachment subnet's inbound rules hold, in one and the same subnet too; on the way back out
 * the attachment subnet's outbound and the receiver's inbound rules, and none where both are one subnet.
 */
export function addAcls(layout: Layout, vpc: Vpc): void {
  const { account } = layout
  const router = namespace(layout, routerOf(layout, vpc.id), true)
  const subnets = account.subnets.filter((subnet) => subnet.vpcId === vpc.id)
  const acls = account.acls.filter((acl) =>
    subnets.some((subnet) => subnet.aclId === text(acl, 'NetworkAclId')),
  )
  const chain = (subnetId: string, way: 'in' | 'out') => {
    const aclId = subnets.find((subnet) => subnet.id === subnetId)?.aclId
    const index = acls.findIndex((acl) => text(acl, 'NetworkAclId') === aclId)
    return index < 0 ? null : `acl${index}_${way}`
  }
  const enis = account.enis.filter((eni) => eni.vpcId === vpc.id)
  const own = footholds(layout).filter((one) => one.subnet.vpcId === vpc.id)
  const marks = [
    ...enis.map((eni) => `"${portOf(layout, eni)}" : ${subnetMark(layout, eni.subnetId)}`),
    ...own.map((one) => `"${footholdPort(one)}" : ${subnetMark(layout, one.subnet.id)}`),
  ]
  if (marks.length === 0) return
  const leaving = subnets.flatMap((subnet) => {
    const to = chain(subnet.id, 'out')
    return to === null ? [] : [`${subnetMark(layout, subnet.id)} : jump ${to}`]
  })
  const entering = [
    ...enis.map((eni) => ({ port: portOf(layout, eni), to: chain(eni.subnetId, 'in') })),
    ...own.map((one) => ({ port: footholdPort(one), to: chain(one.subnet.id, 'in') })),
  ].flatMap(({ port, to }) => (to === null ? [] : [`"${port}" : jump ${to}`]))
  const within = subnets.flatMap((subnet) => {
    const ports = enis.filter((eni) => eni.subnetId === subnet.id).map((eni) => `"${portOf(layout, eni)}"`)
    return ports.length === 0
      ? []
      : [
          `    meta mark and ${SUBNET_MARKS} == ${subnetMark(layout, subnet.id)} oifname { ${ports.join(', ')} } accept`,
        ]
  })
  router.nft.push(
    'table inet acl {',
    ...acls.flatMap((acl, index) => [
      ...aclChain(acl, `acl${index}_out`, true),
      ...aclChain(acl, `acl${index}_in`, false),
    ]),
    '  chain stamp {',
    '    type filter hook prerouting priority -200; policy accept;',
    `    meta mark set iifname map { ${marks.join(', ')} }`,
    '  }',
    '  chain cross {',
    '    type filter hook forward priority 0; policy accept;',
    // Not across the edge yet: the packet comes back by lp1, still marked.
    '    oifname "lp0" accept',
    ...within,
    ...(leaving.length === 0 ? [] : [`    meta mark and ${SUBNET_MARKS} vmap { ${leaving.join(', ')} }`]),
    ...(entering.length === 0 ? [] : [`    oifname vmap { ${entering.join(', ')} }`]),
    '  }',
    '}',
  )
}

function aclChain(acl: Raw, name: string, egress: boolean): readonly string[] {
  const entries = records(acl, 'Entries')
    .filter((entry) => (entry['Egress'] === true) === egress)
    .sort((a, b) => (number(a, 'RuleNumber') ?? 0) - (number(b, 'RuleNumber') ?? 0))
  const rules = entries.map((entry) => {
    const cidr = text(entry, 'CidrBlock') || text(entry, 'Ipv6CidrBlock')
    const traffic = aclTraffic(entry, protocolOf(text(entry, 'Protocol')))
    const verdict = text(entry, 'RuleAction') === 'allow' ? 'return' : 'drop'
    return `    ${addressMatch(egress ? 'daddr' : 'saddr', canonical(cidr))} ${traffic} ${verdict}`
  })
  return [`  chain ${name} {`, ...rules, '    drop', '  }']
}
