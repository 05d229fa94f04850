import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Change } from '../../api/diagnosis/diagnosis.js'
import { type LabState, openLiveLab } from '../../api/lab/live.js'
import { watchLab } from '../../api/lab/watch.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { rotatingLog } from '../../api/sample/log.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { readLabFolder } from '../../infra/lab/folder.js'
import type { PostRun } from '../../infra/lab/posts.js'
import { startLab } from '../../infra/lab/start.js'
import { sonde } from './built.js'

/** A check of a function from one of its subnets, as the API tells it. */
export interface DiagnosisItem {
  readonly check: string
  readonly subnet: string | null
  readonly outcome: string
  readonly diagnosis: {
    readonly kind: string
    readonly cause: { readonly code: string; readonly component: string | null } | null
    readonly fixes: readonly { readonly changes: readonly Change[] }[]
  }
}

/** The sample's account as a live network, and a server that knows of it only what a log and an inventory tell. */
export interface LiveAccount {
  /** The account without any fault. */
  readonly sound: LabState
  /** Changes the network, and hands the server the new configuration as soon as it stands. */
  readonly change: (next: (state: LabState) => LabState) => Promise<void>
  /** Runs every probe at once, beside their interval. */
  readonly lookNow: () => Promise<void>
  /** By HTTP. */
  readonly itemsOf: (functionName: string) => Promise<readonly DiagnosisItem[]>
  /** By HTTP: the function's status. */
  readonly statusOf: (functionName: string) => Promise<string>
}

export interface LiveAccountOptions {
  readonly intervalMs: number
  /** Of one check, tried once. */
  readonly timeoutMs: number
  /** Whose probes run, by the names of the sample's plans. */
  readonly plans: readonly string[]
  readonly onRun?: (run: PostRun) => void
}

const POLL_MS = 100

/** Asks again and again until it holds. @throws {Error} with the given words where it doesn't within the time */
export async function eventually(
  holds: () => Promise<boolean>,
  otherwise: () => string,
  mostMs = 120_000,
): Promise<void> {
  const end = performance.now() + mostMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(otherwise())
    await sleep(POLL_MS)
  }
}

/**
 * Raises the sample's account, without its faults, with its probes on their interval. What they print goes to a log file, and
 * `sonde serve`, in a process of its own, follows it. Needs the built program in dist/, and a machine that can have a lab.
 */
export async function startLiveAccount(
  t: Pick<Test, 'teardown'>,
  { intervalMs, timeoutMs, plans: wanted, onRun = () => undefined }: LiveAccountOptions,
): Promise<LiveAccount> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-live-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const config = join(folder, 'sonde.json')
  await writeFile(
    config,
    JSON.stringify({ data: join(folder, 'data'), sources: { folders: [{ path: logs }] } }),
  )
  const served = sonde(t, ['serve', '--port', '0', '--no-sample', '--config', config])
  const url = await addressOf(served)

  const sample = join(process.cwd(), 'infra/lab/sample')
  const { plans, hosts } = readLabFolder(sample)
  const { snapshot } = await readSnapshot(join(sample, 'snapshot'))
  const lab = await startLab(join(process.cwd(), 'dist/lab.js'))
  t.teardown(() => lab.end())
  const sound = { snapshot, hosts }
  const chosen = plans.filter(({ name }) => wanted.includes(name))
  const live = await openLiveLab({ lab, state: sound, plans: chosen, options: { timeoutMs, intervalMs } })
  await keep(url, live.state().snapshot)
  const log = await rotatingLog(join(logs, 'probes.log'))
  const watch = watchLab(live, {
    intervalMs,
    confirmMs: 1000,
    onRun: (run) => {
      log.write(Buffer.from(run.lines.map((line) => `${line}\n`).join('')))
      onRun(run)
    },
    onError: (error) => {
      throw error
    },
  })
  t.teardown(async () => {
    await watch.stop()
    await log.end()
  })
  const read = async (path: string) => {
    const response = await fetch(`${url}${path}`)
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    // Before its first report nobody knows the function.
    if (response.status === 404) return {}
    throw new Error(`${path}: ${text}`)
  }
  return {
    sound,
    change: async (next) => {
      await live.change(next)
      await keep(url, live.state().snapshot)
    },
    lookNow: () => watch.now(),
    itemsOf: async (name) => (await read(`/v1/functions/${name}/diagnosis`)).items ?? [],
    statusOf: async (name) => (await read(`/v1/functions/${name}`)).status ?? 'unknown',
  }
}

async function addressOf({ child, output }: ReturnType<typeof sonde>): Promise<string> {
  for (;;) {
    const url = /"url":"([^"]+)"/.exec(output())?.[1]
    if (url !== undefined) return url
    if (child.exitCode !== null) throw new Error(`the server ended: ${output()}`)
    await sleep(50)
  }
}

async function keep(url: string, { takenAt, documents }: Snapshot): Promise<void> {
  const manifest = { version: 1, takenAt, regions: [], accounts: [], missing: [] }
  const files = Object.fromEntries(documents.map(({ file, body }) => [file, body]))
  const response = await fetch(`${url}/v1/snapshots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ files: { ...files, 'snapshot.json': manifest } }),
  })
  if (!response.ok) throw new Error(`the server refuses the snapshot: ${await response.text()}`)
}
