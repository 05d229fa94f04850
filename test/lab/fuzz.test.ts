import t from 'tap'
import { fuzz } from '../../infra/lab/fuzz/fuzz.js'
import { buildLab, labFor, labMissing } from './support.js'

const SEED = 1
const FLOWS = 1200

const missing = labMissing()
if (missing !== null) t.plan(0, missing)
else {
  const program = await buildLab(t)
  t.test(`seed ${SEED}: the trace says what the kernel does`, async (t) => {
    const lab = await labFor(t, program)
    const tally = await fuzz(lab, { seed: SEED, count: FLOWS, perNetwork: 400 })
    t.comment(`${tally.networks} networks, ${tally.reachable} reachable, ${tally.unreachable} unreachable`)
    t.ok(tally.reachable > 0 && tally.unreachable > 0, 'both happen')
    for (const { seed, flow, trace, codes, tracedAs, kernel } of tally.disagreements)
      t.fail(`seed ${seed}: ${JSON.stringify(flow)}`, { trace, codes, tracedAs, kernel })
  })
}
