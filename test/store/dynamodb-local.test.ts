import t from 'tap'
import { openDynamoStore } from '../../api/store/dynamodb/store.js'
import { conformance } from './conformance.js'
import { findDynamoLocal, newTable, REGION, startDynamoLocal } from './support/dynamo.js'
import { writersEndAsOne } from './support/writers.js'

t.setTimeout(900_000)

const folder = findDynamoLocal()
const skip =
  folder === null && process.env['CI'] !== 'true'
    ? "Amazon's DynamoDB Local is not installed (SONDE_DYNAMODB_LOCAL names its folder of jars)"
    : false

t.test("DynamoDB, as Amazon's own emulator has it", { skip }, async (t) => {
  if (folder === null) throw new Error('DynamoDB Local is required in CI')
  const emulator = await startDynamoLocal(folder)
  t.teardown(emulator.stop)
  await t.test('keeps what every engine must keep', (t) =>
    conformance(
      t,
      async (options) => {
        const table = await newTable(emulator)
        return openDynamoStore({ table, region: REGION, endpoint: emulator.endpoint }, options)
      },
      { histories: 3 },
    ),
  )
  await t.test('eight writers at once, killed on the way, end as one', (t) =>
    writersEndAsOne(t, emulator, { seed: 20261126, writers: 8, reports: 96, kills: 6 }),
  )
})
