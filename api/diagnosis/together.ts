import type { Snapshot } from '../network/snapshot.js'
import { applyChanges } from './apply.js'
import type { Change, Fix } from './diagnosis.js'
import { findFixes, fixOf } from './fixes.js'
import type { DiagnosisGroup } from './group.js'
import { groupBy } from './raw.js'
import { ask, type Question } from './rehearse.js'

/** Questions that one fix is looked for at most: each is traced anew, and a cause may have hundreds. */
const MOST_QUESTIONS = 50

/**
 * What the members of a cause ask, where the first member's fix is not that of all of them: two rules that one group lacks are one
 * cause, and admitting the one caller leaves the other outside. Null where there is nothing to put together.
 */
export function unmendedQuestions({ members }: DiagnosisGroup): readonly Question[] | null {
  const asked = members.flatMap(({ question, diagnosis: { fixes } }) => {
    const [fix] = fixes
    return question === undefined || fix?.rehearsal.verdict !== 'reachable' ? [] : [{ question, id: fix.id }]
  })
  const questions = [...groupBy(asked, ({ question }) => JSON.stringify(question)).values()]
  const isShared = new Set(asked.map(({ id }) => id)).size < 2
  if (isShared || asked.length < members.length || questions.length > MOST_QUESTIONS) return null
  return questions.flatMap(([first]) => first?.question ?? [])
}

/**
 * One fix after which every one of the questions is answered by an open path: the best fix of each that is still closed, one after the
 * other, and all of them rehearsed together in the end. Null where some path stays closed.
 */
export function fixForAll(snapshot: Snapshot, questions: readonly Question[]): Fix | null {
  const changes: Change[] = []
  let changed = snapshot
  for (const question of questions) {
    const trace = ask(changed, question)
    if (trace.verdict === 'reachable') continue
    const [fix] = findFixes(changed, question, trace, { alternatives: 1 })
    if (fix === undefined) return null
    changes.push(...fix.changes)
    changed = applyChanges(snapshot, changes)
  }
  const rehearsals = questions.map((question) => ask(changed, question))
  const [first] = rehearsals
  const isOpen = rehearsals.every(({ verdict }) => verdict === 'reachable')
  return first === undefined || !isOpen ? null : fixOf(changes, first)
}
