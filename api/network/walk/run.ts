import { state } from '../deciding-rule.js'
import * as say from '../text/routes.js'
import { routingLoop } from '../text/rules.js'
import { arrive } from './arrive.js'
import { onInternet } from './internet.js'
import { byTable, leaveSubnet } from './route.js'
import { acrossTransit } from './transit.js'
import { block, type End, type Step, type Walk } from './walk.js'

/** More turns than any real path has: past this it goes in circles. */
const MOST_STEPS = 40

/** Follows a packet until its way ends. */
export function run(w: Walk, first: Step): End {
  let step = first
  for (;;) {
    if (++w.steps > MOST_STEPS && 'packet' in step) {
      const last = w.hops.at(-1)?.component ?? '?'
      block(w, 'vpc-router', last, step.packet, 'ROUTING_LOOP', state(last, routingLoop), say.loop(last))
      return { at: 'stopped', packet: step.packet }
    }
    switch (step.at) {
      case 'subnet':
        step = leaveSubnet(w, step.subnet, step.packet, step.origin)
        break
      case 'table': {
        const table = w.model.routeTables.get(step.tableId)
        if (table === undefined) return { at: 'unknown', packet: step.packet }
        step = byTable(w, table, null, step.vpcId, step.packet, step.origin)
        break
      }
      case 'vpc':
        step = arrive(w, step.vpcId, step.packet, step.from)
        break
      case 'outside':
        step = onInternet(w, step.packet)
        break
      case 'transit':
        step = acrossTransit(w, step.gatewayId, step.attachment, step.packet)
        break
      default:
        return step
    }
  }
}
