import { spawn } from 'node:child_process'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The child as one plain file: loading TypeScript two hundred times would take minutes. */
export async function bundleChild(entry: string): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  // Inside the checkout, so that packages are found from there.
  const outfile = join(
    root,
    'node_modules/.cache',
    `sonde-child-${process.pid}-${basename(entry, '.ts')}.mjs`,
  )
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The sketches' protobuf form is never used, and its package isn't installed.
    external: ['libsql', 'protobufjs/minimal'],
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url)",
    },
    minify: true,
    logLevel: 'warning',
  })
  return outfile
}

/** Starts the child, and kills it some time after it began to take lines in. */
export async function runChild(
  file: string,
  args: readonly string[],
  { killAfter, env = {} }: { readonly killAfter: number | null; readonly env?: NodeJS.ProcessEnv },
): Promise<{ done: boolean }> {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  let said = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdout.on('data', (chunk: Buffer) => {
    const began = !said.includes('start')
    said += chunk.toString()
    if (began && killAfter !== null) void sleep(killAfter).then(() => child.kill('SIGKILL'))
  })
  const code = await ended
  if (code !== null && code !== 0) throw new Error(`the child ended with ${code}`)
  return { done: said.includes('done') }
}

/** Random numbers in [0, 1) that a seed repeats. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
