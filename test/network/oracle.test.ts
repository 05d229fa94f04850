import t from 'tap'
import { answersOf, compare, likewise, modelOf, sourceText } from './oracle/compare.js'
import { dice, randomFlow, randomWorld } from './oracle/random.js'
import { shown, shrink } from './oracle/shrink.js'

const SEED = Number(process.env.SONDE_ORACLE_SEED ?? '20250101')
const FLOWS = Number(process.env.SONDE_ORACLE_FLOWS ?? '20000')
const FLOWS_OF_A_WORLD = 40

t.test(`a plain simulation of packets and the trace agree on ${FLOWS} flows (seed ${SEED})`, (t) => {
  const count = { reachable: 0, unreachable: 0, unknown: 0, open: 0, whole: 0 }
  for (let n = 0; n < FLOWS; n += FLOWS_OF_A_WORLD) {
    const d = dice(SEED * 100_003 + n)
    const snapshot = randomWorld(d).snapshot()
    const [model, answers] = [modelOf(snapshot), answersOf(snapshot)]
    for (let i = 0; i < FLOWS_OF_A_WORLD && n + i < FLOWS; i++) {
      const flow = randomFlow(d)
      const outcome = compare(model, answers, flow)
      if (outcome.kind === 'open') count.open++
      else if (outcome.kind === 'same') {
        if (outcome.verdict === 'reachable') count.reachable++
        else if (outcome.verdict === 'unreachable') count.unreachable++
        else count.unknown++
        if (outcome.whole) count.whole++
      } else {
        const small = shrink(snapshot, (s) => likewise(outcome, compare(modelOf(s), answersOf(s), flow)))
        const again = compare(modelOf(small), answersOf(small), flow)
        const told = again.kind === 'different' ? again : outcome
        const flowText = `${sourceText(flow.from)} → ${flow.to} ${flow.protocol} port ${flow.port} from ${flow.sourcePort}`
        t.fail(
          `world ${n / FLOWS_OF_A_WORLD}, seed ${SEED}: ${flowText}\n` +
            `oracle: ${told.oracle}\ntrace:  ${told.tracer}\n${shown(small)}`,
        )
        t.end()
        return
      }
    }
  }
  t.comment(JSON.stringify(count))
  t.ok(count.reachable > FLOWS / 10, 'a good part of the flows gets through')
  t.ok(count.whole > FLOWS / 4, 'of a good part every packet is followed to its end and back')
  t.ok(count.open < FLOWS / 50, 'few are left open')
  t.end()
})

t.test('the oracle sees what the trace must not miss', (t) => {
  const d = dice(7)
  const w = randomWorld(d)
  const snapshot = w.snapshot()
  const flow = { from: { instance: 'i-a' }, to: '10.0.2.10', protocol: 'tcp', port: 80, sourcePort: null }
  const closed = {
    ...snapshot,
    documents: snapshot.documents.map((x) =>
      x.call === 'describe-network-acls'
        ? { ...x, body: JSON.parse(JSON.stringify(x.body).replaceAll('"allow"', '"deny"')) }
        : x,
    ),
  }
  const outcome = compare(modelOf(snapshot), answersOf(closed), flow)
  t.equal(outcome.kind, 'different', 'a trace of another configuration is told apart')
  t.end()
})
