import { ACCOUNT, type Draft, type DraftRule } from './draft.js'

export function networkAcl(draft: Draft, acl: Draft['acls'][number]): unknown {
  const implicit = [false, true].flatMap((Egress) => [
    { Egress, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767, CidrBlock: '0.0.0.0/0' },
    { Egress, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32768, Ipv6CidrBlock: '::/0' },
  ])
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpc,
    OwnerId: ACCOUNT,
    IsDefault: acl.isDefault,
    Associations: draft.subnets
      .filter((subnet) => subnet.acl === acl.id)
      .map((subnet) => ({
        NetworkAclAssociationId: `aclassoc-${subnet.id.slice(7)}`,
        NetworkAclId: acl.id,
        SubnetId: subnet.id,
      })),
    Entries: [
      ...acl.entries.map((entry) => ({
        ...(entry.cidr.includes(':') ? { Ipv6CidrBlock: entry.cidr } : { CidrBlock: entry.cidr }),
        Egress: entry.egress,
        ...(entry.ports === null ? {} : { PortRange: { From: entry.ports[0], To: entry.ports[1] } }),
        Protocol: entry.protocol,
        RuleAction: entry.allow ? 'allow' : 'deny',
        RuleNumber: entry.number,
      })),
      ...implicit,
    ],
    Tags: [],
  }
}

function permission(rule: DraftRule): unknown {
  const { peer } = rule
  const cidr = 'cidr' in peer ? peer.cidr : null
  return {
    IpProtocol: rule.protocol,
    ...(rule.ports === null ? {} : { FromPort: rule.ports[0], ToPort: rule.ports[1] }),
    IpRanges: cidr !== null && !cidr.includes(':') ? [{ CidrIp: cidr }] : [],
    Ipv6Ranges: cidr?.includes(':') ? [{ CidrIpv6: cidr }] : [],
    PrefixListIds: 'list' in peer ? [{ PrefixListId: peer.list }] : [],
    UserIdGroupPairs: 'group' in peer ? [{ GroupId: peer.group, UserId: ACCOUNT }] : [],
  }
}

export function securityGroup(group: Draft['groups'][number]): unknown {
  return {
    GroupId: group.id,
    GroupName: group.id,
    Description: group.id,
    VpcId: group.vpc,
    OwnerId: ACCOUNT,
    IpPermissions: group.ingress.map(permission),
    IpPermissionsEgress: group.egress.map(permission),
    Tags: [],
  }
}
