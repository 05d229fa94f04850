import { deriveAclEntries } from './acls.js'
import { deriveDns, deriveEndpointZones } from './endpoints.js'
import { deriveExclusions, deriveInternetGateway, deriveTransitRoutes, deriveTransitZones } from './gateways.js'
import { deriveGroupRules } from './groups.js'
import { deriveAttach, deriveFreeSubnets, deriveMoveToPrivate, derivePermissions, deriveRetry } from './lambda.js'
import { deriveRoutes } from './routes.js'
import type { Derive } from './situation.js'

/** What may lift each kind of blocker. A code that is not here has no fix that the configuration could bring. */
const BY_CODE: Readonly<Record<string, Derive>> = {
  ENI_SG_RULES_MISMATCH: deriveGroupRules,
  SG_HAS_NO_RULES: deriveGroupRules,
  SUBNET_ACL_RESTRICTION: deriveAclEntries,
  NO_ROUTE_TO_DESTINATION: deriveRoutes,
  BAD_STATE_ROUTE: deriveRoutes,
  BAD_STATE: deriveRoutes,
  CANNOT_ROUTE: deriveRoutes,
  NGW_REQUIRES_SOURCE_IN_VPC: deriveRoutes,
  IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS: deriveMoveToPrivate,
  IGW_NOT_ATTACHED: deriveInternetGateway,
  VPC_BLOCK_PUBLIC_ACCESS_ENABLED: deriveExclusions,
  TGW_ATTACH_VPC_AZ_RESTRICTION: deriveTransitZones,
  TGW_ROUTE_AZ_RESTRICTION: deriveTransitZones,
  TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT: deriveTransitRoutes,
  TGW_RTB_CANNOT_ROUTE: deriveTransitRoutes,
  TGW_RTB_BAD_STATE_ROUTE: deriveTransitRoutes,
  VPCE_SERVICE_NOT_INSTALLED_IN_AZ: deriveEndpointZones,
  VPC_DNS_SUPPORT_DISABLED: deriveDns,
  FUNCTION_NOT_IN_VPC: deriveAttach,
  FUNCTION_ROLE_LACKS_ENI_PERMISSIONS: derivePermissions,
  SUBNET_OUT_OF_ADDRESSES: deriveFreeSubnets,
  FUNCTION_FAILED: deriveRetry,
}

export function deriveFor(code: string): Derive | null {
  return Object.hasOwn(BY_CODE, code) ? (BY_CODE[code] ?? null) : null
}
