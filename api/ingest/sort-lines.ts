import type { Report } from '../../probe/report.schema.js'
import type { Reject } from '../store/store.js'
import { parseLine } from './parse.js'

/** Log lines, each put where it belongs. */
export interface SortedLines {
  readonly reports: readonly Report[]
  readonly rejects: readonly Reject[]
  readonly otherLines: number
}

/** Sorts lines into reports, reports that can't be read, and lines that are something else. */
export function sortLines(lines: Iterable<string>): SortedLines {
  const reports: Report[] = []
  const rejects: Reject[] = []
  let otherLines = 0
  for (const line of lines) {
    const parsed = parseLine(line)
    if (parsed.kind === 'report') reports.push(parsed.report)
    else if (parsed.kind === 'reject') rejects.push(parsed.reject)
    else otherLines += 1
  }
  return { reports, rejects, otherLines }
}
