import t from 'tap'
import { startDynalite } from './support/dynamo.js'
import { writersEndAsOne } from './support/writers.js'

t.setTimeout(900_000)

t.test('eight writers at once, killed on the way, end as one', async (t) => {
  const emulator = await startDynalite()
  t.teardown(emulator.stop)
  await writersEndAsOne(t, emulator, { seed: 20261125, writers: 8, reports: 96, kills: 6 })
})
