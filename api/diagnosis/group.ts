import type { Text } from '../network/path.js'
import type { Diagnosis, DiagnosisKind, Fix } from './diagnosis.js'
import { groupBy } from './raw.js'
import type { Question } from './rehearse.js'

/** A diagnosis with whose it is. */
export interface Attributed {
  readonly functionName: string
  readonly check: string
  readonly diagnosis: Diagnosis
  /** What it asks of the configuration; absent where it could not be asked. */
  readonly question?: Question
  /** ISO 8601: since when the check is so; absent where only single reports are known. */
  readonly since?: string
}

/** Many failures that have one cause: an outage reads as one line. */
export interface DiagnosisGroup {
  readonly kind: DiagnosisKind
  readonly cause: { readonly code: string; readonly component: string } | null
  /** The cause; whom it hits is told by `functions` and `checks`. */
  readonly summary: Text
  /** The blast radius: whom the cause hits. Sorted. */
  readonly functions: readonly string[]
  readonly checks: readonly string[]
  readonly count: number
  /** ISO 8601: since when the first of its members is so; null where nothing tells. */
  readonly since: string | null
  /** The fixes of the first member, or one for all members where those would leave some as they are and one for all is proven. */
  readonly fixes: readonly Fix[]
  readonly members: readonly Attributed[]
}

/** What can't wait stands first. */
const URGENCY: Readonly<Record<DiagnosisKind, number>> = {
  proven: 0,
  contradicted: 1,
  'outside-configuration': 2,
  inconclusive: 3,
  predicted: 4,
  healthy: 5,
}

function keyOf({ diagnosis, functionName, check }: Attributed): string {
  const { cause, kind } = diagnosis
  if (kind === 'healthy') return 'healthy'
  return cause === null
    ? `${kind} alone ${functionName} ${check}`
    : `${kind} ${cause.code} ${cause.component}`
}

export const plural = (amount: number, word: string) => `${amount} ${word}${amount === 1 ? '' : 's'}`

const sorted = (names: readonly string[]) => [...new Set(names)].sort()

function asExpected(functions: readonly string[], checks: readonly string[], count: number): Text {
  if (count === 1)
    return {
      en: `${functions[0] ?? ''}: ${checks[0] ?? ''}: as expected.`,
      ko: `${functions[0] ?? ''}: ${checks[0] ?? ''}: 예상대로입니다.`,
    }
  return {
    en: `${plural(functions.length, 'function')}, ${plural(checks.length, 'check')}: as expected.`,
    ko: `함수 ${functions.length}개, 검사 ${checks.length}개: 예상대로입니다.`,
  }
}

/** Puts diagnoses of one cause together: the most urgent kind first, then the widest blast radius. */
export function groupDiagnoses(all: readonly Attributed[]): readonly DiagnosisGroup[] {
  const groups = [...groupBy(all, keyOf).values()].flatMap((members): readonly DiagnosisGroup[] => {
    const [first] = members
    if (first === undefined) return []
    const functions = sorted(members.map((member) => member.functionName))
    const checks = sorted(members.map((member) => member.check))
    const { kind, cause, summary, fixes } = first.diagnosis
    const healthy = kind === 'healthy'
    return [
      {
        kind,
        cause: healthy ? null : cause,
        summary: healthy ? asExpected(functions, checks, members.length) : summary,
        functions,
        checks,
        count: members.length,
        since: members.flatMap(({ since }) => since ?? []).sort()[0] ?? null,
        fixes: healthy ? [] : fixes,
        members,
      },
    ]
  })
  return groups.sort((a, b) => URGENCY[a.kind] - URGENCY[b.kind] || b.functions.length - a.functions.length)
}
