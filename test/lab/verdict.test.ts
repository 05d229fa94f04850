import t from 'tap'
import { applyStep } from '../../api/lab/steps.js'
import { applicable } from '../../infra/lab/faults/catalogue.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import { buildAll } from '../support/built.js'
import {
  type DiagnosisItem,
  eventually,
  type LiveAccount,
  startLiveAccount,
} from '../support/live-account.js'
import { labMissing } from './support.js'

/** One of each way to the same check: a group, an ACL, the host itself. */
const FAULTS = ['target-rule-missing', 'acl-target-denied', 'nothing-listens'] as const
const FLOW: LabFlow = { from: 'orders-api', to: 'rds:orders', port: 5432 }

/** The check's diagnosis, once it is of this kind and has this cause. */
async function said(account: LiveAccount, kind: string, code: string): Promise<DiagnosisItem['diagnosis']> {
  const found: DiagnosisItem['diagnosis'][] = []
  await eventually(
    async () => {
      const items = await account.itemsOf(FLOW.from)
      const own = items.filter(({ check }) => check === 'orders-db').map(({ diagnosis }) => diagnosis)
      found.push(...own.filter((one) => one.kind === kind && one.cause?.code === code))
      return found.length > 0
    },
    () => `${code} is not said`,
  )
  const [first] = found
  if (first === undefined) throw new Error('unreachable')
  return first
}

const becomes = (account: LiveAccount, status: string) =>
  eventually(
    async () => (await account.statusOf(FLOW.from)) === status,
    () => `it does not become ${status}`,
  )

t.setTimeout(600_000)
const missing = labMissing()
if (missing !== null) t.test('a verdict by HTTP', { skip: missing }, async () => undefined)
else {
  await buildAll()
  t.test('by log and snapshot alone the API follows a fault, and its mending', async (t) => {
    const account = await startLiveAccount(t, { intervalMs: 4000, timeoutMs: 1500, plans: ['app'] })
    await becomes(account, 'healthy')
    for (const fault of FAULTS) {
      const site = applicable(account.sound.snapshot, FLOW).find((one) => one.fault === fault)
      if (site === undefined) throw new Error(`${fault} has no place`)
      await account.change((state) => applyStep(state, { kind: 'fault', id: fault, site }))
      const { code, component } = site.expected
      const isHost = Object.keys(site.hosts).length > 0
      const { cause, fixes } = await said(account, isHost ? 'outside-configuration' : 'proven', code)
      if (!isHost) t.equal(cause?.component, component, fault)
      await becomes(account, 'failing')
      const [fix] = fixes
      await account.change((state) =>
        fix === undefined
          ? account.sound
          : applyStep(state, { kind: 'fix', changes: fix.changes, mended: [] }),
      )
      t.equal(fix === undefined, isHost, `${fault}: what the configuration mends has a fix`)
      await becomes(account, 'healthy')
      const items = await account.itemsOf(FLOW.from)
      t.same([...new Set(items.map(({ diagnosis }) => diagnosis.kind))], ['healthy'], 'and nothing is left')
    }
  })
}
