import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../probe/report.schema.js'
import type { Snapshot } from '../network/snapshot.js'
import type { SampleMessage } from './messages.js'
import { type Recording, withDocuments } from './recording.js'

export interface ReplayOutput {
  readonly print: (line: string) => void
  readonly say: (message: SampleMessage) => void
}

/** Shows a recording as if it happened now, over and over, until the signal aborts. */
export async function replay(
  recording: Recording,
  { print, say }: ReplayOutput,
  signal: AbortSignal,
): Promise<void> {
  const until = (time: number): Promise<unknown> =>
    sleep(Math.max(0, time - Date.now()), undefined, { signal }).catch(() => undefined)
  let snapshot: Snapshot | null = null
  while (!signal.aborted) {
    const began = Date.now()
    for (const moment of recording.moments) {
      const at = new Date(began + moment.at)
      await until(at.getTime())
      if (signal.aborted) return
      if ('report' in moment) print(JSON.stringify(retold(moment.report, at, began)))
      else {
        snapshot = withDocuments(snapshot, moment.documents, at.toISOString())
        say({ says: 'account', snapshot, state: moment.state })
      }
    }
    await until(began + recording.lengthMs)
  }
}

/** A recorded report as one of today: runs are told apart by their ids, so that each round counts. */
export function retold(report: Report, at: Date, began: number): Report {
  return { ...report, run: `${report.run}-${began.toString(36)}`, startedAt: at.toISOString() }
}
