import { buildModel, type Model } from '../../../api/network/model.js'
import type { MissingCall, Snapshot, SnapshotDocument } from '../../../api/network/snapshot.js'

type Json = Record<string, unknown>

/** Peer of a security group rule: a CIDR (v4 or v6), a group id, or a prefix list id. */
export interface Permission {
  readonly protocol: string
  readonly from?: number
  readonly to?: number
  readonly peer: string
}

export interface Entry {
  readonly number: number
  readonly action?: 'allow' | 'deny'
  readonly protocol?: string
  readonly cidr?: string
  readonly from?: number
  readonly to?: number
  readonly icmp?: readonly [type: number, code: number]
}

export const anyPeer: Permission = { protocol: '-1', peer: '0.0.0.0/0' }
export const tcp = (port: number, peer: string, to = port): Permission => ({
  protocol: 'tcp',
  from: port,
  to,
  peer,
})
export const udp = (port: number, peer: string, to = port): Permission => ({
  protocol: 'udp',
  from: port,
  to,
  peer,
})

/** Every list call that a world answers, and the key of its array; so an empty world answers "none", not nothing. */
const LISTS: readonly (readonly [call: string, key: string])[] = [
  ['describe-vpcs', 'Vpcs'],
  ['describe-subnets', 'Subnets'],
  ['describe-route-tables', 'RouteTables'],
  ['describe-internet-gateways', 'InternetGateways'],
  ['describe-egress-only-internet-gateways', 'EgressOnlyInternetGateways'],
  ['describe-nat-gateways', 'NatGateways'],
  ['describe-security-groups', 'SecurityGroups'],
  ['describe-network-acls', 'NetworkAcls'],
  ['describe-network-interfaces', 'NetworkInterfaces'],
  ['describe-instances', 'Reservations'],
  ['describe-addresses', 'Addresses'],
  ['describe-vpc-endpoints', 'VpcEndpoints'],
  ['describe-prefix-lists', 'PrefixLists'],
  ['describe-managed-prefix-lists', 'PrefixLists'],
  ['describe-dhcp-options', 'DhcpOptions'],
  ['describe-vpc-peering-connections', 'VpcPeeringConnections'],
  ['describe-transit-gateways', 'TransitGateways'],
  ['describe-transit-gateway-attachments', 'TransitGatewayAttachments'],
  ['describe-transit-gateway-vpc-attachments', 'TransitGatewayVpcAttachments'],
  ['describe-transit-gateway-peering-attachments', 'TransitGatewayPeeringAttachments'],
  ['describe-transit-gateway-route-tables', 'TransitGatewayRouteTables'],
  ['describe-vpn-gateways', 'VpnGateways'],
  ['describe-vpn-connections', 'VpnConnections'],
  ['describe-vpc-block-public-access-exclusions', 'VpcBlockPublicAccessExclusions'],
  ['describe-load-balancers', 'LoadBalancers'],
  ['describe-target-groups', 'TargetGroups'],
  ['describe-vpc-endpoint-service-configurations', 'ServiceConfigurations'],
  ['describe-db-instances', 'DBInstances'],
  ['describe-db-clusters', 'DBClusters'],
  ['describe-db-proxies', 'DBProxies'],
  ['list-functions', 'Functions'],
  ['list-hosted-zones', 'HostedZones'],
]

const REGION = 'ap-northeast-2'
const OWNER = '111122223333'

/**
 * A small AWS account, built thing by thing; `snapshot()` gives what the AWS CLI would print of it. Ids are the
 * caller's own, so that tests read like drawings. Nothing is implied but what AWS itself implies: a VPC's local route,
 * its main route table and default ACL, a group's allow-all egress unless told otherwise.
 */
