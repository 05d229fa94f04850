import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command, Service } from './agent.js'
import { balancerOf, balancerRelay } from './balancers.js'
import { build, demolish, NETNS, run } from './build.js'
import type { Authority } from './certificates.js'
import type { LabDocument } from './documents.js'
import type { FlowTry } from './flow.js'
import { INTERNET, type Layout, namespaceOf, servicesOf } from './layout.js'
import { layOut } from './network.js'
import { type Hosts, servicesFor, type TargetKind } from './services.js'
import { applyUpdates, updatesBetween } from './update.js'

/** What the parent asks of the world; each line of JSON is answered by one. */
export type Order =
  /** `change` makes the network out of the one that stands where that is possible, and else anew, as `up` does. */
  | {
      readonly id: number
      readonly do: 'up' | 'change'
      readonly documents: readonly LabDocument[]
      readonly hosts: Hosts
      /** What anybody will ask for: each is a process more. */
      readonly targets: readonly TargetKind[]
    }
  /** Like `up`, with a target that answers on every port of every interface in place of real services. */
  | { readonly id: number; readonly do: 'echo'; readonly documents: readonly LabDocument[] }
  | {
      readonly id: number
      readonly do: 'probe'
      readonly namespace: string
      readonly plan: unknown
      readonly env: Readonly<Record<string, string>>
    }
  /** Ends the probes that run; each is answered with what it printed so far, and `stopped`. */
  | { readonly id: number; readonly do: 'stop-probes' }
  | {
      readonly id: number
      readonly do: 'try'
      readonly namespace: string
      readonly flows: readonly FlowTry[]
      readonly timeoutMs: number
    }

export interface UpReport {
  readonly namespaces: readonly string[]
  readonly ms: number
  readonly unsupported: Readonly<Record<string, string>>
}

export interface ProbeReport {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  /** It was ended by `stop-probes`: what it saw is worth nothing. */
  readonly stopped: boolean
}

const FILES = '/run/lab'
const ROOTS = 'rds-ca.pem'
const ECHO_PORT = 7

