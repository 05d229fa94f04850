import t from 'tap'
import { openDynamoStore } from '../../api/store/dynamodb/store.js'
import { conformance, type MakeStore } from './conformance.js'
import { newTable, REGION, startDynalite } from './support/dynamo.js'

// Thousands of round trips, on a machine that may be busy.
t.setTimeout(900_000)

t.test('DynamoDB, as dynalite emulates it, keeps what every engine must keep', async (t) => {
  const emulator = await startDynalite()
  t.teardown(emulator.stop)
  const make: MakeStore = async (options) => {
    const table = await newTable(emulator)
    return openDynamoStore({ table, region: REGION, endpoint: emulator.endpoint }, options)
  }
  await conformance(t, make, { histories: 4 })
})
