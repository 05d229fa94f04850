import { buildModel, type Model, trace } from '../../../api/network/index.js'
import type { Verdict } from '../../../api/network/path.js'
import type { Snapshot } from '../../../api/network/snapshot.js'
import { TraceInputError } from '../../../api/network/trace.js'
import { readAccount } from '../account.js'
import type { FlowTry } from '../flow.js'
import { namesIn, publicAddresses, serviceRanges } from '../names.js'
import type { Lab } from '../start.js'
import { type Draft, OUTSIDE, OUTSIDE6, PORTS, REGION } from './draft.js'
import { generate, SERVICES } from './generate.js'
import { asSnapshot, type Files, print } from './print.js'
import { serviceHost } from './print-workloads.js'
import { type Random, randomOf } from './random.js'
import { shrink } from './shrink.js'

/** A flow of the fuzz: from an interface's address to any address. */
export interface FuzzFlow extends FlowTry {
  readonly eni: string
  /** Where the question is for a service by its name: `to` is then what the name leads to from there. */
  readonly service?: string
}

/** Where trace and kernel say different things. */
export interface Disagreement {
  readonly seed: number
  readonly flow: FuzzFlow
  readonly trace: Verdict
  readonly codes: readonly string[]
  readonly tracedAs: string | null
  /** The address under which the target saw the caller; null where no packet came back. */
  readonly kernel: string | null
  readonly files: Files
  readonly draft: Draft
}

export interface FuzzTally {
  readonly networks: number
  readonly flows: number
  readonly reachable: number
  readonly unreachable: number
  readonly unknown: number
  /** Of the reachable ones, those that asked for a service by its name. */
  readonly byName: number
  /** Of the reachable ones, those that a load balancer sent on. */
  readonly balanced: number
  readonly disagreements: readonly Disagreement[]
}

export interface FuzzOptions {
  readonly seed: number
  /** Flows in all. */
  readonly count: number
  readonly perNetwork: number
  readonly progress?: (tally: FuzzTally) => void
}

const TIMEOUT_MS = 500
/** A second look at what the trace calls open and no packet got through: the machine may just have been busy. */
const PATIENT_MS = 4000

/** Random networks and flows, each judged by the trace and by the kernel. */
export async function fuzz(lab: Lab, options: FuzzOptions): Promise<FuzzTally> {
  let tally: FuzzTally = {
    networks: 0,
    flows: 0,
    reachable: 0,
    unreachable: 0,
    unknown: 0,
    byName: 0,
    balanced: 0,
    disagreements: [],
  }
  for (let seed = options.seed; tally.flows < options.count; seed += 1) {
    const wanted = Math.min(options.perNetwork, options.count - tally.flows)
    const random = randomOf(seed)
    const draft = generate(random)
    const flows = makeFlows(random, draft, wanted)
    const one = await compare(lab, seed, draft, flows)
    tally = {
      networks: tally.networks + 1,
      flows: tally.flows + one.reachable + one.unreachable + one.unknown,
      reachable: tally.reachable + one.reachable,
      unreachable: tally.unreachable + one.unreachable,
      unknown: tally.unknown + one.unknown,
      byName: tally.byName + one.byName,
      balanced: tally.balanced + one.balanced,
      disagreements: [...tally.disagreements, ...one.disagreements],
    }
    options.progress?.(tally)
  }
  return tally
}

/** Judges flows on one network by both. */
async function compare(
  lab: Lab,
  seed: number,
  draft: Draft,
  asked: readonly FuzzFlow[],
): Promise<Omit<FuzzTally, 'networks' | 'flows'>> {
  const files = print(draft)
  const snapshot = asSnapshot(files)
  const flows = asked.flatMap((flow) => named(snapshot, flow) ?? [])
  const { model } = buildModel(snapshot)
  const traced = flows.map((flow) => judge(model, flow))
  await lab.echo(snapshot.documents)
  const seen = await tryAll(lab, flows, TIMEOUT_MS)
  const doubtful = flows.filter(
    (flow, index) => traced[index]?.verdict === 'reachable' && seen.get(flow) === null,
  )
  const again = doubtful.length === 0 ? seen : await tryAll(lab, doubtful, PATIENT_MS)
  const disagreements: Disagreement[] = []
  flows.forEach((flow, index) => {
    const judged = traced[index]
    if (judged === undefined || judged.verdict === 'unknown') return
    const kernel = again.get(flow) ?? seen.get(flow) ?? null
    const agrees = (kernel !== null) === (judged.verdict === 'reachable')
    const sameFace = kernel === null || isFace(draft, flow, judged.seenAs, kernel)
    if (agrees && sameFace) return
    disagreements.push({
      seed,
      flow,
      trace: judged.verdict,
      codes: judged.codes,
      tracedAs: judged.seenAs,
      kernel,
      files,
      draft,
    })
  })
  const open = flows.filter((_, index) => traced[index]?.verdict === 'reachable')
  const balancing = new Set(draft.balancers.flatMap(({ enis }) => enis))
  const addresses = new Set(draft.enis.filter(({ id }) => balancing.has(id)).map(({ address }) => address))
  const count = (verdict: Verdict) => traced.filter((one) => one.verdict === verdict).length
  return {
    reachable: count('reachable'),
    unreachable: count('unreachable'),
    unknown: count('unknown'),
    byName: open.filter(({ service }) => service !== undefined).length,
    balanced: open.filter(({ to }) => addresses.has(to)).length,
    disagreements,
  }
}

/** Whether the target saw whom it should: behind a load balancer that doesn't keep its clients' addresses, the load balancer. */
function isFace(draft: Draft, { to }: FuzzFlow, tracedAs: string | null, kernel: string): boolean {
  const at = draft.enis.find(({ address }) => address === to)?.id
  const balancer = draft.balancers.find(({ enis }) => at !== undefined && enis.includes(at))
  if (balancer !== undefined) return balancer.preserves !== (kernel === to)
  return tracedAs === null || tracedAs === kernel
}

