import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Test } from 'tap'
import { targets } from '../../infra/build/targets.mjs'
import { entrance, type Lab, LabUnavailable, startLab } from '../../infra/lab/start.js'

/** Why this machine can't have a lab, or null where it can. In CI that is no reason to skip. */
export function labMissing(): string | null {
  try {
    entrance()
    return null
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env['CI'] === 'true') throw error
    return error.message
  }
}

/** The lab's programs and the probe's bundle, built from the sources as they are, in a folder that the test removes. */
export async function buildLab(t: Test): Promise<string> {
  const root = process.cwd()
  const folder = await mkdtemp(join(root, 'node_modules/.sonde-lab-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const { options } of targets(root, ['lab', 'probe'])) {
    const { outfile, ...rest } = options
    const output = outfile === undefined ? { outdir: folder } : { outfile: join(folder, 'probe/index.cjs') }
    const { outdir: _outdir, ...others } = rest
    await build({ ...others, ...output })
  }
  return join(folder, 'lab.js')
}

/** A lab that ends with the test. */
export async function labFor(t: Test, program: string): Promise<Lab> {
  const lab = await startLab(program)
  t.teardown(() => lab.end())
  return lab
}
