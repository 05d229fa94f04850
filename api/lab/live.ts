import { type Account, readAccount } from '../../infra/lab/account.js'
import {
  type Post,
  type PostOptions,
  type PostRun,
  postsOf,
  runPost,
  type StandingPlan,
} from '../../infra/lab/posts.js'
import { isSlow } from '../../infra/lab/run.js'
import type { Hosts } from '../../infra/lab/services.js'
import type { Lab } from '../../infra/lab/start.js'
import type { UpReport } from '../../infra/lab/world.js'
import type { Snapshot } from '../network/snapshot.js'

/** An account and how its hosts behave beyond it: what a lab is raised from. */
export interface LabState {
  readonly snapshot: Snapshot
  readonly hosts: Hosts
}

/** A network that stays and can be changed, with probes that stand in it. */
export interface LiveLab {
  readonly state: () => LabState
  readonly up: () => UpReport
  readonly posts: () => readonly Post[]
  /**
   * Runs probes at once. They wait for a change that is under way, and those that a change interrupts run anew after it, so that none
   * sees half a network. A post that the change took away has no run.
   */
  readonly probe: (posts: readonly Post[], onRun?: (run: PostRun) => void) => Promise<readonly PostRun[]>
  /**
   * Raises another state in place of this one; probes that run are ended first. Changes happen one after the other; one that fails
   * leaves the state before it standing.
   */
  readonly change: (next: (state: LabState) => LabState) => Promise<LabState>
}

export interface LiveLabParts {
  readonly lab: Lab
  readonly state: LabState
  readonly plans: readonly StandingPlan[]
  readonly options: PostOptions
  /** Default: the time of the machine. */
  readonly clock?: () => Date
}

/** How much more time packets get at most where the machine is busy. */
const MOST_PATIENCE = 4

/** Raises the network of an account on a started lab. */
export async function openLiveLab(parts: LiveLabParts): Promise<LiveLab> {
  const { lab, plans, options, clock = () => new Date() } = parts
  const raise = async (state: LabState, takenAt: string) => {
    const snapshot = { ...state.snapshot, takenAt }
    const account: Account = readAccount(snapshot.documents)
    const posts = postsOf(account, plans)
    const up = await lab.change(snapshot.documents, state.hosts)
    return { state: { ...state, snapshot }, account, posts, up }
  }
  let current = await raise(parts.state, stampAfter(null, clock()))
  let changing: Promise<unknown> = Promise.resolve()
  let patience = 1
  const probing = new Set<Promise<PostRun>>()

  const settled = async (): Promise<void> => {
    for (let seen: unknown = null; seen !== changing; ) {
      seen = changing
      await changing
    }
  }
  const once = async (asked: Post, onRun: (run: PostRun) => void): Promise<PostRun | null> => {
    for (;;) {
      await settled()
      const post = current.posts.find((one) => one.probe === asked.probe && samePlace(one, asked))
      if (post === undefined) return null
      const timeoutMs = Math.round(options.timeoutMs * patience)
      const running = runPost(lab, current.account, post, { ...options, timeoutMs })
      probing.add(running)
      const run = await running.finally(() => probing.delete(running))
      if (run.stopped) continue
      patience = isSlow(run.results) ? Math.min(MOST_PATIENCE, patience * 2) : Math.max(1, patience * 0.9)
      onRun(run)
      return run
    }
  }

  return {
    state: () => current.state,
    up: () => current.up,
    posts: () => current.posts,
    probe: async (posts, onRun = () => undefined) =>
      (await Promise.all(posts.map((post) => once(post, onRun)))).flatMap((run) => run ?? []),
    change(next) {
      const change = changing.then(async () => {
        const before = current
        const wanted = next(before.state)
        await lab.stopProbes()
        await Promise.allSettled(probing)
        const { takenAt } = before.state.snapshot
        try {
          current = await raise(wanted, stampAfter(takenAt, clock()))
        } catch (error) {
          current = await raise(before.state, stampAfter(takenAt, clock()))
          throw error
        }
        return current.state
      })
      changing = change.catch(() => undefined)
      return change
    },
  }
}

function samePlace(a: Post, b: Post): boolean {
  return a.at.namespace === b.at.namespace && a.at.subnetId === b.at.subnetId
}

/** The time of a state, in a second of its own: versions of a snapshot are told apart and ordered by that. */
function stampAfter(before: string | null, now: Date): string {
  const second = before === null ? 0 : Math.floor(Date.parse(before) / 1000) + 1
  return new Date(Math.max(now.getTime(), second * 1000)).toISOString()
}
