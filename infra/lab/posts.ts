import type { Result } from '../../probe/report.schema.js'
import type { Account } from './account.js'
import { listed, records, text } from './documents.js'
import { probeEnvironment, resultsOf } from './plan.js'
import { functionNames, type Standpoint, standpointsOf } from './standpoints.js'
import type { Lab } from './start.js'

/** What the probes of some functions try, wherever those functions stand. */
export interface StandingPlan {
  /** Part of the probes' names. */
  readonly name: string
  /** Functions; or one interface or instance of the snapshot. */
  readonly sources: readonly string[]
  /** Checks as in a probe's plan. */
  readonly checks: readonly Readonly<Record<string, unknown>>[]
}

/** One probe at its place: it speaks for every function of its plan that stands there. */
export interface Post {
  /** The name of the probe's own function. */
  readonly probe: string
  /** The plan's name. */
  readonly plan: string
  readonly sources: readonly string[]
  readonly at: Standpoint
  readonly checks: StandingPlan['checks']
}

/** What a post's probe printed and what it saw; `error` says why it saw nothing. */
export interface PostRun {
  readonly post: Post
  /** Report lines as printed. */
  readonly lines: readonly string[]
  readonly results: readonly Result[]
  readonly error: string | null
  readonly ms: number
  /** It was ended before it could finish, and saw nothing. */
  readonly stopped: boolean
}

/** How long a packet may take, and how often the probe is said to be called. */
export interface PostOptions {
  readonly timeoutMs: number
  readonly intervalMs: number
}

/**
 * Where the probes of the plans stand in an account: one for each subnet of a plan's functions, and one for each function outside of any
 * VPC. A function that Lambda could not start stands nowhere.
 * @throws {LabInputError} where a plan names what the account lacks
 */
export function postsOf(account: Account, plans: readonly StandingPlan[]): readonly Post[] {
  return plans.flatMap(({ name, sources, checks }) => {
    const posts = new Map<string, Post>()
    for (const source of sources) {
      for (const at of standpointsOf(account, source)) {
        const place = at.subnetId === null ? source : at.namespace
        const there = posts.get(place)
        const probe = ['sonde', name, ...(at.subnetId === null ? [] : [subnetName(account, at.subnetId)])]
        posts.set(place, {
          probe: probe.join('-'),
          plan: name,
          sources: [...(there?.sources ?? []), source],
          at,
          checks,
        })
      }
    }
    return [...posts.values()]
  })
}

/** Runs a post's probe once. Never rejects for what the probe did: that is told in `error`. */
export async function runPost(
  lab: Pick<Lab, 'probe'>,
  account: Account,
  post: Post,
  options: PostOptions,
): Promise<PostRun> {
  const plan = { version: 1, timeoutMs: options.timeoutMs, attempts: 1, checks: post.checks }
  const functions = new Set(functionNames(account))
  const env = {
    ...probeEnvironment(account, post.sources[0] ?? '', post.at),
    AWS_LAMBDA_FUNCTION_NAME: post.probe,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    SONDE_ACCOUNT: account.vpcs[0]?.ownerId ?? '',
    SONDE_WORKLOADS: post.sources.filter((one) => functions.has(one)).join(),
    SONDE_INTERVAL_MS: String(options.intervalMs),
  }
  const started = performance.now()
  const report = await lab.probe(post.at.namespace, plan, env)
  const lines = report.stdout.split('\n').filter((line) => line !== '')
  const run = { post, lines, ms: performance.now() - started, stopped: report.stopped }
  if (report.stopped) return { ...run, lines: [], results: [], error: 'the probe was ended' }
  try {
    return { ...run, results: resultsOf(report), error: null }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { ...run, results: [], error: error.message }
  }
}

/** The subnet's Name tag, as far as it can be part of a function's name; its id where it has none. */
function subnetName(account: Account, subnetId: string): string {
  const raw = listed(account.documents, 'describe-subnets', 'Subnets').find(
    (one) => text(one, 'SubnetId') === subnetId,
  )
  const tag = records(raw, 'Tags').find((one) => text(one, 'Key') === 'Name')
  const name = text(tag, 'Value')
  return /^[\w-]{1,40}$/.test(name) ? name : subnetId
}
