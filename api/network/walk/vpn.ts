import { state } from '../deciding-rule.js'
import type { Packet } from '../rules/packet.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import { answered, block, pass, type Step, unsure, type Walk } from './walk.js'

/**
 * A virtual private gateway: attached to the VPC, with a VPN of which at least one tunnel is up. What lies behind it is
 * somebody's own network: nothing here can tell whether it answers.
 * https://docs.aws.amazon.com/vpn/latest/s2svpn/how_it_works.html
 */
export function throughVpnGateway(w: Walk, id: string, vpcId: string, packet: Packet): Step {
  const gateway = w.model.vpnGateways.get(id)
  if (gateway === undefined) {
    const call = 'describe-vpn-gateways'
    if (answered(w.model, call)) {
      block(
        w,
        'virtual-private-gateway',
        id,
        packet,
        'BAD_STATE',
        state(id, 'does not exist'),
        say.notAttached(id, vpcId),
      )
      return { at: 'stopped', packet }
    }
    unsure(w, 'virtual-private-gateway', id, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: id,
      text: sayRoute.notInSnapshot(id, call),
    })
    return { at: 'unknown', packet }
  }
  const condition = gateway.attachments.get(vpcId)
  if (condition !== 'attached' && condition !== 'attaching') {
    const rule = state(id, `attachment to ${vpcId}: ${condition ?? 'none'}`)
    block(w, 'virtual-private-gateway', id, packet, 'BAD_STATE_ATTACHMENT', rule, say.notAttached(id, vpcId))
    return { at: 'stopped', packet }
  }
  const connections = [...w.model.vpnConnections.values()].filter(
    (c) => c.gatewayId === id && c.state !== 'deleted',
  )
  const told = connections.filter((c) => c.tunnels.length > 0)
  if (
    told.length > 0 &&
    told.length === connections.length &&
    told.every((c) => c.tunnels.every((t) => t === 'DOWN'))
  ) {
    const [first] = told
    const name = first?.id ?? id
    block(
      w,
      'virtual-private-gateway',
      id,
      packet,
      'BAD_STATE_VPN',
      state(name, 'all tunnels DOWN'),
      say.vpnDown(name),
    )
    return { at: 'stopped', packet }
  }
  pass(w, 'virtual-private-gateway', id, packet, null, say.vgwPass(id))
  unsure(w, 'virtual-private-gateway', id, packet, 'UNKNOWN_DESTINATION', {
    call: null,
    component: id,
    text: say.beyond(id),
  })
  return { at: 'unknown', packet }
}