interface Agent {
  readonly process: ChildProcess
  ask(command: WithoutId<Command>): Promise<unknown>
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never

interface World {
  layout: Layout | null
  /** The authority whose certificates are shown, and the names that they are for. */
  authority: (Authority & { readonly names: readonly string[] }) | null
  /** What the agents serve, by namespace: their services as JSON. */
  readonly served: Map<string, string>
  readonly agents: Map<string, Agent>
  readonly probes: Set<ChildProcess>
}

/**
 * The first process of the lab's namespaces. It makes and remakes the network as it is told, and ends with its stdin: with it, the
 * kernel ends every process and namespace of the lab, whatever became of the parent.
 */
export async function runWorld(): Promise<void> {
  const world: World = {
    layout: null,
    authority: null,
    served: new Map(),
    agents: new Map(),
    probes: new Set(),
  }
  await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
  for (const folder of [NETNS, FILES]) mkdirSync(folder, { recursive: true })
  const lines = createInterface({ input: process.stdin })
  lines.on('close', () => process.exit(0))
  lines.on('line', (line) => {
    const order: Order = JSON.parse(line)
    obey(world, order).then(
      (result) => tell({ id: order.id, result }),
      (error: unknown) =>
        tell({ id: order.id, error: error instanceof Error ? error.message : String(error) }),
    )
  })
  tell({ ready: true })
}

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

async function obey(world: World, order: Order): Promise<unknown> {
  switch (order.do) {
    case 'up':
      return raise(world, order.documents, (layout) => serveAll(world, layout, order.hosts, order.targets))
    case 'change':
      return change(world, order.documents, order.hosts, order.targets)
    case 'echo':
      return raise(world, order.documents, (layout) => echoAll(world, layout), true)
    case 'probe':
      return probe(world, order.namespace, order.plan, order.env)
    case 'stop-probes':
      for (const child of world.probes) child.kill('SIGKILL')
      return null
    case 'try':
      return agentOf(world, order.namespace).ask({
        do: 'try',
        flows: order.flows,
        timeoutMs: order.timeoutMs,
      })
  }
}

async function raise(
  world: World,
  documents: readonly LabDocument[],
  serve: (layout: Layout) => Promise<void>,
  everyPort = false,
): Promise<UpReport> {
  const started = performance.now()
  await clear(world)
  const layout = layOut(documents)
  world.layout = layout
  if (everyPort) for (const name of echoPlaces(layout)) redirectAll(layout, name)
  await build(layout)
  await serve(layout)
  return reportOf(layout, started)
}

/** New routes and filters in the network that stands, and new servers where they serve something else. */
async function change(
  world: World,
  documents: readonly LabDocument[],
  hosts: Hosts,
  targets: readonly TargetKind[],
): Promise<UpReport> {
  const started = performance.now()
  const anew = () => raise(world, documents, (layout) => serveAll(world, layout, hosts, targets))
  const layout = layOut(documents)
  const updates = world.layout === null ? null : updatesBetween(world.layout, layout)
  if (updates === null) return anew()
  try {
    await applyUpdates(updates)
  } catch {
    return anew()
  }
  world.layout = layout
  await serveAll(world, layout, hosts, targets)
  return reportOf(layout, started)
}

function reportOf(layout: Layout, started: number): UpReport {
  return {
    namespaces: [...layout.namespaces.keys()],
    ms: Math.round(performance.now() - started),
    unsupported: Object.fromEntries(layout.unsupported),
  }
}

async function clear(world: World): Promise<void> {
  await Promise.all([...world.agents.values()].map((agent) => stop(agent.process)))
  world.agents.clear()
  world.served.clear()
  await demolish([...(world.layout?.namespaces.keys() ?? [])])
  world.layout = null
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

async function serveAll(
  world: World,
  layout: Layout,
  hosts: Hosts,
  targets: readonly TargetKind[],
): Promise<void> {
  const { identities } = await authorityFor(world, layout)
  const all = servicesFor(layout, identities, hosts, targets)
  const names = new Set([...all.keys(), ...world.served.keys()])
  await Promise.all([...names].map((name) => serveAgain(world, name, all.get(name) ?? [])))
}

/** The authority stays as long as the names do: else every server would have to be started again for a new certificate. */
async function authorityFor(world: World, layout: Layout): Promise<Authority> {
  // Agents run this file too, and have no use for a certificate authority.
  const { certifiedNames, createAuthority } = await import('./certificates.js')
  const names = certifiedNames(layout.account)
  const there = world.authority
  if (there !== null && names.every((name) => there.names.includes(name))) return there
  world.authority = { ...(await createAuthority(names, new Date())), names }
  writeFileSync(join(FILES, ROOTS), world.authority.roots)
  return world.authority
}

/** An agent serves one set of services in its life; another set is another agent's. */
async function serveAgain(world: World, name: string, services: readonly Service[]): Promise<void> {
  const wanted = JSON.stringify(services)
  if (world.served.get(name) === wanted) return
  const there = world.agents.get(name)
  world.agents.delete(name)
  world.served.delete(name)
  if (there !== undefined) await stop(there.process)
  if (services.length === 0) return
  world.served.set(name, wanted)
  await serve(world, name, services)
}

function echoPlaces(layout: Layout): readonly string[] {
  return [
    INTERNET,
    ...layout.account.vpcs
      .map((vpc) => servicesOf(layout, vpc.id))
      .filter((name) => layout.namespaces.has(name)),
    ...layout.account.enis
      .filter((eni) => eni.type !== 'nat_gateway' && balancerOf(layout.account, eni) === undefined)
      .map(namespaceOf),
  ]
}

async function echoAll(world: World, layout: Layout): Promise<void> {
  const { account } = layout
  await Promise.all([
    ...echoPlaces(layout).map((name) => serve(world, name, [{ kind: 'echo', port: ECHO_PORT }])),
    ...account.enis.map(async (eni) => {
      const balancer = balancerOf(account, eni)
      const relay = balancer === undefined ? null : balancerRelay(account, balancer, eni)
      if (relay !== null) await serve(world, namespaceOf(eni), [relay])
    }),
  ])
}

/** Something listens on every port: what comes in for any goes to the one server, after the filters have judged it. */
function redirectAll(layout: Layout, name: string): void {
  layout.namespaces
    .get(name)
    ?.nft.push(
      'table inet everyport {',
      '  chain gather {',
      '    type nat hook prerouting priority dstnat; policy accept;',
      `    iifname != "lo" fib daddr type local meta l4proto { tcp, udp } redirect to :${ECHO_PORT}`,
      '  }',
      '}',
    )
}

async function serve(world: World, name: string, services: readonly Service[]): Promise<void> {
  await agentOf(world, name).ask({ do: 'serve', services })
}

/** This very program, which is started again in other namespaces. */
function program(): string {
  return process.argv[1] ?? ''
}

/** The agent of a namespace, started on first use. */
function agentOf(world: World, name: string): Agent {
  const there = world.agents.get(name)
  if (there !== undefined) return there
  const child = spawn('nsenter', [`--net=${NETNS}/${name}`, process.execPath, program(), 'agent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (line: { result?: unknown; error?: string }) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: { id: number; result?: unknown; error?: string } = JSON.parse(line)
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.stdin.on('error', () => undefined)
  child.once('exit', () => {
    for (const settle of waiting.values()) settle({ error: `the agent of ${name} ended` })
    waiting.clear()
  })
  let last = 0
  const agent: Agent = {
    process: child,
    ask: (command) =>
      new Promise((resolve, reject) => {
        last += 1
        waiting.set(last, ({ result, error }) =>
          error === undefined ? resolve(result) : reject(new Error(error)),
        )
        child.stdin.write(`${JSON.stringify({ ...command, id: last })}\n`)
      }),
  }
  world.agents.set(name, agent)
  return agent
}

const PROBE_RUNNER =
  'require(process.argv[1]).handler(JSON.parse(process.argv[2])).catch((error) => { console.error(error.message); process.exitCode = 1 })'

/** Runs the probe's bundle as Lambda would, from a namespace: event in, report lines out on stdout, environment and nothing else. */
function probe(
  world: World,
  name: string,
  plan: unknown,
  env: Readonly<Record<string, string>>,
): Promise<ProbeReport> {
  const bundle = join(dirname(program()), 'probe/index.cjs')
  const args = [
    `--net=${NETNS}/${name}`,
    process.execPath,
    '-e',
    PROBE_RUNNER,
    bundle,
    JSON.stringify({ plan }),
  ]
  return new Promise((resolve, reject) => {
    const child = spawn('nsenter', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        NODE_EXTRA_CA_CERTS: join(FILES, ROOTS),
        SONDE_ASSETS: FILES,
        ...env,
      },
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    world.probes.add(child)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      world.probes.delete(child)
      const said = { stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
      resolve({ ...said, code, stopped: signal === 'SIGKILL' })
    })
  })
}
