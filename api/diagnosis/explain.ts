import type { Text } from '../network/path.js'
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
  futureAddress: { en: ', seen as the new Elastic IP', ko: ' (외부에는 새 탄력적 IP로 보임)' },
} as const satisfies Record<string, Text>

const VERDICTS = {
  reachable: { en: 'the path turns open', ko: '경로가 열립니다' },
  unreachable: { en: 'the path turns closed', ko: '경로가 닫힙니다' },
  unknown: { en: 'can not be told', ko: '알 수 없습니다' },
} as const satisfies Record<string, Text>

function fixLines(fix: Fix, index: number, language: Language): readonly string[] {
  const label = (index === 0 ? LABELS.fix : LABELS.alternative)[language]
  const { verdict, seenAs } = fix.rehearsal
  const seen =
    seenAs === null ? '' : isFutureAddress(seenAs) ? LABELS.futureAddress[language] : ` (${seenAs})`
  return [
    `${label}: ${fix.title[language]}`,
    ...fix.cli.split('\n').map((line) => `    $ ${line}`),
    `    ${LABELS.rehearsed[language]}: ${VERDICTS[verdict][language]}${seen}`,
    `    ${LABELS.risk[language]}: ${fix.risk[language]}`,
    `    ${LABELS.cost[language]}: ${fix.cost[language]}`,
    `    ${LABELS.undo[language]}: ${fix.undo[language]}`,
  ]
}

/** One line for each component, way and code, however many subnets it blocks; what `said` tells already isn't told twice. */
function blockerLines(blockers: Diagnosis['blockers'], language: Language, said = ''): readonly string[] {
  const lines = new Map<string, string>()
  for (const blocker of blockers) {
    const way = blocker.direction === 'return' ? ` (${LABELS.back[language]})` : ''
    const at = `${blocker.component}${way}`
    const why = blocker.text[language]
    const line = `  - ${at}: ${why === said ? blocker.code : `${why} (${blocker.code})`}`
    if (!lines.has(`${at} ${blocker.code}`)) lines.set(`${at} ${blocker.code}`, line)
  }
  return [...lines.values()]
}

/** The whole diagnosis as plain text: no colours, no tables, so that it reads in a terminal, a chat and a mail alike. */
export function explainPlain(diagnosis: Diagnosis, language: Language): string {
  const { blockers, missing, candidates, fixes, advice } = diagnosis
  const section = (label: Text, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${label[language]}:`, ...lines]
  return [
    `${KINDS[diagnosis.kind][language]}: ${diagnosis.summary[language]}`,
    ...section(LABELS.blocked, blockerLines(blockers, language, diagnosis.summary[language])),
    ...section(LABELS.behind, blockerLines(fixes[0]?.behind ?? [], language)),
    ...section(
      LABELS.missing,
      missing.map((one) => `  - ${one.text[language]}`),
    ),
    ...section(
      LABELS.candidates,
      candidates.map(
        // The summary of what lies outside of the configuration is its likeliest reason.
        ({ text, next }, index) =>
          `  ${index + 1}. ${text.en === diagnosis.summary.en ? '' : `${text[language]} `}${LABELS.next[language]}: ${next[language]}`,
      ),
    ),
    ...fixes.flatMap((fix, index) => fixLines(fix, index, language)),
    ...section(
      LABELS.advice,
      advice.map((one) => `  - ${one.text[language]}`),
    ),
  ].join('\n')
}
