import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { dumpStore } from '../store/support/dump.js'
import { bundleChild, generator, runChild } from '../support/child.js'
import { CLOCK, killLog, OPTIONS } from './support/kill.js'

const SEED = 20260108
const KILLS = 200
/** Histories that are killed side by side: most of the time goes into starting processes. */
const LANES = 4
const LINES = 800
/** A child is killed at most this long after it began, in milliseconds. */
const MAX_DELAY_MS = 12

t.test(`killed ${KILLS} times anywhere, the store ends as if nothing had happened`, async (t) => {
  t.comment(`seed ${SEED}`)
  const dir = t.testdir()
  const log = join(dir, 'probes.log')
  await writeFile(log, killLog(LINES))
  const child = await bundleChild('test/ingest/support/ingest-child.ts')
  const run = (data: string, killAfter: number | null) => runChild(child, [log, data], { killAfter })

  const undisturbed = join(dir, 'undisturbed')
  t.equal((await run(undisturbed, null)).done, true)
  const wanted = await dumpOf(undisturbed)
  t.ok(wanted.reports > LINES / 2 && wanted.rejects > 0 && wanted.otherLines > 0)

  const random = generator(SEED)
  let kills = 0
  const lane = async (name: string): Promise<void> => {
    for (let history = 0; kills < KILLS; history += 1) {
      const data = join(dir, `${name}-${history}`)
      for (;;) {
        const { done } = await run(data, kills < KILLS ? random() * MAX_DELAY_MS : null)
        if (done) break
        kills += 1
      }
      t.strictSame(await dumpOf(data), wanted, `history ${history} of ${name}`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(`lane-${n}`)))
  t.comment(`${kills} kills`)
  t.ok(kills >= KILLS)
})

async function dumpOf(dir: string) {
  const store = await openSqliteStore(dir, OPTIONS)
  try {
    const { rejects, otherLines, duplicates, reports } = await store.counts(CLOCK)
    const kept = await store.listRejects({ limit: 1000 })
    const checkpoint = JSON.parse((await store.checkpoint(`file:${join(dir, '..', 'probes.log')}`)) ?? 'null')
    const dump = await dumpStore(store, CLOCK)
    return { rejects, otherLines, duplicates, reports, kept: kept.items, offset: checkpoint?.offset, dump }
  } finally {
    await store.close()
  }
}
