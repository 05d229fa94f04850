import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Test } from 'tap'
import { snapshotFromDocuments } from '../../../api/snapshot/documents.js'
import { targets } from '../../../infra/build/targets.mjs'
import { type Bench, listen, startApi } from '../../support/api.js'
import { accountFiles, runProbes } from './account.js'

type Options = NonNullable<Parameters<typeof startApi>[0]>

export interface Site {
  readonly bench: Bench
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string
}

/** The dashboard, built into a folder of its own, before a real server with an empty store; gone when the test ends. */
export async function startSite(t: Pick<Test, 'teardown'>, options: Options = {}): Promise<Site> {
  const webRoot = await buildWeb()
  t.teardown(() => rm(webRoot, { recursive: true, force: true }))
  const bench = await startApi({ start: new Date(), webRoot, ...options })
  t.teardown(bench.close)
  return { bench, url: await listen(bench.app) }
}

/** The same with an account in which something is wrong, and some minutes of its probes' reports. */
export async function startAccount(
  t: Pick<Test, 'teardown'>,
  options: Options = {},
  runs = 30,
): Promise<Site> {
  const site = await startSite(t, options)
  const { snapshot, problems } = snapshotFromDocuments({ files: await accountFiles() })
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  await site.bench.network.add(snapshot, site.bench.now())
  await runProbes(site.bench, runs)
  return site
}

async function buildWeb(): Promise<string> {
  const root = process.cwd()
  const folder = await mkdtemp(join(tmpdir(), 'sonde-web-'))
  const [web] = targets(root, ['web'])
  if (web === undefined) throw new Error('the dashboard is no target of the build')
  await build({ ...web.options, outdir: folder, logLevel: 'error' })
  for (const name of ['index.html', 'icon.svg'])
    await copyFile(join(root, 'api/web', name), join(folder, name))
  return folder
}
