import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openDynamoStore } from '../../../api/store/dynamodb/store.js'
import type { Store } from '../../../api/store/store.js'
import type { Report } from '../../../probe/report.schema.js'
import { bundleChild, generator, runChild } from '../../support/child.js'
import { dumpStore } from './dump.js'
import { CREDENTIALS, type Emulator, newTable, REGION } from './dynamo.js'
import { MINUTE, OPTIONS, T0 } from './open.js'
import { makeReport, makeResult } from './reports.js'

export interface Writers {
  readonly seed: number
  readonly writers: number
  /** Reports altogether, each of which two writers bring. */
  readonly reports: number
  /** Kills of writers that start again. */
  readonly kills: number
}

const BATCH = 5
const NOW = T0 + 30 * 24 * 60 * MINUTE

/**
 * Several processes take in the same reports at once, each its own part and a neighbour's, shuffled, some of them killed on the
 * way: the table ends as if one process had taken in all of them in order.
 */
export async function writersEndAsOne(t: Test, emulator: Emulator, asked: Writers): Promise<void> {
  const { seed, writers, kills } = asked
  t.comment(`seed ${seed}, ${writers} writers, ${kills} kills, ${emulator.name}`)
  const random = generator(seed)
  const reports = Array.from({ length: asked.reports }, (_, n) => report(n))

  const one = await open(emulator, await newTable(emulator))
  t.teardown(() => one.close())
  for (let from = 0; from < reports.length; from += 50) {
    await one.ingest({
      source: 'one',
      receivedAt: new Date(NOW),
      reports: reports.slice(from, from + 50),
      rejects: [],
      otherLines: 0,
    })
  }
  const wanted = await told(one)

  const table = await newTable(emulator)
  const child = await bundleChild('test/store/support/dynamo-child.ts')
  const dir = t.testdir()
  let killed = 0
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const own = reports.filter((_, n) => n % writers === writer || (n + 1) % writers === writer)
      const batches = cut(shuffled(own, random))
      const file = join(dir, `writer-${writer}.json`)
      await writeFile(file, JSON.stringify(batches))
      for (;;) {
        const killAfter = killed < kills ? 20 + random() * 400 : null
        if (killAfter !== null) killed += 1
        const args = [file, table, emulator.endpoint, String(NOW)]
        if ((await runChild(child, args, { killAfter, env: CREDENTIALS })).done) return
      }
    }),
  )
  const many = await open(emulator, table)
  t.teardown(() => many.close())
  t.strictSame(await told(many), wanted, 'the same state')
  const { reports: accepted, otherLines } = await many.counts(new Date(NOW))
  t.equal(accepted, reports.length, 'each report once')
  t.equal(otherLines, writers * Math.ceil((2 * reports.length) / writers / BATCH), 'each line once')
  const seqs = (await many.eventsAfter(0, 10_000)).map(({ seq }) => seq)
  t.same(
    seqs,
    seqs.map((_, index) => index + 1),
    'events have no gap',
  )
}

async function told(store: Store): Promise<unknown> {
  return dumpStore(store, new Date(NOW))
}

function open({ endpoint }: Emulator, table: string): Promise<Store> {
  return openDynamoStore({ table, region: REGION, endpoint }, OPTIONS)
}

/** Reports of four probes over some hours, with an outage in the middle. */
function report(n: number): Report {
  const zone = 'abcd'[n % 4] ?? 'a'
  const at = T0 + Math.floor(n / 4) * 7 * MINUTE
  const fails = n % 60 > 40
  return makeReport({
    at,
    run: `run-${n}`,
    probe: {
      function: `probe-${zone}`,
      subnet: `subnet-1${zone}`,
      workloads: ['orders', `only-${zone}`],
    },
    results: ['x', 'y', 'z'].map((check, index) =>
      makeResult({
        check,
        ms: 1 + ((n * 31 + index) % 997) / 10,
        outcome: fails && index > 0 ? 'connect_timeout' : 'ok',
      }),
    ),
  })
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
}

function cut<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / BATCH) }, (_, n) =>
    list.slice(n * BATCH, (n + 1) * BATCH),
  )
}
