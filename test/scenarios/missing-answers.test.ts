import { join } from 'node:path'
import t from 'tap'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import { TraceInputError } from '../../api/network/trace.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { englishOf, SCENARIO_NAMES } from '../support/prose.js'
import { SCENARIOS } from './support/all.js'

/** Answers that few snapshots hold: where nobody asked, AWS's default is taken, and a note says so. */
const ASSUMED = new Map([
  ['describe-vpc-block-public-access-options', 'BLOCK_PUBLIC_ACCESS_NOT_ASKED'],
  ['describe-vpc-attribute', 'DNS_ATTRIBUTES_UNKNOWN'],
  ['describe-dhcp-options', 'DHCP_OPTIONS_UNKNOWN'],
  ['describe-vpcs', 'DHCP_OPTIONS_UNKNOWN'],
])

t.test('a call that nobody made leaves a verdict as it was or unknown, never turned round', async (t) => {
  for (const { id, flows } of SCENARIOS) {
    const { snapshot } = await readSnapshot(join(process.cwd(), 'test/scenarios/data', id, 'snapshot'))
    const calls = [...new Set(snapshot.documents.map(({ call }) => call))]
    for (const flow of flows) {
      const question = questionOf(flow)
      for (const call of calls) {
        const less = { ...snapshot, documents: snapshot.documents.filter((one) => one.call !== call) }
        const where = `${id}: ${flow.from} → ${flow.to} without ${call}`
        try {
          const trace = ask(less, question)
          const { verdict, notes } = trace
          const english = englishOf(trace, SCENARIO_NAMES)
          if (english.length > 0) t.same(english, [], `${where}: Korean is Korean`)
          if (verdict === flow.verdict || verdict === 'unknown') continue
          const assumed = ASSUMED.get(call)
          t.ok(assumed !== undefined && notes.some(({ code }) => code === assumed), where)
        } catch (error) {
          t.ok(error instanceof TraceInputError, `${where}: what is asked about isn't there`)
        }
      }
    }
  }
})
