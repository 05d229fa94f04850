import type { Report, Result } from '../../probe/report.schema.js'
import type { Model } from '../network/model.js'
import type { Text } from '../network/path.js'
import { SelectorError } from '../network/selectors.js'
import type { Snapshot } from '../network/snapshot.js'
import { TraceInputError } from '../network/trace.js'
import { resultAdvice } from './advice.js'
import type { Diagnosis } from './diagnosis.js'
import { questionOfResult } from './flow.js'
import { type Attributed, type DiagnosisGroup, groupDiagnoses } from './group.js'
import { investigate } from './investigate.js'
import { diagnose } from './join.js'
import type { History } from './observed.js'
import type { Question } from './rehearse.js'
import { fixForAll, unmendedQuestions } from './together.js'

export interface ReportsInput {
  readonly snapshot: Snapshot
  readonly model?: Model
  readonly reports: readonly Report[]
}

export interface ReportsDiagnosis {
  readonly groups: readonly DiagnosisGroup[]
  /** What could not be looked up in the snapshot, and why. */
  readonly notes: readonly Text[]
}

interface Run {
  readonly report: Report
  readonly result: Result
}

/**
 * Diagnoses the newest result of every check of every probe; the older ones are its history. One failure is told once,
 * with all the functions that share the probe's posture.
 */
export function diagnoseReports(input: ReportsInput): ReportsDiagnosis {
  const runs = new Map<string, Run[]>()
  for (const report of input.reports) {
    for (const result of report.results) {
      const { probe } = report
      const key = JSON.stringify([probe.function, probe.subnet, result.check])
      const known = runs.get(key)
      if (known === undefined) runs.set(key, [{ report, result }])
      else known.push({ report, result })
    }
  }
  const notes: Text[] = []
  const attributed: Attributed[] = []
  for (const history of runs.values()) {
    const sorted = [...history].sort(
      (a, b) => Date.parse(a.report.startedAt) - Date.parse(b.report.startedAt),
    )
    const newest = sorted.at(-1)
    if (newest === undefined) continue
    const { functions, diagnosis, question, note } = diagnoseRun(input, newest, historyOf(sorted))
    if (note !== null) notes.push(note)
    for (const functionName of functions)
      attributed.push({
        functionName,
        check: newest.result.check,
        diagnosis,
        ...(question === null ? {} : { question }),
      })
  }
  const groups = groupDiagnoses(attributed).map((group) => {
    const questions = unmendedQuestions(group)
    const fix = questions === null ? null : fixForAll(input.snapshot, questions)
    return fix === null ? group : { ...group, fixes: [fix] }
  })
  return { groups, notes: unique(notes) }
}

function historyOf(runs: readonly Run[]): History {
  return { total: runs.length, failed: runs.filter((run) => !run.result.asExpected).length }
}

function diagnoseRun(
  { snapshot, model }: ReportsInput,
  { report, result }: Run,
  history: History,
): {
  functions: readonly string[]
  diagnosis: Diagnosis
  question: Question | null
  note: Text | null
} {
  const own = [report.probe.function]
  const blind = (note: Text | null) => ({
    functions: report.probe.workloads ?? own,
    diagnosis: diagnose({ result, trace: null, history, advice: resultAdvice(result) }),
    question: null,
    note,
  })
  try {
    const asked = questionOfResult(snapshot, report.probe, result)
    if (asked === null) return blind(null)
    const diagnosis = investigate({
      snapshot,
      question: asked.question,
      asFunction: asked.asFunction,
      result,
      history,
      ranAt: report.startedAt,
      ...(model === undefined ? {} : { model }),
    })
    const { question, functions } = asked
    return { functions: functions.length > 0 ? functions : own, diagnosis, question, note: null }
  } catch (error) {
    if (!(error instanceof SelectorError || error instanceof TraceInputError)) throw error
    const where = `${report.probe.function}, ${result.check}`
    return blind({ en: `${where}: ${error.message}`, ko: `${where}: ${error.message}` })
  }
}

function unique(notes: readonly Text[]): readonly Text[] {
  return [...new Map(notes.map((note) => [note.en, note] as const)).values()]
}
