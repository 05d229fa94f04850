import type { Report } from '../../probe/report.schema.js'
import type { Reject } from '../store/store.js'
import { parseLine } from './parse.js'

/** Log lines, each put where it belongs. */
export interface SortedLines {
  readonly reports: readonly Report[]
  readonly rejects: readonly Reject[]
  readonly otherLines: number
}

/** A log line; `key` is its id in its source, where it has one. */
export interface LogLine {
  readonly text: string
  readonly key?: string
}

/** Sorts lines into reports, reports that can't be read, and lines that are something else. */
export function sortLines(lines: Iterable<string | LogLine>): SortedLines {
  const reports: Report[] = []
  const rejects: Reject[] = []
  let otherLines = 0
  for (const line of lines) {
    const { text, key }: LogLine = typeof line === 'string' ? { text: line } : line
    const parsed = parseLine(text)
    if (parsed.kind === 'report') reports.push(parsed.report)
    else if (parsed.kind === 'reject')
      rejects.push(key === undefined ? parsed.reject : { ...parsed.reject, key })
    else otherLines += 1
  }
  return { reports, rejects, otherLines }
}
