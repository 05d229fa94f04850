import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A linter or parser from PyPI, ready to be run. */
export interface Tool {
  /** Undefined where it isn't installed. */
  readonly path: string | undefined
  /** False to run, else why a test that needs it can't. */
  readonly skip: string | false
}

/** Looks in the folder SONDE_INFRA_TOOLS, then on PATH. */
export function tool(name: string, distribution = name): Tool {
  const folders = [process.env['SONDE_INFRA_TOOLS'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter)]
  const path = folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(existsSync)
  return path === undefined
    ? { path, skip: `${name} is not installed (pip install ${distribution}; SONDE_INFRA_TOOLS=/path/to/bin)` }
    : { path, skip: false }
}

/**
 * Runs a tool in a network namespace of its own, where there is nothing but loopback: linters like to ask for news. Where the
 * kernel allows none, the tool's own switch for that has to do.
 */
export function run(
  { path }: Tool,
  args: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  if (path === undefined) throw new Error('a tool that is not installed is not run')
  const alone = spawnSync('unshare', ['-rn', 'true']).status === 0
  const [program, ...before] = alone ? ['unshare', '-rn', path] : [path]
  // Parsers keep their grammars there, and leave them.
  const temporary = mkdtempSync(join(tmpdir(), 'sonde-tool-'))
  try {
    return spawnSync(program ?? path, [...before, ...args], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
      maxBuffer: 64 * 1024 * 1024,
    })
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
