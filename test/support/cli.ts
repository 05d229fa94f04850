import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from './api.js'
import { buildAll } from './built.js'

/** The `sonde` command as it is shipped: the file to run it by. */
export async function builtCli(): Promise<string> {
  await buildAll()
  return join(process.cwd(), 'dist/sonde.js')
}

export interface Served {
  readonly child: ChildProcess
  readonly url: () => string | null
  readonly output: () => string
  readonly exit: Promise<number | null>
}

/** Runs `sonde` with these arguments until it is stopped. */
export function startCli(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Served {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return {
    child,
    output: () => output,
    url: () => /"url":"([^"]+)"/.exec(output)?.[1] ?? null,
    // `exit` may come before the last of the output.
    exit: once(child, 'close').then(([code]) => code),
  }
}

/** Where it listens. @throws what it said, if it ended instead */
export async function urlOf(served: Served): Promise<string> {
  await until(() => served.url() !== null || served.child.exitCode !== null)
  const url = served.url()
  if (url === null) throw new Error(served.output())
  return url
}
