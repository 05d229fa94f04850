import { setTimeout as sleep } from 'node:timers/promises'
import { ingestFile } from '../../../api/ingest/file.js'
import { openSqliteStore } from '../../../api/store/sqlite/store.js'
import { BATCH_LINES, CLOCK, OPTIONS } from './kill.js'

/**
 * Takes a file into a folder again and again, on command, in one process that is meant to be killed: `node ingest-child FILE
 * DIR`. Prints `done` once all of it is in.
 */
const [file = '', dir = ''] = process.argv.slice(2)
const store = await openSqliteStore(dir, OPTIONS)
// Between two batches the killer gets its chance; within one it takes it by itself.
const paced = {
  ...store,
  ingest: async (batch: Parameters<typeof store.ingest>[0]) => {
    const summary = await store.ingest(batch)
    await sleep(0)
    return summary
  },
}
process.stdout.write('start\n')
await ingestFile(paced, file, { clock: () => CLOCK, batchLines: BATCH_LINES })
await store.close()
process.stdout.write('done\n')
