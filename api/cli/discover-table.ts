import type { Check } from '../../probe/plan.schema.js'
import type { Merge, PlanChange } from '../discovery/merge.js'
import type { Discovery, ProposedPosture } from '../discovery/propose.js'
import { type Screen, safe, wrap } from './screen.js'

/** Functions that are named before the rest is counted. */
const MAX_NAMED = 12

/** Each posture as a person reads it: its functions, subnets with their interfaces, groups, checks and notes. */
export function discoveryLines({ postures }: Discovery, screen: Screen): readonly string[] {
  if (postures.length === 0) return ['No function in a VPC was found.', '']
  const probes = postures.reduce((sum, { subnets }) => sum + subnets.length, 0)
  const functions = postures.reduce((sum, one) => sum + one.functions.length, 0)
  return [
    ...postures.flatMap((posture) => [...postureLines(posture, screen), '']),
    `${count(functions, 'function')} in ${count(postures.length, 'posture')}: ${count(probes, 'probe')} needed.`,
    '',
  ]
}

function postureLines(posture: ProposedPosture, screen: Screen): readonly string[] {
  const { id, region, vpcId, functions, subnets, securityGroups, interfaces, plan, notes } = posture
  const row = (label: string, text: string): readonly string[] =>
    wrap(safe(text), screen.columns - 13).map(
      (line, index) => `  ${(index === 0 ? label : '').padEnd(11)}${line}`,
    )
  const enis = [...interfaces.values()].flat().length
  const names = functions.map(({ name }) => name)
  const rest = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  const standing = subnets.map((subnet) => {
    const own = interfaces.get(subnet) ?? []
    return `${subnet} (${own.length === 0 ? 'no interface seen' : own.join(', ')})`
  })
  return [
    screen.paint('strong', safe(`${id}  ${region}  ${vpcId}`)),
    ...row('functions', `${names.slice(0, MAX_NAMED).join(', ')}${rest}`),
    ...row('subnets', standing.join(', ')),
    ...row('groups', securityGroups.join(', ')),
    ...row('interfaces', `${enis} shared by ${count(functions.length, 'function')}`),
    ...row('probes', `${subnets.length}, one a subnet, on the same interfaces`),
    ...row('checks', namesOf(plan.plan.checks).join(', ')),
    ...notes.flatMap((note) => row('note', note)),
  ]
}

/** What a re-run would change, and what it leaves as a person wrote it. */
export function changeLines({ changes, kept }: Merge, screen: Screen): readonly string[] {
  const told = (mark: string, text: string, style: 'good' | 'bad' | 'doubt') =>
    wrap(safe(text), screen.columns - 2).map((line, index) =>
      index === 0 ? `${screen.paint(style, mark)} ${line}` : `  ${line}`,
    )
  const lines = [
    ...changes.flatMap((change) => {
      const [mark, text] = wordsOf(change)
      return told(mark, text, mark === '+' ? 'good' : mark === '-' ? 'bad' : 'doubt')
    }),
    ...kept.flatMap(({ id, what, why }) => told('=', `${id}: ${what} stays: ${why}`, 'doubt')),
  ]
  return lines.length === 0 ? [] : [...lines, '']
}

function wordsOf(change: PlanChange): readonly [mark: string, text: string] {
  switch (change.kind) {
    case 'add-posture': {
      const { id, functions, plan } = change.posture
      return ['+', `${id}: posture of ${functions.join(', ')} with ${count(plan.checks.length, 'check')}`]
    }
    case 'remove-posture':
      return ['-', `${change.id}: no function has this posture any more`]
    case 'set':
      return [
        '~',
        `${change.id}: ${change.field} ${change.value === undefined ? 'is gone' : JSON.stringify(change.value)}`,
      ]
    case 'add-function':
      return ['+', `${change.id}: function ${change.name}`]
    case 'remove-function':
      return ['-', `${change.id}: function ${change.name}`]
    case 'add-check':
      return ['+', `${change.id}: check ${shown(change.check)}`]
    case 'change-check':
      return ['~', `${change.id}: check ${shown(change.check)}`]
    case 'remove-check':
      return ['-', `${change.id}: check ${change.name}`]
  }
}

/** In words that may be broken over lines. */
function shown({ name, kind, ...rest }: Check): string {
  const facts = Object.entries(rest).map(([key, value]) => `${key} ${String(value)}`)
  return `${name}: ${[kind, ...facts].join(', ')}`
}

function namesOf(checks: readonly unknown[]): readonly string[] {
  return checks.map((check) =>
    typeof check === 'object' && check !== null && 'name' in check ? String(check.name) : '',
  )
}

function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`
}
