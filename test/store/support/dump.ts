import type { Page, Step, Store } from '../../../api/store/store.js'

/** Every item of a list, page by page. */
export async function allOf<T>(
  read: (cursor: { cursor?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await read(cursor === null ? {} : { cursor })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}

const STEPS: readonly Step[] = ['minute', 'hour', 'day']

/** All that a store says through its port about the reports it took in, in one comparable value. */
export async function dumpStore(store: Store, now: Date): Promise<unknown> {
  const limit = 100
  const functions = await allOf((page) => store.listFunctions({ now, limit, ...page }))
  const ofEach = await Promise.all(
    functions.map(async ({ name }) => ({
      name,
      results: await allOf((page) => store.listResults({ function: name, limit, ...page })),
      timelines: await Promise.all(
        STEPS.map((step) =>
          store.timeline({ function: name, from: new Date(0), to: new Date(now.getTime() + 1), step }),
        ),
      ),
    })),
  )
  const incidents = await allOf((page) => store.listIncidents({ limit, ...page }))
  const { functions: statuses, openIncidents, results, reports } = await store.counts(now)
  return {
    functions,
    ofEach,
    checks: await allOf((page) => store.listChecks({ now, limit, ...page })),
    postures: await allOf((page) => store.listPostures({ limit, ...page })),
    incidents: [...incidents].sort((a, b) => (a.id < b.id ? -1 : 1)),
    counts: { statuses, openIncidents, results, reports },
  }
}
