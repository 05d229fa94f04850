import type { Check } from '../../probe/plan.schema.js'
import type { SampleNetwork } from './network.js'

/** One probe of the sample: where it pretends to stand, whose network it shares, and what it tries. */
export interface SampleProbe {
  readonly name: string
  readonly subnet: string
  readonly securityGroups: readonly string[]
  readonly workloads: readonly string[]
  readonly checks: readonly Check[]
}

const LEDGER_NAME = 'ledger-db'

/**
 * Six functions in four postures: two healthy, one degraded (one of its two subnets fails), two failing, one that meets a
 * certificate it doesn't trust. Subnets and groups are made up; every packet goes to loopback.
 */
export function sampleProbes(network: SampleNetwork): readonly SampleProbe[] {
  const host = network.address
  const orders: Check = { kind: 'postgres', name: 'orders-db', host, port: network.postgres, tls: 'off' }
  const payments: Check = {
    kind: 'http',
    name: 'payments-api',
    url: `https://${host}:${network.https}/health`,
    status: '2xx',
    caFile: 'sample-ca.pem',
  }
  const egress: Check = { ...payments, name: 'egress-ip', egressIp: [host] }
  const ledger: Check = { kind: 'tcp', name: LEDGER_NAME, host, port: network.closed }
  const silent: Check = {
    kind: 'tls',
    name: 'image-store',
    host,
    port: network.silent,
  }
  const store: Check = { ...silent, port: network.https, caFile: 'sample-ca.pem' }
  const partner: Check = {
    kind: 'tls',
    name: 'partner-feed',
    host,
    port: network.https,
  }
  const both = (
    name: string,
    zones: readonly Check[][],
    groups: string[],
    workloads: string[],
  ): SampleProbe[] =>
    zones.map((checks, index) => {
      const zone = index === 0 ? 'a' : 'b'
      return {
        name: `sonde-probe-${name}-${zone}`,
        subnet: `subnet-sample-${zone}`,
        securityGroups: groups,
        workloads,
        checks,
      }
    })
  return [
    ...both(
      'orders',
      [
        [orders, payments, egress],
        [orders, payments, egress],
      ],
      ['sg-sample-orders'],
      ['orders-api', 'orders-worker'],
    ),
    ...both(
      'ledger',
      [
        [orders, ledger],
        [orders, ledger],
      ],
      ['sg-sample-ledger'],
      ['invoice-worker', 'ledger-export'],
    ),
    ...both(
      'images',
      [
        [store, payments],
        [silent, payments],
      ],
      ['sg-sample-images'],
      ['image-resizer'],
    ),
    ...both('partners', [[partner, payments]], ['sg-sample-partners'], ['partner-sync']),
  ]
}
