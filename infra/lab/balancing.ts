import type { Eni, Vpc } from './account.js'
import { isV6 } from './addresses.js'
import {
  type BalancerTarget,
  forwarderNumber,
  type LabBalancer,
  type LabListener,
  listenersAt,
} from './balancers.js'
import { addGroups } from './groups.js'
import { type Layout, namespace, namespaceOf, portOf, routerOf, SUBNET_MARKS } from './layout.js'

/**
 * An interface of a load balancer. A Network Load Balancer passes connections on, so that they stand only where a target takes them:
 * the kernel turns the addresses round, after the groups have judged them on the way in and before they do on the way out. An
 * Application Load Balancer's are taken by a server. Without a listener nothing answers.
 */
export function addBalancer(layout: Layout, vpc: Vpc, eni: Eni, balancer: LabBalancer): void {
  const passes = balancer.type === 'network'
  const space = namespace(layout, namespaceOf(eni))
  if (!passes || balancer.groups.length > 0) addGroups(layout, vpc, eni)
  const listeners = listenersAt(layout.account, balancer, eni)
  const open = passes ? [] : listeners.map(({ port }) => String(port))
  space.nft.push(
    'table inet listeners {',
    '  chain closed {',
    '    type filter hook input priority 10; policy accept;',
    `    iifname "eth0" ct state new tcp dport ${open.length === 0 ? '0-65535' : `!= { ${open.join(', ')} }`} drop`,
    '    iifname "eth0" ct state new meta l4proto udp drop',
    '  }',
    '}',
  )
  if (passes) passOn(layout, vpc, eni, balancer, listeners)
}

/** What a Network Load Balancer takes goes on to a target, under its own address or its client's, and comes back by it. */
function passOn(
  layout: Layout,
  vpc: Vpc,
  eni: Eni,
  balancer: LabBalancer,
  listeners: readonly LabListener[],
): void {
  const own = eni.addresses.find((address) => !isV6(address)) ?? ''
  const turned = listeners.flatMap((listener) =>
    protocolsOf(listener).map((protocol) => ({ ...listener, protocol })),
  )
  const used = turned.filter(({ targets }) => targets.length > 0)
  if (used.length === 0) return
  const kept = used.filter((one) => one.preserves)
  const number = forwarderNumber(layout.account, balancer)
  const asked = ({ protocol, port }: (typeof used)[number]) =>
    `oifname "eth0" meta l4proto ${protocol} ct status dnat ct direction original ct original proto-dst ${port}`
  namespace(layout, namespaceOf(eni)).nft.push(
    'table ip balancer {',
    '  chain take { type nat hook prerouting priority -100; policy accept;',
    ...used.map(
      ({ protocol, port, targets }) =>
        `    iifname "eth0" ${protocol} dport ${port} dnat ${towards(targets)}`,
    ),
    '  }',
    '  chain send { type nat hook postrouting priority 100; policy accept;',
    ...used.filter((one) => !one.preserves).map((one) => `    ${asked(one)} snat to ${own}`),
    '  }',
    // A target can't be its own client
    // (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html#loopback-timeout).
    '  chain hairpin { type filter hook forward priority 0; policy accept;',
    ...[...new Set(kept.flatMap(({ targets }) => targets.map(({ address }) => address)))].map(
      (address) => `    ip saddr ${address} ip daddr ${address} drop`,
    ),
    '  }',
    '  chain sign { type filter hook postrouting priority 150; policy accept;',
    ...kept.map((one) => `    ${asked(one)} ip dscp set ${number}`),
    '  }',
    '}',
  )
  if (kept.length > 0) leadBack(layout, vpc, eni, own)
  const away = kept
    .flatMap(({ targets }) => targets)
    .some(({ address }) =>
      layout.account.enis.every((one) => one.vpcId !== vpc.id || !one.addresses.includes(address)),
    )
  if (away)
    layout.unsupported.set(
      eni.id,
      `${balancer.name} keeps its clients' addresses towards targets outside of its VPC`,
    )
}

/** What a listener takes (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html). */
function protocolsOf({ protocol }: LabListener): readonly ('tcp' | 'udp')[] {
  if (protocol === 'TCP_UDP') return ['tcp', 'udp']
  return protocol === 'UDP' ? ['udp'] : ['tcp']
}

function towards([first, ...more]: readonly BalancerTarget[]): string {
  if (first === undefined) return ''
  if (more.length === 0) return `ip to ${first.address}:${first.port}`
  const spread = [first, ...more].map(({ address, port }, index) => `${index} : ${address} . ${port}`)
  return `ip addr . port to numgen inc mod ${spread.length} map { ${spread.join(', ')} }`
}

const FIRST_TABLE = 3000

/**
 * What comes out of a load balancer under its client's address: the reply goes back to the load balancer, whatever the
 * target's route table says of that address
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation).
 * The router knows such a connection by its mark.
 */
function leadBack(layout: Layout, vpc: Vpc, eni: Eni, own: string): void {
  const { account } = layout
  const router = namespace(layout, routerOf(layout, vpc.id), true)
  const port = portOf(layout, eni)
  const index = 1 + account.enis.indexOf(eni)
  const mark = index * (SUBNET_MARKS + 1)
  const table = FIRST_TABLE + index
  router.ip4.push(
    `rule add pref 90 fwmark ${mark}/${0xff * (SUBNET_MARKS + 1)} lookup ${table}`,
    `route add default dev ${port} table ${table}`,
  )
  router.nft.push(
    `table ip back-${port} {`,
    '  chain known { type filter hook prerouting priority -150; policy accept;',
    `    iifname "${port}" ip saddr != ${own} ct state new ct mark set ${index}`,
    `    ct direction reply ct mark ${index} meta mark set meta mark or ${mark}`,
    '  }',
    '}',
  )
}
