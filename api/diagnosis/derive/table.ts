import { deriveAclEntries } from './acls.js'
import { deriveAnew, derivePolicy } from './endpoint-repairs.js'
import { deriveDns } from './endpoints.js'
import {
  deriveExclusions,
  deriveInternetGateway,
  deriveTransitAssociation,
  deriveTransitRoutes,
  deriveTransitZones,
} from './gateways.js'
import { deriveGroupRules } from './groups.js'
import { deriveAttach, deriveFreeSubnets, deriveMoveToPrivate, derivePermissions } from './lambda.js'
import { deriveNameServers, deriveZone } from './names.js'
import { deriveRoutes } from './routes.js'
import type { Derive } from './situation.js'

/** What may lift each kind of blocker. A code that is not here has no fix that the configuration could bring. */
const BY_CODE: Readonly<Record<string, Derive>> = {
  ENI_SG_RULES_MISMATCH: deriveGroupRules,
  SG_HAS_NO_RULES: deriveGroupRules,
  SG_REFERENCES_NOT_PRESERVED: deriveGroupRules,
  SG_REFERENCING_SUPPORT: deriveGroupRules,
  SUBNET_ACL_RESTRICTION: deriveAclEntries,
  NO_ROUTE_TO_DESTINATION: deriveRoutes,
  BAD_STATE_ROUTE: deriveRoutes,
  BAD_STATE: (blockers, situation) => [
    ...deriveAnew(blockers, situation),
    ...deriveRoutes(blockers, situation),
  ],
  GATEWAY_ENDPOINT_NOT_ASSOCIATED: deriveRoutes,
  ENDPOINT_PRIVATE_DNS_DISABLED: deriveRoutes,
  ENDPOINT_GLOBAL_NAME_NOT_COVERED: deriveRoutes,
  ENDPOINT_NAME_NOT_COVERED: deriveRoutes,
  PEERING_DNS_RESOLUTION_DISABLED: deriveRoutes,
  IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS: deriveMoveToPrivate,
  BAD_STATE_ATTACHMENT: deriveInternetGateway,
  VPC_BLOCK_PUBLIC_ACCESS_ENABLED: deriveExclusions,
  TGW_ATTACH_VPC_AZ_RESTRICTION: deriveTransitZones,
  TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION: deriveTransitAssociation,
  TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT: deriveTransitRoutes,
  TGW_RTB_BAD_STATE_ROUTE: deriveTransitRoutes,
  DNS_SUPPORT_DISABLED: deriveDns,
  DNS_SERVER_UNREACHABLE: deriveNameServers,
  PRIVATE_ZONE_NOT_ASSOCIATED: deriveZone,
  ENDPOINT_POLICY_DENIES: derivePolicy,
  FUNCTION_NOT_IN_VPC: deriveAttach,
  ROLE_LACKS_ENI_PERMISSIONS: derivePermissions,
  SUBNET_OUT_OF_IP_ADDRESSES: deriveFreeSubnets,
}

export function deriveFor(code: string): Derive | null {
  return Object.hasOwn(BY_CODE, code) ? (BY_CODE[code] ?? null) : null
}
