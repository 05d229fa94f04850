import type { Prefix } from '../address.js'
import { absence, aclRule, groupRule } from '../deciding-rule.js'
import type { Model } from '../model.js'
import type { Text } from '../path.js'
import { compileAcl, judgeAcl } from '../rules/network-acl.js'
import { hasPorts, type Packet } from '../rules/packet.js'
import { portCount, portsText, type Ranges } from '../rules/ports.js'
import { compileGroups, type GroupMissing, judgeGroups, type Peer } from '../rules/security-group.js'
import * as say from '../text/filters.js'
import { noGroupRule, protocolName } from '../text/rules.js'
import { block, type Node, pass, unsure, type Walk } from './walk.js'

/** `tcp/5432`, `udp/1024-65535`, `icmp`. */
export function what(packet: Packet, ports: Ranges | null = packet.destinationPorts): Text {
  const name = protocolName(packet.protocol)
  if (!hasPorts(packet.protocol) || ports === null) return name
  const range = portsText(ports)
  return { en: `${name.en}/${range}`, ko: `${name.ko}/${range}` }
}

/** How much of the ports that a packet may have is among those that are turned away: 1 for all of them. */
function shareOf(denied: Ranges | null, ports: Ranges | null): number {
  return denied === null || ports === null ? 1 : portCount(denied) / portCount(ports)
}

/** Judges the packet at one subnet's edge and records the hop. */
export function crossEdge(w: Walk, subnetId: string, egress: boolean, packet: Packet): void {
  const acl = w.model.aclOfSubnet.get(subnetId)
  if (acl === undefined) {
    unsure(w, 'network-acl', subnetId, packet, 'UNKNOWN_RESOURCE', {
      call: 'describe-network-acls',
      component: subnetId,
      text: say.aclMissing(subnetId),
    })
    return
  }
  let compiled = w.model.memo.acls.get(acl.id)
  if (compiled === undefined) {
    compiled = compileAcl(acl)
    w.model.memo.acls.set(acl.id, compiled)
  }
  const remote: Prefix = egress ? packet.destination : packet.source
  const label = (egress ? packet.destinationLabel : packet.sourceLabel) ?? remote.text
  const verdict = judgeAcl(egress ? compiled.egress : compiled.ingress, packet, remote)
  const back = w.direction === 'return'
  switch (verdict.verdict) {
    case 'pass':
      pass(
        w,
        'network-acl',
        acl.id,
        packet,
        aclRule(w.model.memo, acl.id, verdict.entry, egress),
        say.aclPass(acl.id, subnetId, egress),
      )
      return
    case 'block': {
      const rule = aclRule(w.model.memo, acl.id, verdict.entry, egress)
      const denied = what(packet, verdict.denied ?? packet.destinationPorts)
      const text = say.aclBlock(acl.id, subnetId, egress, denied, label, rule.text, back)
      const share = back ? shareOf(verdict.denied, packet.destinationPorts) : 1
      block(w, 'network-acl', acl.id, packet, 'SUBNET_ACL_RESTRICTION', rule, text, share)
      return
    }
    case 'unknown':
      unsure(
        w,
        'network-acl',
        acl.id,
        packet,
        'ADDRESS_NOT_KNOWN',
        {
          call: 'describe-network-interfaces',
          component: remote.text,
          text: say.addressNeeded(acl.id, remote.text),
        },
        aclRule(w.model.memo, acl.id, verdict.entry, egress),
      )
  }
}

function compiledGroups(model: Model, ids: readonly string[]) {
  const key = ids.length === 1 ? (ids[0] ?? '') : [...ids].sort().join(' ')
  let compiled = model.memo.groups.get(key)
  if (compiled === undefined) {
    compiled = compileGroups(ids, model.securityGroups)
    model.memo.groups.set(key, compiled)
  }
  return compiled
}

/** Judges the packet by the groups of one interface and records the hop. */
export function throughGroups(w: Walk, node: Node, egress: boolean, packet: Packet, peer: Peer): void {
  if (node.ungrouped) return
  if (node.groupIds === null) {
    unsure(w, 'security-group', node.component, packet, 'UNKNOWN_RESOURCE', {
      call: 'describe-network-interfaces',
      component: node.component,
      text: say.groupsNotKnown(node.component),
    })
    return
  }
  const compiled = compiledGroups(w.model, node.groupIds)
  const direction = egress ? compiled.egress : compiled.ingress
  const verdict = judgeGroups(direction, compiled.absent, packet, peer, w.model.prefixLists)
  const list = node.groupIds.join(', ')
  const component = node.groupIds[0] ?? node.component
  const label = (egress ? packet.destinationLabel : packet.sourceLabel) ?? peer.address.text
  switch (verdict.verdict) {
    case 'pass': {
      const rule = groupRule(w.model.memo, verdict.groupId, verdict.rule, egress)
      pass(w, 'security-group', verdict.groupId, packet, rule, say.groupPass(verdict.groupId, egress))
      return
    }
    case 'block': {
      const asked = what(packet, verdict.denied ?? packet.destinationPorts)
      const peerGroups = peer.referable === 'yes' && peer.groupIds !== null ? peer.groupIds : []
      if (verdict.unusedReference !== null) {
        const rule = groupRule(w.model.memo, component, verdict.unusedReference, egress)
        const code = w.via.transit.length > 0 ? 'SG_REFERENCING_SUPPORT' : 'SG_REFERENCES_NOT_PRESERVED'
        block(
          w,
          'security-group',
          component,
          packet,
          code,
          rule,
          say.referenceUnused(component, rule.text, w.via),
        )
        return
      }
      const rule = absence(component, noGroupRule(asked, egress, peerGroups[0] ?? label))
      const code = verdict.noRules ? 'SG_HAS_NO_RULES' : 'ENI_SG_RULES_MISMATCH'
      block(
        w,
        'security-group',
        component,
        packet,
        code,
        rule,
        say.groupBlock(list, egress, asked, label, peerGroups),
      )
      return
    }
    case 'unknown': {
      const { code, missing } = unknownGroups(verdict.missing, node)
      unsure(w, 'security-group', component, packet, code, missing)
    }
  }
}

function unknownGroups(missing: GroupMissing, node: Node) {
  switch (missing.kind) {
    case 'group':
      return {
        code: 'UNKNOWN_RESOURCE',
        missing: {
          call: 'describe-security-groups',
          component: missing.id,
          text: say.groupMissing(missing.id),
        },
      }
    case 'prefix-list':
      return {
        code: 'UNKNOWN_RESOURCE',
        missing: {
          call: 'get-managed-prefix-list-entries',
          component: missing.id,
          text: say.listMissing(missing.id),
        },
      }
    case 'address':
      return {
        code: 'ADDRESS_NOT_KNOWN',
        missing: {
          call: 'describe-network-interfaces',
          component: node.component,
          text: say.addressNeeded(missing.groupId, node.component),
        },
      }
    case 'reference':
      return {
        code: 'UNKNOWN_PEERED_SGS',
        missing: {
          call: 'describe-network-interfaces',
          component: missing.groupId,
          text: say.referenceUnknown(missing.groupId),
        },
      }
  }
}
