import type { Post, PostRun } from '../../infra/lab/posts.js'
import type { Report } from '../../probe/report.schema.js'
import { diagnoseReports } from '../diagnosis/reports.js'
import { sortLines } from '../ingest/sort-lines.js'
import type { LiveLab } from '../lab/live.js'
import type { Snapshot } from '../network/snapshot.js'
import { CONFIRM_MS, openSampleLab, type SampleLab, type SampleLabParts } from './lab.js'
import { changedDocuments, type Moment, type Recording } from './recording.js'

/** What happens in the recording, and when: all well but two, then all well, then a fault, its fix, another one, its fix. */
type Scene = { readonly at: number } & (
  | { readonly break: string }
  /** Applies the first fix that Sonde suggests for what fails this function. */
  | { readonly fix: string }
)

const STORY: readonly Scene[] = [
  { at: 35_000, fix: 'report-builder' },
  { at: 55_000, fix: 'partner-sync' },
  { at: 85_000, break: 'orders-db-wrong-port' },
  { at: 125_000, fix: 'orders-api' },
  { at: 155_000, break: 'one-route-missing' },
  { at: 195_000, fix: 'orders-api' },
]
const LENGTH_MS = 220_000
/** What a change of the network takes in the recording's own time. */
const RAISE_MS = 1000

/** How often a run is made anew that a busy machine spoilt. */
const MOST_RUNS = 6

/** The story can't be told: Sonde has no fix for what the scene shows, or something fails that nothing explains. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/**
 * Plays the story in the sample's lab and writes down what the probes print. The recording has a time of its own, in which probes run on
 * the interval; the lab runs them as fast as it can.
 * @throws {LabUnavailable} where this machine can't have the lab, {StoryError}
 */
export async function recordSample(
  parts: SampleLabParts,
  now: Date,
  tell: (line: string) => void,
): Promise<Recording> {
  const sample = await openSampleLab(parts)
  try {
    const moments = await play(sample, parts.intervalMs, tell)
    return { recordedAt: now.toISOString(), lengthMs: LENGTH_MS, moments }
  } finally {
    await sample.end()
  }
}

async function play(
  { live, engine }: SampleLab,
  intervalMs: number,
  tell: (line: string) => void,
): Promise<readonly Moment[]> {
  const moments: Moment[] = []
  const newest = new Map<string, Report>()
  const verdicts = new Map<string, string>()
  let shown: Snapshot | null = null
  let runs = 0

  const account = (at: number): void => {
    const { snapshot } = live.state()
    moments.push({ at, documents: changedDocuments(shown, snapshot), state: engine.state() })
    shown = snapshot
  }
  /** Runs posts at their times; returns those that saw something new. */
  const look = async (posts: readonly (readonly [Post, number])[]): Promise<readonly Post[]> => {
    const blocked = engine.blocked()
    const seen = await Promise.all(posts.map(([post]) => soundRun(live, post, blocked)))
    return seen.flatMap((run) => {
      const at = posts.find(([post]) => post.probe === run.post.probe)?.[1] ?? 0
      const reports = reportsOf(run)
      for (const report of reports) {
        runs += 1
        const told = { ...report, run: `sample-${runs}`, startedAt: new Date(at).toISOString() }
        moments.push({ at, report: told })
        newest.set(report.probe.function, told)
      }
      const verdict = JSON.stringify(run.results.map(({ check, asExpected }) => [check, asExpected]))
      const isNew = verdicts.get(run.post.probe) !== verdict
      verdicts.set(run.post.probe, verdict)
      return isNew ? [run.post] : []
    })
  }
  const lookAtOnce = async (at: number): Promise<void> => {
    const posts = live.posts()
    const changed = await look(posts.map((post, index) => [post, at + 40 * index]))
    await look(changed.map((post, index) => [post, at + CONFIRM_MS + 500 + 40 * index]))
  }

  let from = intervalMs
  const roundsUntil = async (until: number): Promise<void> => {
    for (; from < until; from += intervalMs) {
      const posts = live.posts()
      const spread = posts.map(
        (post, index) => [post, from + Math.round((index * intervalMs) / posts.length)] as const,
      )
      await look(spread.filter(([, at]) => at < until))
      tell(`${from / 1000} s: ${posts.length} probes`)
    }
  }

  account(0)
  await lookAtOnce(0)
  for (const scene of STORY) {
    await roundsUntil(scene.at)
    const done = 'break' in scene ? await breakIt(scene.break) : await fixIt(scene.fix)
    tell(`${scene.at / 1000} s: ${done}`)
    account(scene.at + RAISE_MS)
    await lookAtOnce(scene.at + RAISE_MS)
    if ('fix' in scene && causesOf(scene.fix).length > 0)
      throw new StoryError(`${scene.fix} still fails after the fix`)
  }
  await roundsUntil(LENGTH_MS)
  return moments.toSorted((a, b) => a.at - b.at)

  async function breakIt(id: string): Promise<string> {
    await engine.break(id)
    return `break ${id}`
  }
  async function fixIt(name: string): Promise<string> {
    const fix = causesOf(name).flatMap(({ fixes }) => fixes)[0]
    if (fix === undefined) throw new StoryError(`Sonde has no fix for ${name}`)
    await engine.fix(fix.changes)
    // A function that was moved has other probes: those before it have left.
    const present = new Set(live.posts().map(({ probe }) => probe))
    for (const probe of [...newest.keys()]) if (!present.has(probe)) newest.delete(probe)
    return fix.title.en
  }
  function causesOf(name: string) {
    const reports = [...newest.values()].filter(({ probe }) => probe.workloads?.includes(name))
    const { groups } = diagnoseReports({ snapshot: live.state().snapshot, reports })
    return groups.filter(({ kind }) => kind !== 'healthy')
  }
}

/** A run that fails only where something stands in the way, and there silently, as AWS does. */
async function soundRun(live: LiveLab, post: Post, blocked: ReadonlySet<string>): Promise<PostRun> {
  for (let turn = 1; ; turn += 1) {
    const [run] = await live.probe([post])
    if (run === undefined) throw new StoryError(`${post.probe} has no place any more`)
    const odd = run.results.find(
      ({ check, outcome }) =>
        outcome !== 'ok' && (outcome !== 'connect_timeout' || !blocked.has(`${post.plan}/${check}`)),
    )
    if (run.error === null && odd === undefined) return run
    if (turn === MOST_RUNS)
      throw new StoryError(`${post.probe}: ${run.error ?? `${odd?.check} ends with ${odd?.outcome}`}`)
  }
}

function reportsOf(run: PostRun): readonly Report[] {
  return sortLines(run.lines).reports
}
