import type { Raw } from '../entities.js'
import { answer, body, need, type Source, str } from './source.js'

/** What is known of one role: simulated decisions win over policy documents. */
export interface RoleDraft {
  /** Lower-case action → allowed. */
  simulated: Map<string, boolean> | null
  /** Policy documents read for it. */
  documents: Raw[]
  /** ARNs of managed policies attached; null where the list wasn't answered. */
  attached: string[] | null
  /** Names of inline policies that list-role-policies told of; null where not asked. */
  inline: string[] | null
  inlineRead: number
}

export type Roles = Map<string, RoleDraft>

function draft(roles: Roles, name: string): RoleDraft {
  let r = roles.get(name)
  if (r === undefined) {
    r = { simulated: null, documents: [], attached: null, inline: null, inlineRead: 0 }
    roles.set(name, r)
  }
  return r
}

/** `arn:aws:iam::1:role/path/NAME` or a bare name → NAME. */
export const roleName = (role: string): string => role.slice(role.lastIndexOf('/') + 1)

export function readSimulation(source: Source, roles: Roles): boolean {
  const items = answer(source, 'EvaluationResults')
  if (items === null) return false
  const r = draft(roles, roleName(source.document.key))
  r.simulated ??= new Map()
  for (const o of items) {
    const action = need(source, o, 'EvalActionName')
    if (action !== null) r.simulated.set(action.toLowerCase(), str(source, o, 'EvalDecision') === 'allowed')
  }
  return true
}

/** The values of a policy element, which may be written as one or as a list; none where it is absent. */
export const policyValues = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

/** A policy document as AWS gives it: an object, or URL-encoded or plain JSON text. */
export function policyDocument(value: unknown): Raw | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Raw
  if (typeof value !== 'string') return null
  for (const decode of [(s: string) => s, decodeURIComponent]) {
    try {
      const parsed: unknown = JSON.parse(decode(value))
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Raw
    } catch {
      // Not in this form: the next is tried, and no form at all gives null.
    }
  }
  return null
}

export function readRolePolicy(source: Source, roles: Roles): boolean {
  const o = body(source)
  if (o === null) return false
  const name = str(source, o, 'RoleName') ?? source.document.key.split('.')[0] ?? ''
  const document = policyDocument(o['PolicyDocument'])
  const r = draft(roles, name)
  r.inlineRead++
  if (document !== null) r.documents.push(document)
  return true
}

export function readRolePolicyNames(source: Source, roles: Roles): boolean {
  const o = body(source)
  if (o === null) return false
  const names = o['PolicyNames']
  const r = draft(roles, source.document.key)
  r.inline = [
    ...(r.inline ?? []),
    ...(Array.isArray(names) ? names.filter((n) => typeof n === 'string') : []),
  ]
  return true
}

export function readAttachedPolicies(source: Source, roles: Roles): boolean {
  const items = answer(source, 'AttachedPolicies')
  if (items === null) return false
  const r = draft(roles, source.document.key)
  r.attached ??= []
  for (const o of items) {
    const arn = need(source, o, 'PolicyArn')
    if (arn !== null) r.attached.push(arn)
  }
  return true
}

/** `get-policy-version`: the answer doesn't name its policy, so the file's key does: the ARN's or policy's name, then the version. */
export function readPolicyVersion(source: Source, policies: Map<string, Raw>): boolean {
  const o = body(source)
  if (o === null) return false
  const version = o['PolicyVersion']
  const document = policyDocument(
    typeof version === 'object' && version !== null ? (version as Raw)['Document'] : undefined,
  )
  if (document !== null) policies.set(policyKey(source.document.key), document)
  return true
}

/** The policy's bare name out of an ARN or a file key that may end in a version. */
export function policyKey(key: string): string {
  const name = key.slice(Math.max(key.lastIndexOf('/'), key.lastIndexOf(':')) + 1)
  return name.replace(/\.v\d+$/, '')
}
