import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { applyChanges, planChanges, undoPatches } from '../../api/diagnosis/apply.js'
import { explainPlain } from '../../api/diagnosis/explain.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import { buildModel } from '../../api/network/model.js'
import type { Trace } from '../../api/network/path.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { englishOf, SCENARIO_NAMES } from '../support/prose.js'
import { SCENARIOS } from './support/all.js'
import { scenarioFiles } from './support/files.js'
import type { Flow, Seen } from './support/scenario.js'

const DATA = join(process.cwd(), 'test/scenarios/data')

async function load(t: Test, folder: string): Promise<Snapshot> {
  const { snapshot, problems } = await readSnapshot(folder)
  t.same(problems, [], 'every file is as the AWS CLI would print it')
  t.same(buildModel(snapshot).problems, [], 'every answer has a meaning')
  return snapshot
}

const blockersOf = (trace: Trace) => [
  ...new Set(trace.blockers.map(({ code, component, direction }) => `${direction} ${code} ${component}`)),
]

/** A scenario's outcome as a probe would report it. */
function observedOf(flow: Flow, seen: Seen) {
  const { attempts, history: _history, ...rest } = seen
  return {
    target: flow.port === null ? flow.to : `${flow.to}:${flow.port}`.replace(/:(\d+):\1$/, ':$1'),
    ...rest,
    ...(attempts === undefined ? {} : { attempts: attempts.map((outcome) => ({ outcome })) }),
  }
}

function checkFlow(t: Test, snapshot: Snapshot, flow: Flow): void {
  const question = questionOf(flow)
  const trace = ask(snapshot, question)
  t.equal(trace.verdict, flow.verdict, 'verdict')
  const expected = (flow.blockers ?? []).map((one) => `${one.direction} ${one.code} ${one.component}`)
  t.same(blockersOf(trace), expected, 'blockers, in path order')
  if (flow.seenAs !== undefined) t.equal(trace.seenAs, flow.seenAs, 'the address that the world sees')

  const diagnosis = investigate({
    snapshot,
    question,
    result: flow.seen === null ? null : observedOf(flow, flow.seen),
    ...(flow.seen?.history === undefined ? {} : { history: flow.seen.history }),
    ranAt: '2026-01-07T09:05:00.000Z',
  })
  t.equal(diagnosis.kind, flow.diagnosis, 'diagnosis')
  t.same(englishOf([trace, diagnosis], SCENARIO_NAMES), [], 'Korean is Korean')
  for (const language of ['en', 'ko'] as const) {
    const text = explainPlain(diagnosis, { language, columns: null })
    t.notMatch(text, /undefined|null|\[object/, `${language} has no holes`)
    for (const words of flow.says ?? [])
      if (language === 'en') t.ok(text.includes(words), `says "${words}":\n${text}`)
  }
  if (flow.candidates !== undefined) {
    t.same(
      diagnosis.candidates.slice(0, flow.candidates.length).map((one) => one.code),
      flow.candidates,
      'candidates',
    )
  }
  for (const code of flow.advice ?? [])
    t.ok(
      diagnosis.advice.some((one) => one.code === code),
      `advice ${code}`,
    )

  const [fix] = diagnosis.fixes
  t.match(fix?.changes ?? [], flow.fix ?? [], `fix: ${JSON.stringify(fix?.changes)}`)
  t.equal(fix?.changes.length ?? 0, flow.fix?.length ?? 0, 'and not one change more')
  const goal = flow.seen?.expect === 'unreachable' ? 'unreachable' : 'reachable'
  for (const one of diagnosis.fixes) {
    t.equal(one.rehearsal.verdict, goal, `rehearsed: ${one.title.en}`)
    const patches = planChanges(snapshot, one.changes)
    const mended = applyChanges(snapshot, one.changes)
    t.same(ask(mended, question), one.rehearsal, 'applied, the fix is what was rehearsed')
    t.equal(ask(undoPatches(mended, patches), question).verdict, flow.verdict, 'undone, it is as before')
    if (one.changes.length < 2 || flow.verdict === goal) continue
    for (const left of one.changes) {
      t.not(
        verdictOrNone(
          snapshot,
          one.changes.filter((change) => change !== left),
          question,
        ),
        goal,
        `minimal: ${left.kind}`,
      )
    }
  }
}

/** A set of changes from which one was taken may not even be applicable: the route to a gateway that isn't made. */
function verdictOrNone(
  snapshot: Snapshot,
  changes: Parameters<typeof applyChanges>[1],
  question: Parameters<typeof ask>[1],
) {
  try {
    return ask(applyChanges(snapshot, changes), question).verdict
  } catch {
    return null
  }
}

for (const scenario of SCENARIOS) {
  t.test(`${scenario.id} ${scenario.name}: ${scenario.about}`, async (t) => {
    for (const [path, text] of scenarioFiles(scenario)) {
      const committed = readFileSync(join(DATA, scenario.id, path), 'utf8')
      if (committed !== text) t.fail(`${scenario.id}/${path} is not what support/write.ts writes`)
    }
    const snapshot = await load(t, join(DATA, scenario.id, 'snapshot'))
    for (const flow of scenario.flows) {
      await t.test(`${flow.from} → ${flow.to}`, async (t) => checkFlow(t, snapshot, flow))
    }
    if (scenario.later === undefined) return
    const later = await load(t, join(DATA, scenario.id, 'later'))
    for (const flow of scenario.flows) {
      const result = flow.seen === null ? null : observedOf(flow, flow.seen)
      const diagnosis = investigate({ snapshot: later, question: questionOf(flow), result })
      t.equal(diagnosis.kind, 'healthy', 'with a new snapshot')
    }
  })
}
