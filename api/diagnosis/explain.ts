import { josa } from '../korean.js'
import { withNames } from '../network/map/name-ids.js'
import type { Text } from '../network/path.js'
import { safe } from '../printable.js'
import { hanging } from '../wrap.js'
import { isFutureAddress } from './apply/routes.js'
import type { Diagnosis, DiagnosisKind, Fix } from './diagnosis.js'

export type Language = keyof Text

const KINDS: Readonly<Record<DiagnosisKind, Text>> = {
  healthy: { en: 'Healthy', ko: '정상' },
  proven: { en: 'Proven', ko: '증명됨' },
  predicted: { en: 'Predicted, no packet tried it yet', ko: '예측 (아직 시험한 패킷 없음)' },
  contradicted: { en: 'Packet and snapshot disagree', ko: '패킷과 스냅샷이 어긋남' },
  'outside-configuration': { en: 'Outside the configuration', ko: '구성 밖의 원인' },
  inconclusive: { en: 'Inconclusive', ko: '판단 불가' },
}

const LABELS = {
  blocked: { en: 'Blocked at', ko: '막힌 곳' },
  back: { en: 'on the way back', ko: '오는 길' },
  behind: { en: 'And behind that', ko: '그 뒤에서도 막힘' },
  missing: { en: 'Not known', ko: '모르는 것' },
  candidates: { en: 'What fits, best first', ko: '가능한 원인(유력한 순)' },
  next: { en: 'look', ko: '확인' },
  fix: { en: 'Fix', ko: '조치' },
  alternative: { en: 'Or', ko: '또는' },
  rehearsed: { en: 'rehearsed', ko: '예행' },
  risk: { en: 'risk', ko: '위험' },
  cost: { en: 'cost', ko: '비용' },
  undo: { en: 'undo', ko: '되돌리기' },
  advice: { en: 'Advice', ko: '권장 사항' },
  futureAddress: { en: 'the new Elastic IP', ko: '새 탄력적 IP' },
  seenAs: {
    en: (address: string) => `, seen as ${address}`,
    ko: (address: string) => josa` (외부에는 ${address}(으)로 보임)`,
  },
} as const

const VERDICTS = {
  reachable: { en: 'the path turns open', ko: '경로가 열립니다' },
  unreachable: { en: 'the path turns closed', ko: '경로가 닫힙니다' },
  unknown: { en: 'can not be told', ko: '알 수 없습니다' },
} as const satisfies Record<string, Text>

/** How a diagnosis is written down. */
export interface Writing {
  readonly language: Language
  /** Where prose is broken; null leaves that to whoever shows it. Commands are never broken. */
  readonly columns?: number | null
  /** What people call the ids that stand in it. */
  readonly names?: ReadonlyMap<string, string>
}

/** The width that every terminal has. */
export const PLAIN_COLUMNS = 80
const NO_NAMES: ReadonlyMap<string, string> = new Map()

/** Prose with named ids and without what could steer a terminal, its first line behind a lead, the others below the `hang`th column. */
export function proseLines(
  lead: string,
  text: string,
  hang: number,
  { columns = PLAIN_COLUMNS, names = NO_NAMES }: Writing,
): readonly string[] {
  return hanging(lead, withNames(safe(text), names), hang, columns)
}

function fixLines(fix: Fix, index: number, writing: Writing): readonly string[] {
  const { language } = writing
  const label = (index === 0 ? LABELS.fix : LABELS.alternative)[language]
  const fact = (name: Text, text: string) => proseLines(`  ${name[language]}: `, text, 4, writing)
  return [
    '',
    ...proseLines(`${label}: `, fix.title[language], 2, writing),
    ...fix.cli.split('\n').map((line) => `    ${safe(line)}`),
    ...fact(LABELS.rehearsed, rehearsed(fix, language)),
    ...fact(LABELS.risk, fix.risk[language]),
    ...fact(LABELS.cost, fix.cost[language]),
    ...fact(LABELS.undo, fix.undo[language]),
  ]
}

function rehearsed({ rehearsal: { verdict, seenAs } }: Fix, language: Language): string {
  const said = VERDICTS[verdict][language]
  if (seenAs === null) return said
  return said + LABELS.seenAs[language](isFutureAddress(seenAs) ? LABELS.futureAddress[language] : seenAs)
}

/** One entry for each component, way and code, however many subnets it blocks; what `said` tells already isn't told twice. */
function blockerTexts(blockers: Diagnosis['blockers'], language: Language, said = ''): readonly string[] {
  const texts = new Map<string, string>()
  for (const { component, code, direction, text } of blockers) {
    const at = `${component}${direction === 'return' ? ` (${LABELS.back[language]})` : ''}`
    const why = text[language]
    const key = `${at} ${code}`
    if (!texts.has(key)) texts.set(key, `${at}: ${said.startsWith(why) ? code : `${why} (${code})`}`)
  }
  return [...texts.values()]
}

/**
 * The whole diagnosis as plain text: no colours, no tables, so that it reads in a terminal, a chat and a mail alike. What one
 * copies (commands, ids, addresses) is never broken.
 */
export function explainPlain(diagnosis: Diagnosis, writing: Writing): string {
  const { blockers, missing, candidates, fixes, advice } = diagnosis
  const { language } = writing
  const summary = diagnosis.summary[language]
  const section = (label: Text, texts: readonly string[], mark: (index: number) => string) =>
    texts.length === 0
      ? []
      : [
          `${label[language]}:`,
          ...texts.flatMap((text, index) => {
            const lead = `  ${mark(index)} `
            return proseLines(lead, text, lead.length, writing)
          }),
        ]
  const apart = (lines: readonly string[]) => (lines.length === 0 ? [] : ['', ...lines])
  const bullet = () => '-'
  return [
    ...proseLines(`${KINDS[diagnosis.kind][language]}: `, summary, 2, writing),
    ...section(LABELS.blocked, blockerTexts(blockers, language, summary), bullet),
    ...section(LABELS.behind, blockerTexts(fixes[0]?.behind ?? [], language), bullet),
    ...apart(
      section(
        LABELS.missing,
        missing.map(({ text }) => text[language]),
        bullet,
      ),
    ),
    ...apart(
      section(
        LABELS.candidates,
        candidates.map(({ text, next }) => {
          // The summary of what lies outside of the configuration begins with its likeliest reason.
          const why = summary.startsWith(text[language]) ? '' : `${text[language]} `
          return `${why}${LABELS.next[language]}: ${next[language]}`
        }),
        (index) => `${index + 1}.`,
      ),
    ),
    ...fixes.flatMap((fix, index) => fixLines(fix, index, writing)),
    ...apart(
      section(
        LABELS.advice,
        advice.map(({ text }) => text[language]),
        bullet,
      ),
    ),
  ].join('\n')
}
