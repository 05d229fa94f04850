import t from 'tap'
import { findFixes } from '../../api/diagnosis/fixes.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { SCENARIOS } from '../scenarios/support/all.js'
import { worldOf } from './support/snapshots.js'

/** Lambda makes a function's interface when it is first called, and takes it back when it idles: until then no answer lists it. */
function withoutLambdaInterfaces(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    documents: snapshot.documents.map((one) => {
      if (one.call !== 'describe-network-interfaces') return one
      const body = one.body as { NetworkInterfaces: { InterfaceType: string }[] }
      return {
        ...one,
        body: { NetworkInterfaces: body.NetworkInterfaces.filter((eni) => eni.InterfaceType !== 'lambda') },
      }
    }),
  }
}

t.test(
  'no fix opens a private target to everybody, with the function’s interface listed or not',
  async (t) => {
    let fixes = 0
    for (const { id, change, flows } of SCENARIOS) {
      const listed = worldOf(change)
      for (const snapshot of [listed, withoutLambdaInterfaces(listed)]) {
        for (const flow of flows) {
          const question = questionOf(flow)
          for (const fix of findFixes(snapshot, question, ask(snapshot, question))) {
            fixes += 1
            const open = fix.changes.filter(
              (one) =>
                one.kind === 'authorize-security-group' &&
                one.direction === 'ingress' &&
                'cidr' in one.peer &&
                /\/0$/.test(one.peer.cidr),
            )
            t.same(open, [], `${id}: ${flow.from} → ${flow.to}`)
          }
        }
      }
    }
    t.ok(fixes > 60, 'there were fixes to look at')
  },
)

t.test(
  'the rule that is missing names the function’s group though its interface is not listed',
  async (t) => {
    const s3 = SCENARIOS.find(({ id }) => id === 'S3')
    const snapshot = withoutLambdaInterfaces(worldOf(s3?.change ?? (() => {})))
    const question = questionOf({ from: 'orders-api', to: 'rds:orders', port: 5432 })
    const [fix] = findFixes(snapshot, question, ask(snapshot, question))
    t.match(fix?.changes, [
      { kind: 'authorize-security-group', direction: 'ingress', peer: { groupId: /^sg-/ }, fromPort: 5432 },
    ])
    t.equal(fix?.changes.length, 1)
  },
)
