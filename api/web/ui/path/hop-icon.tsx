import type { HopKind } from '../../../network/path.js'

const SHIELD = 'M10 2.5 16 4.500v5c0 4-2.7 6.6-6 8-3.3-1.4-6-4-6-8v-5Z'
const GATE = 'M4 4.500h12M4 10h12M4 15.500h12M7 2.500v4M13 8v4M9 13.500v4'
const FORK = 'M10 17.500v-6M10 11.5 4.5 6M10 11.5 15.5 6M4.5 9.500V6h3.500M12 6h3.500v3.5'
const GLOBE =
  'M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M2.5 10h15M10 2.500c2.5 2.3 3 4.8 3 7.500s-.5 5.2-3 7.500c-2.5-2.3-3-4.8-3-7.500s.5-5.2 3-7.5'
const DOOR = 'M4 17.500v-12l6-3 6 3v12M2.5 17.500h15M10 14.500v-6M7.5 11 10 8.500l2.5 2.5'
const HUB = 'M10 7.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M10 7.500v-5M10 12.500v5M7.5 10h-5M12.5 10h5'
const BOX = 'M3.5 5h13v10h-13ZM6 18h8M10 15v3'
const DATABASE = 'M4 5c0-3.3 12-3.3 12 0s-12 3.3-12 0v10c0 3.3 12 3.3 12 0V5M4 10c0 3.3 12 3.3 12 0'

const PATHS: Readonly<Record<HopKind, string>> = {
  lambda: 'M5 3.500h3.500L14.5 17H17M9.7 8 5 17',
  'network-interface': 'M3.5 4.500h13v9h-13ZM7 13.500v3M13 13.500v3M7 8h6',
  'security-group': SHIELD,
  'network-acl': GATE,
  subnet: BOX,
  'route-table': FORK,
  'vpc-router': FORK,
  'nat-gateway': 'M3 6.500h11M11 3.500l3 3-3 3M17 13.500H6M9 10.500l-3 3 3 3',
  'internet-gateway': DOOR,
  'egress-only-internet-gateway': DOOR,
  'vpc-endpoint': 'M7 2.500v4M13 2.500v4M5 6.500h10v4a5 5 0 0 1-10 0ZM10 15.500v3',
  'vpc-peering-connection': 'M7 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8M13 6a4 4 0 1 1 0 8 4 4 0 0 1 0-8M8 10h4',
  'transit-gateway-attachment': HUB,
  'transit-gateway-route-table': HUB,
  'virtual-private-gateway': 'M4.5 9h11v8.500h-11ZM7 9V6a3 3 0 0 1 6 0v3',
  'vpc-block-public-access': 'M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M4.7 4.700l10.6 10.6',
  'dns-resolver': 'M8.5 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M12.5 12.5 17.5 17.500M6 8.500h5',
  'load-balancer': 'M10 3v5M10 8H4.500v4M10 8h5.500v4M10 8v4M3 12h3v4H3ZM8.5 12h3v4h-3ZM14 12h3v4h-3Z',
  listener: 'M4 7.500v5h3.500l4.500 4v-13l-4.500 4ZM14.500 7.500a3.5 3.5 0 0 1 0 5',
  'target-group': 'M3.500 3.500h5v5h-5ZM11.500 3.500h5v5h-5ZM3.500 11.500h5v5h-5ZM11.500 11.500h5v5h-5Z',
  'db-proxy': DATABASE,
  instance: 'M5 5h10v10H5ZM8 2.500V5M12 2.500V5M8 15v2.500M12 15v2.500M2.5 8H5M2.5 12H5M15 8h2.500M15 12h2.5',
  internet: GLOBE,
  'aws-service': 'M6 16a4 4 0 0 1-.5-8 5 5 0 0 1 9.5 1 3.5 3.5 0 0 1-.5 7Z',
  target: DATABASE,
  unsupported: BOX,
}

/** A line drawing of 20 px for a component; its name stands beside it. */
export function HopIcon({ kind }: { readonly kind: HopKind }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d={PATHS[kind]} />
    </svg>
  )
}
