import t from 'tap'
import { investigate } from '../../api/diagnosis/investigate.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import { applicable, inject } from '../../infra/lab/faults/catalogue.js'
import { asSnapshot, print } from '../../infra/lab/fuzz/print.js'
import { randomOf } from '../../infra/lab/fuzz/random.js'
import { isAdvised, isAmong } from '../../infra/lab/score/judge.js'
import { score } from '../../infra/lab/score/score.js'
import { tableOf, totalsOf } from '../../infra/lab/score/table.js'
import { FAMILY_NAMES, topologyOf } from '../../infra/lab/score/topologies.js'
import { buildLab, labFor, labMissing } from './support.js'

/** Of the networks that follow it two are between VPCs, and two have a load balancer. */
const SEED = 20261129
const NETWORKS = 6

/** Faults of names are asked for by the name that did not resolve; `internet` is none. */
const NEEDS_A_NAME = new Set(['dns-support-off', 'dns-dead-server'])

for (const family of FAMILY_NAMES) {
  t.test(
    `${family}, seed ${SEED}: each fault is named first in the configuration alone, and has a fix`,
    async (t) => {
      for (let seed = SEED; seed < SEED + NETWORKS; seed += 1) {
        const { draft, flows } = topologyOf(randomOf(seed), family)
        const healthy = asSnapshot(print(draft))
        for (const flow of flows) {
          const question = questionOf(flow)
          t.equal(ask(healthy, question).verdict, 'reachable', `${seed} ${flow.to} works`)
          for (const site of applicable(healthy, flow)) {
            if (Object.keys(site.hosts).length > 0) continue
            if (NEEDS_A_NAME.has(site.fault) && flow.to === 'internet') continue
            const { snapshot } = inject(healthy, site)
            const found = investigate({ snapshot, question, result: null })
            const { kind, cause, blockers, fixes, missing } = found
            // A second way may be left: packets judge that in the lab.
            if (kind === 'healthy') continue
            const said = `${seed} ${flow.to} ${site.fault} at ${site.component}`
            t.same(cause, { code: site.expected.code, component: site.expected.component }, `${said}: named`)
            t.ok(isAmong(blockers, site.expected), `${said}: by its rule`)
            // Where AWS does not document which way a packet takes, no rehearsal can prove a fix.
            const advised = site.expected.advice !== undefined && isAdvised(found, site)
            t.ok(advised || fixes.length > 0 || missing.length > 0, `${said}: has a fix`)
          }
        }
      }
    },
  )
}

const missing = labMissing()
// Each injection is a network built anew three times: a busy machine takes its time.
t.setTimeout(900_000)
if (missing !== null) t.test('faults in packets', { skip: missing }, async () => {})
else {
  const program = await buildLab(t)
  t.test(`seed ${SEED}: faults in packets`, async (t) => {
    // One lab, so that the same faults are put in at every run.
    const labs = [await labFor(t, program)]
    const result = await score(labs, { seed: SEED, count: 14, healthy: 5 })
    t.comment(tableOf(result))
    const { misses, singles, pairs, healthyNetworks } = totalsOf(result)
    t.ok(singles.seen > 0 && pairs.seen > 0, 'alone and in pairs')
    t.ok(healthyNetworks >= 5, 'and healthy networks')
    for (const { seed, what, flow, sites, diagnosis } of misses)
      t.fail(`seed ${seed} ${flow.to}: ${what}`, { sites, cause: diagnosis?.cause ?? null })
  })
}
