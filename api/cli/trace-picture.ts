import type {
  Blocker,
  Hop,
  HopVerdict,
  Missing,
  Note,
  SubnetTrace,
  Text,
  Trace,
  Verdict,
} from '../network/index.js'
import { HOP_KIND_KO } from '../network/text/hop-kinds.js'
import { type Language, pad, type Screen, type Style, safe, widthOf, wrap } from './screen.js'

const WORDS = {
  reachable: { en: 'REACHABLE', ko: '도달 가능' },
  unreachable: { en: 'UNREACHABLE', ko: '도달 불가' },
  unknown: { en: 'UNKNOWN', ko: '판단 불가' },
  out: { en: 'Out', ko: '가는 길' },
  back: { en: 'Back', ko: '오는 길' },
  blockers: { en: 'Blocked by', ko: '막는 것' },
  missing: { en: 'Missing, so not decided', ko: '없어서 판단하지 못한 것' },
  notes: { en: 'Notes', ko: '참고' },
  subnets: { en: 'From each subnet', ko: '서브넷별' },
  from: { en: 'from', ko: '출발' },
  seenAs: { en: 'the target sees', ko: '상대가 보는 주소' },
  resolved: { en: 'the name resolves to', ko: '이름이 가리키는 주소' },
  rule: { en: 'rule', ko: '규칙' },
  absent: { en: 'absent', ko: '구성' },
  forward: { en: 'out', ko: '가는 길' },
  return: { en: 'back', ko: '오는 길' },
} as const satisfies Record<string, Text>

const MARKS: Readonly<Record<HopVerdict, string>> = { pass: '●', block: '✗', unknown: '?' }
const STYLES: Readonly<Record<HopVerdict | Verdict, Style>> = {
  pass: 'good',
  block: 'bad',
  unknown: 'doubt',
  reachable: 'good',
  unreachable: 'bad',
}

/**
 * A trace as a picture for a terminal: the verdict, each hop out and back with the broken ones marked, every
 * blocker with its rule, and what is missing. Without colour it says the same.
 */
export function drawTrace(trace: Trace, language: Language, screen: Screen): string {
  const word = (name: keyof typeof WORDS) => WORDS[name][language]
  const { paint } = screen
  const lines = [
    ...drawTitle(trace, language, screen),
    ...facts(trace, language).flatMap((fact) => indent(fact, 2, screen)),
  ]
  const section = (title: string, body: readonly string[]) => {
    if (body.length > 0) lines.push('', paint('strong', title), ...body)
  }
  section(word('out'), drawHops(trace.hops, language, screen))
  section(word('back'), drawHops(trace.returnHops, language, screen))
  section(word('blockers'), drawBlockers(trace.blockers, language, screen))
  section(word('missing'), drawMissing(trace.missing, language, screen))
  section(word('notes'), drawNotes(trace.notes, language, screen))
  if (trace.perSubnet.length > 1) section(word('subnets'), drawSubnets(trace.perSubnet, language, screen))
  return `${lines.join('\n')}\n`
}

function drawTitle(trace: Trace, language: Language, screen: Screen): readonly string[] {
  const verdict = WORDS[trace.verdict][language]
  const port = trace.port === null ? '' : `/${trace.port}`
  const flow = `${safe(trace.source)} → ${safe(trace.destination)}  ${safe(trace.protocol)}${port}`
  const [first = '', ...rest] = wrap(flow, screen.columns - widthOf(verdict) - 2)
  return [
    `${screen.paint(STYLES[trace.verdict], verdict)}  ${screen.paint('strong', first)}`,
    ...rest.map((line) => `  ${screen.paint('strong', line)}`),
  ]
}

function facts(trace: SubnetTrace, language: Language): readonly string[] {
  const list: string[] = []
  if (trace.subnet !== null) {
    const zone = trace.availabilityZone === null ? '' : ` (${safe(trace.availabilityZone)})`
    list.push(`${WORDS.from[language]} ${safe(trace.subnet)}${zone}`)
  }
  if (trace.resolved.length > 0)
    list.push(`${WORDS.resolved[language]} ${trace.resolved.map(safe).join(', ')}`)
  if (trace.seenAs !== null) list.push(`${WORDS.seenAs[language]} ${safe(trace.seenAs)}`)
  return list
}

