/** What Sonde knows about an AWS CLI command whose answer may stand in a snapshot. */
interface KnownCall {
  readonly call: string
  /**
   * How many of the file name's parts after the command name what was asked for: 0 for a list,
   * 1 for an id, 2 for an id and an attribute (`describe-vpc-attribute.vpc-1.enableDnsSupport.json`).
   */
  readonly keyParts: 0 | 1 | 2
}

const LISTS = [
  'describe-account-attributes',
  'describe-addresses',
  'describe-availability-zones',
  'describe-cache-clusters',
  'describe-cache-subnet-groups',
  'describe-carrier-gateways',
  'describe-customer-gateways',
  'describe-db-cluster-endpoints',
  'describe-db-clusters',
  'describe-db-instances',
  'describe-db-proxies',
  'describe-db-proxy-endpoints',
  'describe-db-subnet-groups',
  'describe-dhcp-options',
  'describe-egress-only-internet-gateways',
  'describe-instances',
  'describe-internet-gateways',
  'describe-load-balancers',
  'describe-managed-prefix-lists',
  'describe-nat-gateways',
  'describe-network-acls',
  'describe-network-interfaces',
  'describe-prefix-lists',
  'describe-regions',
  'describe-replication-groups',
  'describe-route-tables',
  'describe-security-group-rules',
  'describe-security-group-vpc-associations',
  'describe-security-groups',
  'describe-serverless-caches',
  'describe-subnets',
  'describe-target-groups',
  'describe-transit-gateway-attachments',
  'describe-transit-gateway-connects',
  'describe-transit-gateway-peering-attachments',
  'describe-transit-gateway-route-tables',
  'describe-transit-gateway-vpc-attachments',
  'describe-transit-gateways',
  'describe-vpc-block-public-access-exclusions',
  'describe-vpc-block-public-access-options',
  'describe-vpc-endpoint-connections',
  'describe-vpc-endpoint-service-configurations',
  'describe-vpc-endpoint-services',
  'describe-vpc-endpoints',
  'describe-vpc-peering-connections',
  'describe-vpcs',
  'describe-vpn-connections',
  'describe-vpn-gateways',
  'get-caller-identity',
  'list-domain-names',
  'list-firewalls',
  'list-functions',
  'list-hosted-zones',
  'list-policies',
  'list-roles',
] as const

const BY_ID = [
  'describe-db-proxy-targets',
  'describe-domain',
  'describe-firewall',
  'describe-listeners',
  'describe-load-balancer-attributes',
  'describe-rules',
  'describe-target-group-attributes',
  'describe-target-health',
  'get-function',
  'get-function-configuration',
  'get-hosted-zone',
  'get-managed-prefix-list-entries',
  'get-policy',
  'get-resources',
  'get-role',
  'get-security-groups-for-vpc',
  'get-transit-gateway-prefix-list-references',
  'get-transit-gateway-route-table-associations',
  'get-transit-gateway-route-table-propagations',
  'list-attached-role-policies',
  'list-hosted-zones-by-vpc',
  'list-resource-record-sets',
  'list-role-policies',
  'search-transit-gateway-routes',
  'simulate-principal-policy',
] as const

const BY_ID_AND_NAME = [
  'describe-instance-attribute',
  'describe-network-interface-attribute',
  'describe-vpc-attribute',
  'get-policy-version',
  'get-role-policy',
] as const

/** Every command that Sonde reads or that commonly stands beside those, by name. */
export const KNOWN_CALLS: ReadonlyMap<string, KnownCall> = new Map(
  [
    ...LISTS.map((call): KnownCall => ({ call, keyParts: 0 })),
    ...BY_ID.map((call): KnownCall => ({ call, keyParts: 1 })),
    ...BY_ID_AND_NAME.map((call): KnownCall => ({ call, keyParts: 2 })),
  ].map((known) => [known.call, known] as const),
)
