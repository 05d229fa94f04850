import type { Journey } from './journey.js'
import type { DecidingRule } from './path.js'
import type { CompiledAcl } from './rules/network-acl.js'
import type { CompiledRoutes } from './rules/routes.js'
import type { CompiledGroups } from './rules/security-group.js'

/** What a model has already compiled. It belongs to one model, so it never has to be emptied. */
export interface Memo {
  readonly groups: Map<string, CompiledGroups>
  readonly acls: Map<string, CompiledAcl>
  readonly routes: Map<string, CompiledRoutes>
  /** What AWS printed → how it is told as the rule that decided. */
  readonly rules: WeakMap<object, DecidingRule>
  /** Ways from a load balancer to its targets, which many paths share. */
  readonly legs: Map<string, Journey>
}

export function createMemo(): Memo {
  return { groups: new Map(), acls: new Map(), routes: new Map(), rules: new WeakMap(), legs: new Map() }
}