function drawHops(hops: readonly Hop[], language: Language, screen: Screen): readonly string[] {
  const kindOf = ({ kind }: Hop) => (language === 'ko' ? (HOP_KIND_KO[kind] ?? kind) : kind)
  const kinds = Math.min(Math.max(0, ...hops.map((hop) => widthOf(kindOf(hop)))), 28)
  return hops.flatMap((hop, index) => {
    const { verdict } = hop
    const last = index === hops.length - 1
    const name = `${pad(kindOf(hop), kinds)}  ${safe(hop.component)}`
    const code = hop.code === null ? '' : `  ${safe(hop.code)}`
    const head = wrap(`${name}${verdict === 'pass' ? '' : code}`, screen.columns - 5)
    const rail = last ? '   ' : `  ${screen.paint('faint', '│')}`
    const lines = head.map((line, row) =>
      row === 0
        ? `  ${screen.paint(STYLES[verdict], MARKS[verdict])}  ${verdict === 'pass' ? line : screen.paint(STYLES[verdict], line)}`
        : `${rail}  ${line}`,
    )
    // A hop that passes needs its rule alone; one that doesn't has its sentence too.
    const details = hop.rule === null ? [] : [safe(hop.rule.text[language])]
    if (verdict !== 'pass') details.push(safe(hop.text[language]))
    for (const detail of details) {
      for (const line of wrap(detail, screen.columns - 9))
        lines.push(`${rail}      ${screen.paint('faint', line)}`)
    }
    return lines
  })
}

function drawBlockers(blockers: readonly Blocker[], language: Language, screen: Screen): readonly string[] {
  return sameBlockers(blockers).flatMap(({ blocker, subnets }, index) => {
    const where = [WORDS[blocker.direction][language], ...subnets.map(safe)].join(', ')
    const title = `${safe(blocker.code)}  ${safe(blocker.component)}  (${where})`
    const [first = '', ...rest] = wrap(title, screen.columns - 6)
    const lines = [`  ${index + 1}. ${screen.paint('bad', first)}`, ...rest.map((line) => `     ${line}`)]
    lines.push(...indent(safe(blocker.text[language]), 5, screen))
    if (blocker.rule !== null) lines.push(...indent(ruleLine(blocker.rule, language), 5, screen, 'faint'))
    return lines
  })
}

/** What blocks from several subnets in the same words is told once, with all of them. */
function sameBlockers(
  blockers: readonly Blocker[],
): readonly { readonly blocker: Blocker; readonly subnets: readonly string[] }[] {
  const groups = new Map<string, { readonly blocker: Blocker; readonly subnets: string[] }>()
  for (const blocker of blockers) {
    const { code, component, direction, text, rule, subnet } = blocker
    const key = JSON.stringify([code, component, direction, text, rule?.in, rule?.summary])
    const group = groups.get(key) ?? { blocker, subnets: [] }
    groups.set(key, group)
    if (subnet !== undefined && !group.subnets.includes(subnet)) group.subnets.push(subnet)
  }
  return [...groups.values()]
}

function ruleLine(rule: NonNullable<Blocker['rule']>, language: Language): string {
  const holder = rule.in === null ? '' : ` ${safe(rule.in)}`
  const word = rule.kind === 'absence' ? WORDS.absent[language] : WORDS.rule[language]
  return `${word}${holder}: ${safe(rule.text[language])}`
}

function drawMissing(missing: readonly Missing[], language: Language, screen: Screen): readonly string[] {
  return missing.flatMap(({ call, component, text }) => {
    const what = [call, component].filter((part) => part !== null).map(safe)
    return bullet(`${what.length === 0 ? '' : `${what.join(' ')}: `}${safe(text[language])}`, screen)
  })
}

function drawNotes(notes: readonly Note[], language: Language, screen: Screen): readonly string[] {
  return notes.flatMap(({ code, component, text }) =>
    bullet(
      `${[code, component]
        .filter((part) => part !== null)
        .map(safe)
        .join(' ')}: ${safe(text[language])}`,
      screen,
    ),
  )
}

function drawSubnets(subnets: readonly SubnetTrace[], language: Language, screen: Screen): readonly string[] {
  const names = Math.max(...subnets.map(({ subnet }) => (subnet ?? '').length))
  return subnets.flatMap(({ subnet, availabilityZone, verdict, blockers }) => {
    const mark = MARKS[verdict === 'reachable' ? 'pass' : verdict === 'unreachable' ? 'block' : 'unknown']
    const codes = [...new Set(blockers.map(({ code, component }) => `${code} ${component}`))].join(', ')
    const text = `${pad(safe(subnet ?? ''), names)}  ${safe(availabilityZone ?? '')}  ${WORDS[verdict][language]}${codes === '' ? '' : `  ${safe(codes)}`}`
    const [first = '', ...rest] = wrap(text, screen.columns - 5)
    return [`  ${screen.paint(STYLES[verdict], mark)}  ${first}`, ...rest.map((line) => `     ${line}`)]
  })
}

function bullet(text: string, screen: Screen): readonly string[] {
  return wrap(text, screen.columns - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)
}

function indent(text: string, by: number, screen: Screen, style?: Style): readonly string[] {
  return wrap(text, screen.columns - by).map(
    (line) => `${' '.repeat(by)}${style === undefined ? line : screen.paint(style, line)}`,
  )
}
