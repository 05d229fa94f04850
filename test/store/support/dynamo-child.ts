import { readFile } from 'node:fs/promises'
import { openDynamoStore } from '../../../api/store/dynamodb/store.js'
import type { Report } from '../../../probe/report.schema.js'
import { REGION } from './dynamo.js'
import { OPTIONS } from './open.js'

/**
 * Takes the batches of a file (JSON, an array of arrays of reports) into a table, in a process of its own that may be
 * killed: `node dynamo-child FILE TABLE ENDPOINT NOW`. Goes on where an earlier one of the same file stopped.
 */
const [file = '', table = '', endpoint = '', now = ''] = process.argv.slice(2)
const batches: readonly (readonly Report[])[] = JSON.parse(await readFile(file, 'utf8'))
const store = await openDynamoStore({ table, region: REGION, endpoint }, OPTIONS)
process.stdout.write('start\n')
for (let next = Number((await store.checkpoint(file)) ?? 0); next < batches.length; next += 1) {
  await store.ingest({
    source: file,
    receivedAt: new Date(Number(now)),
    reports: batches[next] ?? [],
    rejects: [],
    otherLines: 1,
    checkpoint: String(next + 1),
  })
}
await store.close()
process.stdout.write('done\n')
