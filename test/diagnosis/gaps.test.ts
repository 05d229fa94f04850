import t from 'tap'
import { explainPlain } from '../../api/diagnosis/explain.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { questionOf } from '../../api/diagnosis/rehearse.js'
import { TraceInputError } from '../../api/network/trace.js'
import { SCENARIOS } from '../scenarios/support/all.js'
import { baseWorld } from '../scenarios/support/world.js'
import { snapshotOf } from './support/snapshots.js'

const SAMPLE = ['S1', 'S4b', 'S6e', 'N6', 'N7', 'N16']

t.test(
  'a snapshot without one of its answers never breaks the diagnosis, nor proves what it can not',
  async (t) => {
    for (const scenario of SCENARIOS.filter((one) => SAMPLE.includes(one.id))) {
      const world = baseWorld()
      scenario.change(world)
      const whole = snapshotOf(world)
      for (const left of whole.documents) {
        const snapshot = { ...whole, documents: whole.documents.filter((document) => document !== left) }
        for (const flow of scenario.flows) {
          const seen =
            flow.seen === null
              ? null
              : { outcome: flow.seen.outcome, expect: flow.seen.expect ?? 'reachable' }
          const goal = seen?.expect === 'unreachable' ? 'unreachable' : 'reachable'
          try {
            const diagnosis = investigate({
              snapshot,
              question: questionOf(flow),
              result: seen,
              limits: { rehearsals: 12, alternatives: 1 },
            })
            if (diagnosis.fixes.some((fix) => fix.rehearsal.verdict !== goal))
              t.fail(`${scenario.id} without ${left.file}: a fix that is not proven`)
            if (/undefined|\[object/.test(explainPlain(diagnosis, { language: 'en' })))
              t.fail(`${scenario.id} without ${left.file}: a hole in the text`)
          } catch (error) {
            if (!(error instanceof TraceInputError))
              throw new Error(`${scenario.id} without ${left.file}`, { cause: error })
          }
        }
      }
    }
    t.pass('all of them')
  },
)
