import { absence, state as decided } from './deciding-rule.js'
import { ENI_ACTIONS } from './eni-actions.js'
import type { LambdaFunction, Raw } from './entities.js'
import type { Model } from './model.js'
import type { Blocker, DecidingRule, Missing, Note, Text } from './path.js'
import { policyKey, policyValues, roleName } from './read/permissions.js'
import { hyperplane } from './standpoint.js'
import * as say from './text/names.js'

/** Managed policies that grant all of them. */
const GRANTING = new Set([
  'AWSLambdaVPCAccessExecutionRole',
  'AWSLambdaENIManagementAccess',
  'AdministratorAccess',
  'PowerUserAccess',
  'AmazonEC2FullAccess',
  'AmazonVPCFullAccess',
])

export interface LambdaFindings {
  readonly blockers: readonly Blocker[]
  readonly notes: readonly Note[]
  readonly missing: readonly Missing[]
}

const NONE: LambdaFindings = { blockers: [], notes: [], missing: [] }

/** The ENI actions that a role verifiably lacks; empty where it has all, null where the snapshot doesn't tell. */
export function missingEniActions(model: Model, role: string): readonly string[] | null {
  const known = model.roles.get(roleName(role)) ?? model.roles.get(role)
  if (known === undefined) return null
  const { simulated } = known
  if (simulated !== null) {
    const told = ENI_ACTIONS.filter((a) => simulated.has(a.toLowerCase()))
    return told.length === 0 ? null : told.filter((a) => simulated.get(a.toLowerCase()) === false)
  }
  const attached = known.attached ?? []
  const granted = attached.some((arn) => GRANTING.has(policyKey(arn)))
  const documents: Raw[] = [...known.documents]
  let complete = known.attached !== null && (known.inline === null || known.inline.length <= known.inlineRead)
  for (const arn of attached) {
    const document = model.policies.get(policyKey(arn))
    if (document !== undefined) documents.push(document)
    else if (!arn.includes(':aws:policy/')) complete = false
  }
  // A Deny is decisive whatever else there is; that nothing allows is known only where everything is.
  const denied = ENI_ACTIONS.filter((action) => documents.some((d) => states(d, 'Deny', action)))
  const lacking = granted
    ? denied
    : ENI_ACTIONS.filter((a) => denied.includes(a) || !documents.some((d) => states(d, 'Allow', a)))
  return lacking.length > denied.length && !complete ? (denied.length > 0 ? denied : null) : lacking
}

/**
 * Whether a document allows or denies an action on every resource. A condition narrows both: one on an Allow is taken to hold for
 * Lambda, one on a Deny not to, as in the Deny by `lambda:SourceFunctionArn` that AWS recommends for function code.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
function states(document: Raw, effect: 'Allow' | 'Deny', action: string): boolean {
  return policyValues(document['Statement']).some((s) => {
    if (!isRaw(s) || s['Effect'] !== effect) return false
    if (effect === 'Deny' && (s['Condition'] !== undefined || !policyValues(s['Resource']).includes('*')))
      return false
    const named = (key: string) => policyValues(s[key]).some((p) => typeof p === 'string' && glob(p, action))
    return s['NotAction'] === undefined ? named('Action') : !named('NotAction')
  })
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null

function glob(pattern: string, action: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i').test(action)
}

/**
 * Whether the function has a network interface in a subnet at all: its state, its role's permissions, free addresses.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
export function judgeLambda(model: Model, f: LambdaFunction, subnetId: string | null): LambdaFindings {
  if (f.vpc === null) return NONE
  const blockers: Blocker[] = []
  const notes: Note[] = []
  const add = (code: string, component: string, rule: DecidingRule, text: Text) => {
    const where = subnetId === null ? {} : { subnet: subnetId }
    blockers.push({ code, component, direction: 'forward', rule, text, ...where })
  }
  const subnet = subnetId === null ? undefined : model.subnets.get(subnetId)
  const hasInterface = subnet !== undefined && hyperplane(model, subnet, f.vpc.groupIds) !== null
  const failed = f.state === 'Failed' || f.state === 'Pending' || f.state === 'Deactivated'
  const codes = [
    failed ? f.stateReasonCode : null,
    f.lastUpdateStatus === 'Failed' ? f.lastUpdateReasonCode : null,
  ].filter((c) => c !== null)

  const lacking = f.role === null ? null : missingEniActions(model, f.role)
  const role = f.role === null ? '' : roleName(f.role)
  if (lacking !== null && lacking.length > 0) {
    const list = lacking.join(', ')
    if ((f.state === 'Active' || hasInterface) && !codes.includes('InsufficientRolePermissions')) {
      notes.push({ code: 'ROLE_LACKS_ENI_PERMISSIONS', component: role, text: say.roleLacks(role, list) })
    } else {
      add('ROLE_LACKS_ENI_PERMISSIONS', role, absence(role, list), say.roleLacks(role, list))
    }
  } else if (codes.includes('InsufficientRolePermissions')) {
    const list = ENI_ACTIONS.join(', ')
    const rule = decided(f.name, 'InsufficientRolePermissions')
    add(
      'ROLE_LACKS_ENI_PERMISSIONS',
      role === '' ? f.name : role,
      rule,
      say.roleLacks(role, { en: `some of ${list}`, ko: `${list} 중 일부` }),
    )
  }
  if (codes.includes('EniLimitExceeded')) {
    add('ENI_LIMIT_EXCEEDED', f.name, decided(f.name, 'EniLimitExceeded'), say.eniLimit(f.name))
  }
  addresses(f, subnet, hasInterface, codes, add, notes)
  state(f, failed, codes, blockers.length > 0, add, notes)
  return { blockers, notes, missing: [] }
}

type Add = (code: string, component: string, rule: DecidingRule, text: Text) => void

function addresses(
  f: LambdaFunction,
  subnet: { readonly id: string; readonly freeAddresses: number | null } | undefined,
  hasInterface: boolean,
  codes: readonly string[],
  add: Add,
  notes: Note[],
): void {
  if (subnet === undefined || f.vpc === null) return
  const empty = subnet.freeAddresses === 0
  const told = codes.includes('SubnetOutOfIPAddresses')
  if (!empty && !(told && f.vpc.subnetIds.length === 1)) return
  if (hasInterface && !told) {
    notes.push({ code: 'SUBNET_OUT_OF_IP_ADDRESSES', component: subnet.id, text: say.nearlyOut(subnet.id) })
    return
  }
  const rule = decided(subnet.id, `AvailableIpAddressCount ${subnet.freeAddresses ?? '?'}`)
  add('SUBNET_OUT_OF_IP_ADDRESSES', subnet.id, rule, say.outOfAddresses(subnet.id))
}

function state(
  f: LambdaFunction,
  failed: boolean,
  codes: readonly string[],
  explained: boolean,
  add: Add,
  notes: Note[],
): void {
  if (f.state === 'Inactive')
    notes.push({ code: 'FUNCTION_INACTIVE', component: f.name, text: say.functionInactive(f.name) })
  const status = failed ? f.state : f.lastUpdateStatus === 'Failed' && codes.length > 0 ? 'Failed' : null
  if (status === null || explained) return
  const code = codes[0] ?? f.stateReasonCode
  const text = say.functionState(f.name, status, code, failed ? f.stateReason : f.lastUpdateReason)
  const rule = decided(f.name, code === null ? status : `${status} ${code}`)
  add(code === 'SubnetOutOfIPAddresses' ? 'SUBNET_OUT_OF_IP_ADDRESSES' : 'BAD_STATE', f.name, rule, text)
}