export function world() {
  const lists = new Map<string, Json[]>(LISTS.map(([call]) => [call, []]))
  const single = new Map<string, SnapshotDocument>()
  const missing: MissingCall[] = []
  const add = (call: string, item: Json): Json => {
    lists.get(call)?.push(item)
    return item
  }
  const put = (call: string, key: string, body: unknown): void => {
    const file = key === '' ? `${call}.json` : `${call}.${key}.json`
    single.set(`${call} ${key}`, { file, scope: '', call, key, body })
  }
  const all = (call: string): Json[] => lists.get(call) ?? []
  const find = (call: string, key: string, id: string): Json => {
    const item = all(call).find((i) => i[key] === id)
    if (item === undefined) throw new Error(`the world has no ${id}`)
    return item
  }
  const append = (item: Json, key: string, value: unknown): void => {
    const list = item[key]
    if (Array.isArray(list)) list.push(value)
    else item[key] = [value]
  }
  const isV6 = (text: string) => text.includes(':')

  const w = {
    add,
    put,
    find,
    vpc(
      id: string,
      cidr: string,
      more: { cidrs?: readonly string[]; dns?: boolean; hostnames?: boolean; dhcp?: string } = {},
    ) {
      const cidrs = [cidr, ...(more.cidrs ?? [])]
      const state = { State: 'associated' }
      add('describe-vpcs', {
        VpcId: id,
        OwnerId: OWNER,
        CidrBlock: cidr,
        State: 'available',
        DhcpOptionsId: more.dhcp ?? 'dopt-1',
        CidrBlockAssociationSet: cidrs
          .filter((c) => !isV6(c))
          .map((c) => ({ CidrBlock: c, CidrBlockState: state })),
        Ipv6CidrBlockAssociationSet: cidrs
          .filter(isV6)
          .map((c) => ({ Ipv6CidrBlock: c, Ipv6CidrBlockState: state })),
      })
      put('describe-vpc-attribute', `${id}.enableDnsSupport`, {
        VpcId: id,
        EnableDnsSupport: { Value: more.dns ?? true },
      })
      put('describe-vpc-attribute', `${id}.enableDnsHostnames`, {
        VpcId: id,
        EnableDnsHostnames: { Value: more.hostnames ?? true },
      })
      const local = cidrs.map((c) => ({
        ...(isV6(c) ? { DestinationIpv6CidrBlock: c } : { DestinationCidrBlock: c }),
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      }))
      add('describe-route-tables', {
        RouteTableId: `rtb-main-${id}`,
        VpcId: id,
        Associations: [
          { Main: true, RouteTableId: `rtb-main-${id}`, AssociationState: { State: 'associated' } },
        ],
        Routes: local,
      })
      w.acl(`acl-main-${id}`, id, [], {
        ingress: [{ number: 100 }, { number: 101, cidr: '::/0' }],
        egress: [{ number: 100 }, { number: 101, cidr: '::/0' }],
      })
    },
    subnet(
      id: string,
      vpcId: string,
      cidr: string,
      more: { zone?: string; v6?: string; free?: number } = {},
    ) {
      const zone = `${REGION}${more.zone ?? 'a'}`
      add('describe-subnets', {
        SubnetId: id,
        VpcId: vpcId,
        CidrBlock: cidr,
        OwnerId: OWNER,
        State: 'available',
        AvailabilityZone: zone,
        AvailabilityZoneId: `apne2-az${'abcd'.indexOf(more.zone ?? 'a') + 1}`,
        AvailableIpAddressCount: more.free ?? 200,
        Ipv6CidrBlockAssociationSet:
          more.v6 === undefined
            ? []
            : [{ Ipv6CidrBlock: more.v6, Ipv6CidrBlockState: { State: 'associated' } }],
      })
      append(find('describe-network-acls', 'NetworkAclId', `acl-main-${vpcId}`), 'Associations', {
        NetworkAclId: `acl-main-${vpcId}`,
        SubnetId: id,
      })
    },
    /** A route table of its own for subnets; routes as `destination → target`. */
    table(
      id: string,
      vpcId: string,
      subnets: readonly string[],
      routes: Readonly<Record<string, string>> = {},
    ) {
      const main = find('describe-route-tables', 'RouteTableId', `rtb-main-${vpcId}`)
      const local = (main['Routes'] as Json[]).filter((r) => r['GatewayId'] === 'local')
      add('describe-route-tables', {
        RouteTableId: id,
        VpcId: vpcId,
        Associations: subnets.map((s) => ({
          Main: false,
          RouteTableId: id,
          ...(s.startsWith('subnet-') ? { SubnetId: s } : { GatewayId: s }),
          AssociationState: { State: 'associated' },
        })),
        Routes: [...local],
      })
      for (const [destination, target] of Object.entries(routes)) w.route(id, destination, target)
    },
    route(
      tableId: string,
      destination: string,
      target: string,
      more: { state?: string; propagated?: boolean } = {},
    ) {
      const where = destination.startsWith('pl-')
        ? { DestinationPrefixListId: destination }
        : isV6(destination)
          ? { DestinationIpv6CidrBlock: destination }
          : { DestinationCidrBlock: destination }
      const keys: readonly (readonly [string, string])[] = [
        ['nat-', 'NatGatewayId'],
        ['tgw-', 'TransitGatewayId'],
        ['pcx-', 'VpcPeeringConnectionId'],
        ['eigw-', 'EgressOnlyInternetGatewayId'],
        ['eni-', 'NetworkInterfaceId'],
        ['i-', 'InstanceId'],
        ['lgw-', 'LocalGatewayId'],
      ]
      const key = keys.find(([start]) => target.startsWith(start))?.[1] ?? 'GatewayId'
      append(find('describe-route-tables', 'RouteTableId', tableId), 'Routes', {
        ...where,
        [key]: target,
        State: more.state ?? 'active',
        Origin: more.propagated === true ? 'EnableVgwRoutePropagation' : 'CreateRoute',
      })
    },
    acl(
      id: string,
      vpcId: string,
      subnets: readonly string[],
      rules: { ingress: readonly Entry[]; egress: readonly Entry[] },
    ) {
      const entry = (e: Entry, egress: boolean): Json => {
        const cidr = e.cidr ?? '0.0.0.0/0'
        return {
          Egress: egress,
          RuleNumber: e.number,
          RuleAction: e.action ?? 'allow',
          Protocol: e.protocol ?? '-1',
          ...(isV6(cidr) ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
          ...(e.from === undefined ? {} : { PortRange: { From: e.from, To: e.to ?? e.from } }),
          ...(e.icmp === undefined ? {} : { IcmpTypeCode: { Type: e.icmp[0], Code: e.icmp[1] } }),
        }
      }
      const last = (egress: boolean): Json[] => [
        entry({ number: 32767, action: 'deny' }, egress),
        entry({ number: 32768, action: 'deny', cidr: '::/0' }, egress),
      ]
      for (const acl of all('describe-network-acls')) {
        const kept = acl['Associations'] as Json[]
        acl['Associations'] = kept.filter((a) => !subnets.includes(String(a['SubnetId'])))
      }
      add('describe-network-acls', {
        NetworkAclId: id,
        VpcId: vpcId,
        Associations: subnets.map((s) => ({ NetworkAclId: id, SubnetId: s })),
        Entries: [
          ...rules.ingress.map((e) => entry(e, false)),
          ...last(false),
          ...rules.egress.map((e) => entry(e, true)),
          ...last(true),
        ],
      })
    },
    group(
      id: string,
      vpcId: string,
      rules: { ingress?: readonly Permission[]; egress?: readonly Permission[] } = {},
    ) {
      add('describe-security-groups', {
        GroupId: id,
        GroupName: id,
        VpcId: vpcId,
        OwnerId: OWNER,
        IpPermissions: (rules.ingress ?? []).map(permission),
        IpPermissionsEgress: (rules.egress ?? [anyPeer, { protocol: '-1', peer: '::/0' }]).map(permission),
      })
    },
    eni(
      id: string,
      subnetId: string,
      address: string,
      groups: readonly string[],
      more: {
        publicIp?: string
        v6?: string
        check?: boolean
        type?: string
        description?: string
        status?: string
        requester?: string
      } = {},
    ) {
      const subnet = find('describe-subnets', 'SubnetId', subnetId)
      const association =
        more.publicIp === undefined ? {} : { Association: { PublicIp: more.publicIp, IpOwnerId: OWNER } }
      add('describe-network-interfaces', {
        NetworkInterfaceId: id,
        SubnetId: subnetId,
        VpcId: subnet['VpcId'],
        InterfaceType: more.type ?? 'interface',
        Description: more.description ?? '',
        Status: more.status ?? 'in-use',
        SourceDestCheck: more.check ?? true,
        Groups: groups.map((g) => ({ GroupId: g, GroupName: g })),
        PrivateIpAddress: address,
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address, ...association }],
        Ipv6Addresses: more.v6 === undefined ? [] : [{ Ipv6Address: more.v6 }],
        ...(more.requester === undefined ? {} : { RequesterId: more.requester }),
        ...association,
      })
    },
    /** An instance with one interface, `eni-NAME` for `i-NAME`. */
    instance(
      id: string,
      subnetId: string,
      address: string,
      groups: readonly string[],
      more: { publicIp?: string; v6?: string; state?: string; check?: boolean } = {},
    ) {
      const eniId = `eni-${id.slice(2)}`
      w.eni(eniId, subnetId, address, groups, more)
      const eni = find('describe-network-interfaces', 'NetworkInterfaceId', eniId)
      eni['Attachment'] = { InstanceId: id, DeviceIndex: 0, Status: 'attached' }
      const { Attachment: _, ...interfaceOfInstance } = eni
      add('describe-instances', {
        Instances: [
          {
            InstanceId: id,
            State: { Name: more.state ?? 'running' },
            SubnetId: subnetId,
            VpcId: eni['VpcId'],
            PrivateIpAddress: address,
            NetworkInterfaces: [{ ...interfaceOfInstance, Attachment: { DeviceIndex: 0 } }],
          },
        ],
      })
    },
    lambda(name: string, subnets: readonly string[], groups: readonly string[], more: Json = {}) {
      const vpcId =
        subnets.length === 0 ? '' : find('describe-subnets', 'SubnetId', subnets[0] ?? '')['VpcId']
      add('list-functions', {
        FunctionName: name,
        FunctionArn: `arn:aws:lambda:${REGION}:${OWNER}:function:${name}`,
        Runtime: 'nodejs22.x',
        Role: `arn:aws:iam::${OWNER}:role/${name}-role`,
        ...(subnets.length === 0
          ? {}
          : { VpcConfig: { SubnetIds: subnets, SecurityGroupIds: groups, VpcId: vpcId } }),
        ...more,
      })
    },
    igw(id: string, vpcId: string) {
      add('describe-internet-gateways', {
        InternetGatewayId: id,
        Attachments: [{ VpcId: vpcId, State: 'available' }],
      })
    },
    eigw(id: string, vpcId: string) {
      add('describe-egress-only-internet-gateways', {
        EgressOnlyInternetGatewayId: id,
        Attachments: [{ VpcId: vpcId, State: 'attached' }],
      })
    },
    nat(id: string, subnetId: string, privateIp: string, publicIp: string | null, more: Json = {}) {
      const vpcId = find('describe-subnets', 'SubnetId', subnetId)['VpcId']
      add('describe-nat-gateways', {
        NatGatewayId: id,
        SubnetId: subnetId,
        VpcId: vpcId,
        State: 'available',
        ConnectivityType: publicIp === null ? 'private' : 'public',
        NatGatewayAddresses: [
          {
            PrivateIp: privateIp,
            NetworkInterfaceId: `eni-${id}`,
            ...(publicIp === null ? {} : { PublicIp: publicIp, AllocationId: `eipalloc-${id}` }),
          },
        ],
        ...more,
      })
      w.eni(`eni-${id}`, subnetId, privateIp, [], {
        type: 'nat_gateway',
        description: `Interface for NAT Gateway ${id}`,
        check: false,
        ...(publicIp === null ? {} : { publicIp }),
      })
    },
    peering(
      id: string,
      requester: string,
      accepter: string,
      more: { status?: string; region?: string; dns?: boolean } = {},
    ) {
      const side = (vpcId: string, region: string): Json => {
        const cidr = find('describe-vpcs', 'VpcId', vpcId)['CidrBlock']
        return {
          VpcId: vpcId,
          OwnerId: OWNER,
          Region: region,
          CidrBlock: cidr,
          CidrBlockSet: [{ CidrBlock: cidr }],
          PeeringOptions: { AllowDnsResolutionFromRemoteVpc: more.dns ?? false },
        }
      }
      add('describe-vpc-peering-connections', {
        VpcPeeringConnectionId: id,
        Status: { Code: more.status ?? 'active', Message: '' },
        RequesterVpcInfo: side(requester, REGION),
        AccepterVpcInfo: side(accepter, more.region ?? REGION),
      })
    },
    tgw(id: string, more: Json = {}) {
      add('describe-transit-gateways', {
        TransitGatewayId: id,
        State: 'available',
        Options: { DnsSupport: 'enable', ...more },
      })
    },
    /** Attaches a VPC by subnets and associates it with a table. */
    attach(
      id: string,
      tgwId: string,
      vpcId: string,
      subnets: readonly string[],
      table: string | null,
      more: Json = {},
    ) {
      add('describe-transit-gateway-vpc-attachments', {
        TransitGatewayAttachmentId: id,
        TransitGatewayId: tgwId,
        VpcId: vpcId,
        VpcOwnerId: OWNER,
        State: 'available',
        SubnetIds: [...subnets],
        Options: { DnsSupport: 'enable', Ipv6Support: 'disable', ApplianceModeSupport: 'disable', ...more },
      })
      add('describe-transit-gateway-attachments', {
        TransitGatewayAttachmentId: id,
        TransitGatewayId: tgwId,
        ResourceType: 'vpc',
        ResourceId: vpcId,
        State: 'available',
        ...(table === null
          ? {}
          : { Association: { TransitGatewayRouteTableId: table, State: 'associated' } }),
      })
    },
    /** A transit gateway route table; routes as `destination → attachment`, `blackhole`, or `attachment propagated`. */
    transitTable(id: string, tgwId: string, routes: Readonly<Record<string, string>>) {
      add('describe-transit-gateway-route-tables', {
        TransitGatewayRouteTableId: id,
        TransitGatewayId: tgwId,
        State: 'available',
      })
      put('search-transit-gateway-routes', id, {
        Routes: Object.entries(routes).map(([destination, target]) => {
          const [attachment = '', kind] = target.split(' ')
          return {
            DestinationCidrBlock: destination,
            Type: kind ?? 'static',
            State: attachment === 'blackhole' ? 'blackhole' : 'active',
            ...(attachment === 'blackhole'
              ? {}
              : {
                  TransitGatewayAttachments: [
                    { TransitGatewayAttachmentId: attachment, ResourceType: 'vpc' },
                  ],
                }),
          }
        }),
        AdditionalRoutesAvailable: false,
      })
    },
    db(id: string, subnets: readonly string[], groups: readonly string[], more: Json = {}) {
      const vpcId = find('describe-subnets', 'SubnetId', subnets[0] ?? '')['VpcId']
      add('describe-db-instances', {
        DBInstanceIdentifier: id,
        DBInstanceArn: `arn:aws:rds:${REGION}:${OWNER}:db:${id}`,
        DBInstanceStatus: 'available',
        Engine: 'postgres',
        Endpoint: { Address: `${id}.abc.${REGION}.rds.amazonaws.com`, Port: 5432 },
        AvailabilityZone: find('describe-subnets', 'SubnetId', subnets[0] ?? '')['AvailabilityZone'],
        PubliclyAccessible: false,
        MultiAZ: false,
        VpcSecurityGroups: groups.map((g) => ({ VpcSecurityGroupId: g, Status: 'active' })),
        DBSubnetGroup: {
          DBSubnetGroupName: `${id}-subnets`,
          VpcId: vpcId,
          Subnets: subnets.map((s) => ({ SubnetIdentifier: s, SubnetStatus: 'Active' })),
        },
        ...more,
      })
    },
    /** A load balancer with an interface in each of its subnets, at the given addresses. */
    balancer(
      name: string,
      type: 'application' | 'network',
      addresses: Readonly<Record<string, string>>,
      more: { groups?: readonly string[]; crossZone?: boolean; json?: Json } = {},
    ): string {
      const kind = type === 'application' ? 'app' : 'net'
      const arn = `arn:aws:elasticloadbalancing:${REGION}:${OWNER}:loadbalancer/${kind}/${name}/0123`
      const subnets = Object.keys(addresses)
      const found = subnets.map((one) => find('describe-subnets', 'SubnetId', one))
      add('describe-load-balancers', {
        LoadBalancerArn: arn,
        LoadBalancerName: name,
        DNSName: `${name}.elb.${REGION}.amazonaws.com`,
        Scheme: 'internal',
        Type: type,
        VpcId: found[0]?.['VpcId'],
        SecurityGroups: more.groups ?? [],
        AvailabilityZones: found.map((one) => ({
          SubnetId: one['SubnetId'],
          ZoneName: one['AvailabilityZone'],
        })),
        State: { Code: 'active' },
        ...more.json,
      })
      for (const [index, subnet] of subnets.entries())
        w.eni(`eni-${name}-${index}`, subnet, addresses[subnet] ?? '', more.groups ?? [], {
          description: `ELB ${kind}/${name}/0123`,
        })
      put('describe-listeners', arn, { Listeners: [] })
      if (type === 'network')
        put('describe-load-balancer-attributes', arn, {
          Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: String(more.crossZone ?? false) }],
        })
      return arn
    },
    /** @param targets id → state, or state and reason: `unhealthy Target.Timeout` */
    targetGroup(
      name: string,
      type: 'instance' | 'ip' | 'lambda' | 'alb',
      protocol: string,
      port: number,
      targets: Readonly<Record<string, string>>,
      attributes: Readonly<Record<string, string>> = {},
    ): string {
      const arn = `arn:aws:elasticloadbalancing:${REGION}:${OWNER}:targetgroup/${name}/4567`
      add('describe-target-groups', {
        TargetGroupArn: arn,
        TargetGroupName: name,
        Protocol: protocol,
        Port: port,
        VpcId: all('describe-vpcs')[0]?.['VpcId'],
        TargetType: type,
      })
      put('describe-target-health', arn, {
        TargetHealthDescriptions: Object.entries(targets).map(([target, health]) => {
          const [id, zone] = target.split('@')
          const [state, reason] = health.split(' ')
          return {
            Target: { Id: id, Port: port, ...(zone === undefined ? {} : { AvailabilityZone: zone }) },
            TargetHealth: { State: state, ...(reason === undefined ? {} : { Reason: reason }) },
          }
        }),
      })
      put('describe-target-group-attributes', arn, {
        Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
      })
      return arn
    },
    listener(balancer: string, protocol: string, port: number, action: string | Json): void {
      const key = `describe-listeners ${balancer}`
      const body = single.get(key)?.body as { Listeners: Json[] }
      body.Listeners.push({
        ListenerArn: `${balancer}/${port}`,
        LoadBalancerArn: balancer,
        Port: port,
        Protocol: protocol,
        DefaultActions: [typeof action === 'string' ? { Type: 'forward', TargetGroupArn: action } : action],
      })
    },
    endpoint(id: string, vpcId: string, service: string, more: Json = {}) {
      add('describe-vpc-endpoints', {
        VpcEndpointId: id,
        VpcId: vpcId,
        ServiceName: `com.amazonaws.${REGION}.${service}`,
        VpcEndpointType: 'Gateway',
        State: 'available',
        RouteTableIds: [],
        SubnetIds: [],
        Groups: [],
        NetworkInterfaceIds: [],
        PrivateDnsEnabled: false,
        ...more,
      })
    },
    /** Takes a call's answer away, as if it had never been asked. */
    forget(call: string) {
      lists.delete(call)
      for (const key of single.keys()) if (key.startsWith(`${call} `)) single.delete(key)
    },
    refuse(call: string, key = '') {
      w.forget(call)
      missing.push({
        scope: '',
        call,
        key,
        code: 'UnauthorizedOperation',
        message: 'You are not authorized.',
      })
    },
    snapshot(): Snapshot {
      const documents: SnapshotDocument[] = []
      for (const [call, key] of LISTS) {
        const items = lists.get(call)
        if (items !== undefined)
          documents.push({ file: `${call}.json`, scope: '', call, key: '', body: { [key]: items } })
      }
      return {
        takenAt: null,
        documents: structuredClone([...documents, ...single.values()]),
        missing: [...missing],
      }
    },
    model(): Model {
      const { model, problems } = buildModel(w.snapshot())
      if (problems.length > 0) throw new Error(`the world is broken: ${JSON.stringify(problems[0])}`)
      return model
    },
  }
  return w
}

export type World = ReturnType<typeof world>

function permission(p: Permission): Json {
  const own = p.peer.startsWith('sg-')
    ? { UserIdGroupPairs: [{ GroupId: p.peer, UserId: OWNER }] }
    : p.peer.startsWith('pl-')
      ? { PrefixListIds: [{ PrefixListId: p.peer }] }
      : p.peer.includes(':')
        ? { Ipv6Ranges: [{ CidrIpv6: p.peer }] }
        : { IpRanges: [{ CidrIp: p.peer }] }
  return {
    IpProtocol: p.protocol,
    ...(p.from === undefined ? {} : { FromPort: p.from, ToPort: p.to ?? p.from }),
    IpRanges: [],
    Ipv6Ranges: [],
    PrefixListIds: [],
    UserIdGroupPairs: [],
    ...own,
  }
}
