import { parsePlan } from '../../probe/plan.js'
import type { Check } from '../../probe/plan.schema.js'
import type { Model } from '../network/model.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Candidates } from './candidate.js'
import { candidatesIn } from './candidates.js'
import { readChecksTag } from './checks-tag.js'
import { tagsIn } from './found.js'
import { internetCheck } from './internet.js'
import type { PlanFile, PosturePlan } from './plan-file.schema.js'
import { type DiscoveredPosture, functionsIn, posturesOf } from './postures.js'

/** What discovery proposes. */
export interface Discovery {
  readonly postures: readonly ProposedPosture[]
  readonly file: PlanFile
  /** Places whose functions were listed: of others nothing is known, and nothing of theirs is missed. */
  readonly covered: readonly { readonly account: string | null; readonly region: string }[]
  /** Beginnings of check names (`rds:`) whose source could not be asked in full: that one is missing says nothing. */
  readonly uncertain: readonly string[]
}

export interface ProposedPosture extends DiscoveredPosture {
  readonly plan: PosturePlan
  /** What a person should know about the proposal. */
  readonly notes: readonly string[]
}

/** Answers that the names of checks hang on. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  'rds:': ['describe-db-instances', 'describe-db-clusters', 'describe-db-subnet-groups'],
  'rds-proxy:': ['describe-db-proxies'],
  'elasticache:': [
    'describe-cache-clusters',
    'describe-replication-groups',
    'describe-serverless-caches',
    'describe-cache-subnet-groups',
  ],
  'opensearch:': ['list-domain-names', 'describe-domain'],
  'service:': ['describe-vpc-endpoints'],
  internet: ['describe-route-tables', 'describe-nat-gateways'],
}

/** From a snapshot to postures and a plan for each. Pure: the same snapshot gives the same proposal, in the same order. */
export function discover(snapshot: Snapshot, model: Model): Discovery {
  const tagsOf = tagsIn(snapshot)
  const found = candidatesIn(snapshot, model, tagsOf)
  const functions = functionsIn(model, tagsOf)
  const postures = posturesOf(model, functions).flatMap((posture) => propose(posture, model, found))
  return {
    postures,
    file: { version: 1, postures: postures.map(({ plan }) => plan) },
    covered: placesCovered(snapshot, functions),
    uncertain: Object.entries(SOURCES)
      .filter(([, calls]) => calls.some((call) => isMissing(snapshot, call)))
      .map(([prefix]) => prefix),
  }
}

function propose(posture: DiscoveredPosture, model: Model, found: Candidates): ProposedPosture[] {
  const { id, account, region, vpcId, subnets, securityGroups, ipv6, functions } = posture
  const notes: string[] = []
  // Lambda takes subnets and groups only together: an answer that tells no group is cut off.
  if (securityGroups.length === 0) return []
  const inVpc = found.candidates.filter((candidate) => candidate.vpcId === vpcId).map(({ check }) => check)
  const internet = internetCheck(model, vpcId, subnets)
  if ('why' in internet) notes.push(internet.why)
  const proposals = [...inVpc, ...('check' in internet ? [internet.check] : [])].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  )
  for (const { what, why } of found.passed.filter((one) => one.vpcId === vpcId)) notes.push(`${what}: ${why}`)
  const asked = functions.map(({ name, tags }) =>
    tags.checks === null ? proposals : askedOf(name, tags.checks, proposals, notes),
  )
  const wanted = new Map<string, Check>()
  for (const check of asked.flat()) if (!wanted.has(check.name)) wanted.set(check.name, check)
  const runnable = [...wanted.values()].filter((check) => isRunnable(check, notes))
  const checks = runnable.slice(0, MAX_CHECKS)
  const left = runnable.length - checks.length
  if (left > 0)
    notes.push(
      `${left} more checks were left out, since a plan takes ${MAX_CHECKS}: choose with the tag sonde:checks`,
    )
  if (checks.length === 0) {
    checks.push({ name: 'dns', kind: 'dns', host: nameToResolve(region) })
    notes.push('nothing to check was found: its plan asks whether names are resolved at all')
  }
  const mixed = ipv6 && functions.some((one) => !one.ipv6)
  if (mixed) notes.push('some of its functions may use IPv6 and some may not: its probes may')
  const plan: PosturePlan = {
    id,
    ...(account === null ? {} : { account }),
    region,
    vpc: vpcId,
    subnets: [...subnets],
    securityGroups: [...securityGroups],
    ...(ipv6 ? { ipv6 } : {}),
    functions: functions.map(({ name }) => name),
    plan: { version: 1, checks },
  }
  return [{ ...posture, plan, notes }]
}

/** As many as a plan takes. */
const MAX_CHECKS = 1000

function askedOf(name: string, tag: string, proposals: readonly Check[], notes: string[]): readonly Check[] {
  const { names, checks, problems } = readChecksTag(tag)
  for (const problem of problems) notes.push(`sonde:checks of ${name}: ${problem}`)
  const chosen = names.flatMap((word) => {
    const exact = proposals.filter((check) => check.name === word)
    const fitting = exact.length > 0 ? exact : proposals.filter((check) => check.name.endsWith(`:${word}`))
    if (fitting.length !== 1) {
      const why =
        fitting.length === 0
          ? 'nothing of that name was found in its VPC'
          : `may mean ${fitting.map((check) => check.name).join(' or ')}`
      notes.push(`sonde:checks of ${name}: "${word}": ${why}`)
    }
    return fitting.length === 1 ? fitting : []
  })
  return [...chosen, ...checks]
}

/** By the probe's own rules: a check that would be refused must not reach the file. */
function isRunnable(check: Check, notes: string[]): boolean {
  const reading = parsePlan({ version: 1, checks: [check] })
  if (reading.ok) return true
  notes.push(`${check.name}: no check, ${reading.errors.map(({ message }) => message).join('; ')}`)
  return false
}

/** A name that every resolver of a VPC knows, whatever routes there are. */
function nameToResolve(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

/** Places whose functions were listed, by the account whose credentials asked. */
export function placesCovered(
  snapshot: Snapshot,
  functions: readonly { readonly account: string | null; readonly region: string }[],
): Discovery['covered'] {
  const listed = snapshot.documents.filter(({ call }) => call === 'list-functions').map(({ scope }) => scope)
  const regions = listed.flatMap((scope) => {
    const region = scope.split('/').at(-1) ?? ''
    return /^[a-z]{2,5}(-[a-z]+)+-[0-9]+$/.test(region)
      ? [{ account: accountOf(snapshot, scope), region }]
      : []
  })
  const seen = functions.map(({ account, region }) => ({ account, region }))
  return [...new Map([...regions, ...seen].map((one) => [`${one.account} ${one.region}`, one])).values()]
}

/** Whose credentials asked for a part of the snapshot. */
function accountOf(snapshot: Snapshot, scope: string): string | null {
  const identity = snapshot.documents.find((one) => one.call === 'get-caller-identity' && one.scope === scope)
  const body = identity?.body
  const account = typeof body === 'object' && body !== null && 'Account' in body ? body.Account : null
  return typeof account === 'string' ? account : null
}

/** Whether an answer was refused, or, of a list, is not there at all. */
function isMissing(snapshot: Snapshot, call: string): boolean {
  if (snapshot.missing.some((one) => one.call === call)) return true
  return call !== 'describe-domain' && !snapshot.documents.some((one) => one.call === call)
}