/** The same disagreement in the smallest network that still has it. */
export async function shrunk(lab: Lab, found: Disagreement): Promise<Disagreement> {
  let smallest = found
  await shrink(found.draft, async (draft) => {
    const [own] = await disagreementsIn(lab, found, draft)
    if (own === undefined || own.trace !== found.trace || (own.kernel === null) !== (found.kernel === null))
      return false
    smallest = own
    return true
  })
  return smallest
}

/** A network from which something was taken may no longer have what the flow asks for. */
async function disagreementsIn(
  lab: Lab,
  { seed, flow }: Disagreement,
  draft: Draft,
): Promise<readonly Disagreement[]> {
  try {
    return (await compare(lab, seed, draft, [flow])).disagreements
  } catch (error) {
    if (error instanceof TraceInputError || error instanceof RangeError) return []
    throw error
  }
}

/** What trace and kernel say of one flow in a network that is given as it is; null where they agree. */
export async function disagreement(
  lab: Lab,
  snapshot: Snapshot,
  asked: FuzzFlow,
): Promise<{ trace: Verdict; codes: readonly string[]; kernel: string | null } | null> {
  const flow = named(snapshot, asked)
  if (flow === null) throw new RangeError(`${asked.service} leads to more than one address`)
  const judged = judge(buildModel(snapshot).model, flow)
  await lab.echo(snapshot.documents)
  const kernel = (await tryAll(lab, [flow], PATIENT_MS)).get(flow) ?? null
  const agrees = judged.verdict === 'unknown' || (kernel !== null) === (judged.verdict === 'reachable')
  const sameFace = kernel === null || judged.seenAs === null || judged.seenAs === kernel
  return agrees && sameFace ? null : { trace: judged.verdict, codes: judged.codes, kernel }
}

/**
 * The flow with the address that its service's name has in the VPC from which it starts. Null where there are several: the trace
 * speaks of all of them, and a packet goes to one.
 */
function named(snapshot: Snapshot, flow: FuzzFlow): FuzzFlow | null {
  if (flow.service === undefined) return flow
  const account = readAccount(snapshot.documents)
  const vpcId = account.enis.find((eni) => eni.id === flow.eni)?.vpcId
  const names = namesIn(account, account.vpcs.find((vpc) => vpc.id === vpcId) ?? null)
  const host = serviceHost(flow.service)
  const addresses = names.get(host) ?? publicAddresses(serviceRanges(account), host) ?? []
  const [to] = addresses
  return to === undefined || addresses.length > 1 ? null : { ...flow, to }
}

function judge(model: Model, flow: FuzzFlow) {
  const result = trace(
    model,
    { kind: 'eni', id: flow.eni, address: flow.from },
    flow.service === undefined
      ? { kind: 'address', address: flow.to }
      : { kind: 'service', service: flow.service, region: REGION },
    { protocol: flow.protocol, port: flow.port, sourcePort: flow.sourcePort },
  )
  return {
    verdict: result.verdict,
    codes: result.blockers.map(({ code, component, direction }) => `${direction} ${code} ${component}`),
    seenAs: result.seenAs,
  }
}

async function tryAll(
  lab: Lab,
  flows: readonly FuzzFlow[],
  timeoutMs: number,
): Promise<ReadonlyMap<FuzzFlow, string | null>> {
  const byEni = new Map<string, FuzzFlow[]>()
  for (const flow of flows) byEni.set(flow.eni, [...(byEni.get(flow.eni) ?? []), flow])
  const parts = await Promise.all(
    [...byEni].map(async ([eni, own]) => {
      const results = await lab.tryFlows(eni, own, timeoutMs)
      return own.map((flow, index) => [flow, results[index]?.seenAs ?? null] as const)
    }),
  )
  return new Map(parts.flat())
}

/** Flows between interfaces, to their public addresses, and out; every one with a source port of its own. */
function makeFlows(random: Random, draft: Draft, count: number): readonly FuzzFlow[] {
  const targets = draft.enis.filter((eni) => eni.nat === null)
  // An endpoint only answers.
  const hosts = targets.filter((eni) => eni.made === undefined)
  const flows: FuzzFlow[] = []
  while (flows.length < count) {
    const from = random.pick(hosts)
    const six = from.address6 !== null && random.chance(0.3)
    const others = targets.filter((eni) => eni.id !== from.id)
    const inside = others.map((eni) => (six ? eni.address6 : eni.address))
    const publics = six ? [] : others.map((eni) => eni.publicAddress)
    const outside = six ? OUTSIDE6 : OUTSIDE
    const [to] = [
      random.pick(random.chance(0.55) ? inside : random.chance(0.3) ? [...publics, ...outside] : outside),
    ]
    if (to === null) continue
    const at = draft.enis.find((eni) => eni.address === to)?.id ?? ''
    const balancer = draft.balancers.find(({ enis }) => enis.includes(at))
    // Most that come to a load balancer come to its listener.
    const meant = balancer !== undefined && random.chance(0.75) ? balancer.listener : null
    const byName = !six && random.chance(0.1) ? { service: random.pick(SERVICES) } : {}
    flows.push({
      eni: from.id,
      from: six ? (from.address6 ?? '') : from.address,
      to,
      ...byName,
      protocol: random.chance(meant?.protocol === 'UDP' ? 0.1 : 0.75) ? 'tcp' : 'udp',
      port: meant?.port ?? random.pick(PORTS),
      // Below are the ports that are called: a reply must never look like a call.
      sourcePort: 20_000 + flows.length,
    })
  }
  return flows
}
