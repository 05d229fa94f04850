import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { isBuilt } from '../../infra/build/sources.mjs'

const ROOT = process.cwd()

/** Sees to it that dist/ is of the sources as they are, as `npm start` does; builds at once don't break each other. */
export async function buildAll(): Promise<void> {
  if (await isBuilt(ROOT)) return
  execFileSync(process.execPath, [join(ROOT, 'infra/build/build.mjs')], { cwd: ROOT, stdio: 'pipe' })
}

/** `sonde` as its user has it: the built program, in a process of its own. */
export interface Sonde {
  readonly child: ChildProcess
  readonly output: () => string
  /** The exit code, once all output is there. */
  readonly exit: Promise<number | null>
}

export interface SondeOptions {
  readonly env?: Readonly<Record<string, string>>
  /** On a machine, or in a container, that has no network namespaces to give. */
  readonly withoutNamespaces?: boolean
}

/** In a user namespace of one's own one may forbid oneself to make others. */
const FORBID = [
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"',
  'sh',
]

/** Starts a command of the built program; it is killed at the end of the test if it still runs. */
export function sonde(t: Pick<Test, 'teardown'>, args: readonly string[], options: SondeOptions = {}): Sonde {
  const { env = {}, withoutNamespaces = false } = options
  const own = [process.execPath, join(ROOT, 'dist/sonde.js'), ...args]
  const [command = '', ...words] = withoutNamespaces ? ['unshare', ...FORBID, ...own] : own
  const child = spawn(command, words, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  t.teardown(() => child.kill('SIGKILL'))
  return { child, output: () => output, exit: once(child, 'close').then(([code]) => code) }
}

/** All processes below one, at this moment. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))] as const),
  )
  const below = (one: number): number[] =>
    [...parents].filter(([, parent]) => parent === one).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

/** Waits until none of the processes is left; false if some stay. */
export async function allGone(pids: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (!pids.some(lives)) return true
    await sleep(50)
  }
  return false
}

/** False where the process is no more, or only waits to be buried. */
export function lives(pid: number): boolean {
  return parentOf(pid) !== null
}

/** Null where the process is no more, or only waits to be buried. */
function parentOf(pid: number): number | null {
  try {
    const [state, parent] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ')
    return state === 'Z' || state === 'X' ? null : Number(parent)
  } catch {
    return null
  }
}
