import { join } from 'node:path'
import type { Test } from 'tap'
import { snapshotFromDocuments } from '../../../api/snapshot/documents.js'
import { type Bench, listen, startApi } from '../../support/api.js'
import { buildAll } from '../../support/built.js'
import { accountFiles, runProbes } from './account.js'

type Options = NonNullable<Parameters<typeof startApi>[0]>

export interface Site {
  readonly bench: Bench
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string
}

/** The dashboard, as it is built, before a real server with an empty store; gone when the test ends. */
export async function startSite(t: Pick<Test, 'teardown'>, options: Options = {}): Promise<Site> {
  await buildAll()
  const bench = await startApi({ start: new Date(), webRoot: join(process.cwd(), 'dist/web'), ...options })
  t.teardown(bench.close)
  return { bench, url: await listen(bench.app) }
}

/** Puts another server in the place of one, at the same address, as after a restart: with another store, and perhaps other options. */
export async function restartSite(
  t: Pick<Test, 'teardown'>,
  { bench, url }: Site,
  options: Options = {},
): Promise<Site> {
  await bench.close()
  const next = await startApi({ start: new Date(), webRoot: join(process.cwd(), 'dist/web'), ...options })
  t.teardown(next.close)
  await next.app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) })
  return { bench: next, url }
}

/** The same with an account in which something is wrong, and some minutes of its probes' reports. */
export async function startAccount(
  t: Pick<Test, 'teardown'>,
  options: Options = {},
  runs = 30,
): Promise<Site> {
  const site = await startSite(t, options)
  await fillAccount(site, runs)
  return site
}

/** Gives a server the account's snapshot, and some minutes of its probes' reports. */
export async function fillAccount({ bench }: Site, runs: number): Promise<void> {
  const { snapshot, problems } = snapshotFromDocuments({ files: await accountFiles() })
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  await bench.network.add(snapshot, bench.now())
  await runProbes(bench, runs)
}
