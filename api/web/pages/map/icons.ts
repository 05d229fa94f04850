import type { ChipKind } from './vpc-layout.js'

/** Line drawings of 16 px; what each means stands beside it. */
export const CHIP_ICONS: Readonly<Record<ChipKind, string>> = {
  standpoint: 'M3.5 13 7.5 4.500 6.500 2.500H4.500M8.300 6.500 11.500 13H13',
  internet: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12',
  'aws-service': 'M4.500 12.500a3 3 0 0 1 0-6 4 4 0 0 1 7.500 1 2.500 2.500 0 0 1 0 5Z',
  target: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  database: 'M3 4c0-2 10-2 10 0v8c0 2-10 2-10 0ZM3 4c0 2 10 2 10 0M3 8c0 2 10 2 10 0',
  'db-proxy': 'M2.500 4.500h5v7h-5ZM7.500 8h3M10.500 5c0-1 3.500-1 3.500 0v6c0 1-3.500 1-3.500 0Z',
  'nat-gateway': 'M2.500 2.500h11v11h-11ZM5 10V6l4 4V6M11 5.500v5',
  'internet-gateway': 'M2.500 13.500v-6a5.500 5.500 0 0 1 11 0v6M6 13.500V9h4v4.500M8 2V0',
  'egress-only-internet-gateway':
    'M2.500 13.500v-6a5.500 5.500 0 0 1 11 0v6M8 12.500v-6M5.500 9 8 6.500 10.500 9',
  'virtual-private-gateway': 'M4 7.500h8v6H4ZM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500',
  'vpc-endpoint':
    'M2.500 8h4M9.500 8h4M8 6.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3M8 2.500v2M8 11.500v2',
  'vpc-peering-connection':
    'M5 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M11 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M7.500 8h1',
  'transit-gateway': 'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4M8 6V2.500M8 10v3.500M6 8H2.500M10 8h3.500',
  'load-balancer': 'M2.500 8h4M6.500 8l5-4.500h2M6.500 8h7M6.500 8l5 4.500h2',
}
