import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { LabDocument } from './documents.js'
import type { FlowResult, FlowTry } from './flow.js'
import { EVERY_TARGET, type Hosts, type TargetKind } from './services.js'
import type { Order, ProbeReport, UpReport } from './world.js'

/** This machine can't have a lab: one sentence that says what is missing and what would help. */
export class LabUnavailable extends Error {
  override readonly name = 'LabUnavailable'
}

/** A running world of namespaces; `end` leaves nothing of it. */
export interface Lab {
  /** Process id of the world's first process, for `nsenter`. */
  readonly pid: number
  /** Makes the network of a snapshot, in place of the one before. */
  up(documents: readonly LabDocument[], hosts?: Hosts, targets?: readonly TargetKind[]): Promise<UpReport>
  /** The same out of the network that stands: by new routes and filters alone where that is possible. */
  change(documents: readonly LabDocument[], hosts?: Hosts, targets?: readonly TargetKind[]): Promise<UpReport>
  /** The same, with an echo on every port of every interface. */
  echo(documents: readonly LabDocument[]): Promise<UpReport>
  /** Runs the probe's bundle from a namespace. */
  probe(namespace: string, plan: unknown, env: Readonly<Record<string, string>>): Promise<ProbeReport>
  /** Ends the probes that run now; what they reported is marked as `stopped`. */
  stopProbes(): Promise<void>
  /** Tries flows from a namespace, all at once. */
  tryFlows(namespace: string, flows: readonly FlowTry[], timeoutMs: number): Promise<readonly FlowResult[]>
  /** Resolves when the kernel has ended every process of it. */
  end(): Promise<void>
}

/** A world that doesn't end by itself in this time is killed. */
const END_MS = 10_000

const TOOLS = [
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
] as const

const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` }
const OWN = ['--net', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc']

/**
 * How to enter namespaces of one's own here: as whatever user where the kernel lets users have them, else as root.
 * @throws {LabUnavailable}
 */
export function entrance(): readonly string[] {
  if (process.platform !== 'linux')
    throw new LabUnavailable(`the lab is made of Linux namespaces, and this is ${process.platform}`)
  const missing = TOOLS.filter(([tool]) => spawnSync(tool, ['--version'], { env: ENV }).error !== undefined)
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
    throw new LabUnavailable(
      `the lab needs ${missing.map(([tool]) => tool).join(' and ')}: install ${packages} (Debian: apt-get install -y ${packages})`,
    )
  }
  const ways = [['--user', '--map-root-user'], ...(process.getuid?.() === 0 ? [[]] : [])]
  const tried =
    'mount -t tmpfs tmpfs /run && ip link add name lab0 type veth peer name lab1 && nft add table inet t'
  const failures: string[] = []
  for (const way of ways) {
    const { status, stderr } = spawnSync('unshare', [...way, ...OWN, 'sh', '-c', tried], { env: ENV })
    if (status === 0) return [...way, ...OWN]
    failures.push(String(stderr).trim().split('\n')[0] ?? '')
  }
  throw new LabUnavailable(
    `the lab needs network namespaces, and this kernel or container refuses them (${failures.join('; ')}): run as root, allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or start the container with --privileged`,
  )
}

/**
 * Starts a world. `program` is the built `dist/lab.js`, with the probe's bundle beside it in `probe/`.
 * @throws {LabUnavailable}
 */
export async function startLab(program: string): Promise<Lab> {
  if (!existsSync(program)) throw new LabUnavailable(`${program} is not built: run npm run build`)
  const child = spawn('unshare', [...entrance(), process.execPath, program, 'world'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: ENV,
    // Out of the terminal's process group: Ctrl-C is for the one who started the lab, who then ends it.
    detached: true,
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdin.on('error', () => undefined)
  const link = converse(child, () => Buffer.concat(said).toString().trim())
  await link.ready
  return {
    pid: worldPid(child),
    up: (documents, hosts = {}, targets = EVERY_TARGET) =>
      link.order<UpReport>({ do: 'up', documents, hosts, targets }),
    change: (documents, hosts = {}, targets = EVERY_TARGET) =>
      link.order<UpReport>({ do: 'change', documents, hosts, targets }),
    echo: (documents) => link.order<UpReport>({ do: 'echo', documents }),
    probe: (namespace, plan, env) => link.order<ProbeReport>({ do: 'probe', namespace, plan, env }),
    stopProbes: () => link.order<null>({ do: 'stop-probes' }).then(() => undefined),
    tryFlows: (namespace, flows, timeoutMs) =>
      link.order<readonly FlowResult[]>({ do: 'try', namespace, flows, timeoutMs }),
    end: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        const kill = setTimeout(() => child.kill('SIGKILL'), END_MS)
        child.once('close', () => {
          clearTimeout(kill)
          resolve()
        })
        child.stdin.end()
      }),
  }
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
interface Line {
  readonly ready?: boolean
  readonly id?: number
  readonly result?: unknown
  readonly error?: string
}

function converse(child: ChildProcess, said: () => string) {
  const waiting = new Map<number, (line: Line) => void>()
  let last = 0
  let greet: (failure: Error | null) => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    greet = (failure) => (failure === null ? resolve() : reject(failure))
  })
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: Line = JSON.parse(text)
      if (line.ready === true) greet(null)
      if (line.id === undefined) return
      waiting.get(line.id)?.(line)
      waiting.delete(line.id)
    })
  }
  const fail = (message: string) => {
    greet(new LabUnavailable(message))
    for (const settle of waiting.values()) settle({ error: message })
    waiting.clear()
  }
  child.once('error', (error) => fail(error.message))
  child.once('close', () => fail(`the lab ended: ${said() || 'without a word'}`))
  return {
    ready,
    /** The world is this program's own: its answer has the type of its order. */
    order: <T>(order: WithoutId<Order>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        last += 1
        waiting.set(last, (line) => {
          if (line.error === undefined) resolve(line.result as T)
          else reject(new Error(line.error))
        })
        child.stdin?.write(`${JSON.stringify({ ...order, id: last })}\n`)
      }),
  }
}

/** `unshare --fork` stands between: the world is its one child. */
function worldPid(child: ChildProcess): number {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { env: ENV })
  return Number(String(stdout).trim().split('\n')[0])
}
