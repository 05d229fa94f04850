import type { Check } from '../../probe/plan.schema.js'
import type { Merge, PlanChange } from '../discovery/merge.js'
import type { Discovery, ProposedPosture } from '../discovery/propose.js'
import { josa } from '../korean.js'
import type { Text } from '../network/path.js'
import { say } from './io.js'
import { spokenText } from './korean.js'
import { type Language, pad, type Screen, safe, wrap } from './screen.js'

/** Functions that are named before the rest is counted. */
const MAX_NAMED = 12

/** Each posture as a person reads it: its functions, subnets with their interfaces, groups, checks and notes. */
export function discoveryLines(
  { postures }: Discovery,
  language: Language,
  screen: Screen,
): readonly string[] {
  if (postures.length === 0)
    return [say({ language }, 'No function in a VPC was found.', 'VPC에 연결된 함수를 찾지 못했습니다.'), '']
  const probes = postures.reduce((sum, { subnets }) => sum + subnets.length, 0)
  const functions = postures.reduce((sum, one) => sum + one.functions.length, 0)
  return [
    ...postures.flatMap((posture) => [...postureLines(posture, language, screen), '']),
    ...wrap(
      say(
        { language },
        `${count(functions, 'function')} in ${count(postures.length, 'posture')}: ${count(probes, 'probe')} needed.`,
        `네트워크 위치 ${postures.length}곳에 함수 ${functions}개: 프로브 ${probes}개가 필요합니다.`,
      ),
      screen.columns,
    ),
    '',
  ]
}

const LABELS = {
  functions: { en: 'functions', ko: '함수' },
  subnets: { en: 'subnets', ko: '서브넷' },
  groups: { en: 'groups', ko: '보안 그룹' },
  interfaces: { en: 'interfaces', ko: '인터페이스' },
  probes: { en: 'probes', ko: '프로브' },
  checks: { en: 'checks', ko: '검사' },
  note: { en: 'note', ko: '참고' },
} as const

function postureLines(posture: ProposedPosture, language: Language, screen: Screen): readonly string[] {
  const { id, region, vpcId, functions, subnets, securityGroups, interfaces, plan, notes } = posture
  const row = (label: keyof typeof LABELS, text: string): readonly string[] =>
    wrap(safe(text), screen.columns - 13).map(
      (line, index) => `  ${pad(index === 0 ? LABELS[label][language] : '', 11)}${line}`,
    )
  const enis = [...interfaces.values()].flat().length
  const names = functions.map(({ name }) => name)
  const left = names.length - MAX_NAMED
  const rest = left > 0 ? say({ language }, ` and ${left} more`, ` 외 ${left}개`) : ''
  const standing = subnets.map((subnet) => {
    const own = interfaces.get(subnet) ?? []
    const seen = own.length === 0 ? say({ language }, 'no interface seen', '인터페이스 없음') : own.join(', ')
    return `${subnet} (${seen})`
  })
  const shared = say(
    { language },
    `${enis} shared by ${count(functions.length, 'function')}`,
    `${enis}개를 함수 ${functions.length}개가 함께 씁니다`,
  )
  const needed = say(
    { language },
    `${subnets.length}, one a subnet, on the same interfaces`,
    `${subnets.length}개, 서브넷마다 하나씩, 같은 인터페이스에서`,
  )
  return [
    ...wrap(safe(`${id}  ${region}  ${vpcId}`), screen.columns).map((line) => screen.paint('strong', line)),
    ...row('functions', `${names.slice(0, MAX_NAMED).join(', ')}${rest}`),
    ...row('subnets', standing.join(', ')),
    ...row('groups', securityGroups.join(', ')),
    ...row('interfaces', shared),
    ...row('probes', needed),
    ...row('checks', namesOf(plan.plan.checks).join(', ')),
    ...notes.flatMap((note) => row('note', spokenText(note)[language])),
  ]
}

/** What a re-run would change, and what it leaves as a person wrote it. */
export function changeLines({ changes, kept }: Merge, language: Language, screen: Screen): readonly string[] {
  const told = (mark: string, text: string, style: 'good' | 'bad' | 'doubt') =>
    wrap(safe(text), screen.columns - 2).map((line, index) =>
      index === 0 ? `${screen.paint(style, mark)} ${line}` : `  ${line}`,
    )
  const lines = [
    ...changes.flatMap((change) => {
      const [mark, text] = wordsOf(change)
      return told(
        mark,
        `${change.kind === 'add-posture' ? change.posture.id : change.id}: ${text[language]}`,
        mark === '+' ? 'good' : mark === '-' ? 'bad' : 'doubt',
      )
    }),
    ...kept.flatMap(({ id, what, why }) => {
      const text = say(
        { language },
        `${what} stays: ${why}`,
        josa`${spokenText(what).ko}은(는) 그대로 둡니다: ${spokenText(why).ko}`,
      )
      return told('=', `${id}: ${text}`, 'doubt')
    }),
  ]
  return lines.length === 0 ? [] : [...lines, '']
}

function wordsOf(change: PlanChange): readonly [mark: string, text: Text] {
  switch (change.kind) {
    case 'add-posture': {
      const { functions, plan } = change.posture
      const names = functions.join(', ')
      return [
        '+',
        {
          en: `posture of ${names} with ${count(plan.checks.length, 'check')}`,
          ko: `${names}의 네트워크 위치, 검사 ${plan.checks.length}개`,
        },
      ]
    }
    case 'remove-posture':
      return ['-', { en: 'no function has this posture any more', ko: '이 위치의 함수가 더 이상 없습니다' }]
    case 'set': {
      const value = change.value === undefined ? null : JSON.stringify(change.value)
      return [
        '~',
        {
          en: `${change.field} ${value ?? 'is gone'}`,
          ko: value === null ? josa`${change.field}이(가) 없어졌습니다` : `${change.field} ${value}`,
        },
      ]
    }
    case 'add-function':
      return ['+', { en: `function ${change.name}`, ko: `함수 ${change.name}` }]
    case 'remove-function':
      return ['-', { en: `function ${change.name}`, ko: `함수 ${change.name}` }]
    case 'add-check':
      return ['+', { en: `check ${shown(change.check)}`, ko: `검사 ${shown(change.check)}` }]
    case 'change-check':
      return ['~', { en: `check ${shown(change.check)}`, ko: `검사 ${shown(change.check)}` }]
    case 'remove-check':
      return ['-', { en: `check ${change.name}`, ko: `검사 ${change.name}` }]
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
