import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LabState } from '../../api/lab/live.js'
import { applyStep, type Step, withoutFault } from '../../api/lab/steps.js'
import { startingState } from '../../api/sample/engine.js'
import { FAULTS_AT_START, SAMPLE_FAULTS, siteOf } from '../../api/sample/faults.js'
import { functionsWith, obstaclesOf } from '../../api/sample/impact.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { readAccount } from '../../infra/lab/account.js'
import { listed, records, text } from '../../infra/lab/documents.js'
import { readLabFolder } from '../../infra/lab/folder.js'
import { postsOf } from '../../infra/lab/posts.js'
import { parsePlan } from '../../probe/plan.js'
import { sampleFiles } from './support/files.js'

const FOLDER = join(process.cwd(), 'infra/lab/sample')
const SNAPSHOT = join(FOLDER, 'snapshot')
const { hosts, plans } = readLabFolder(FOLDER)
const { snapshot, problems } = await readSnapshot(SNAPSHOT)
const sound: LabState = { snapshot, hosts }

const blocked = ({ snapshot: one }: LabState) => new Set(obstaclesOf(one, plans).map(({ check }) => check))

function tableOf(name: string): string {
  const tables = listed(snapshot.documents, 'describe-route-tables', 'RouteTables')
  return text(
    tables.find((table) => records(table, 'Tags').some((tag) => text(tag, 'Value') === name)),
    'RouteTableId',
  )
}

function faultStep(state: LabState, id: string): Extract<Step, { kind: 'fault' }> {
  const fault = SAMPLE_FAULTS.find((one) => one.id === id)
  const site = fault && siteOf(state.snapshot, fault)
  if (!site) throw new Error(`${id} has no place`)
  return { kind: 'fault', id, site }
}

t.test("the snapshot is the world's, file by file", async (t) => {
  const files = sampleFiles()
  t.same(readdirSync(SNAPSHOT).sort(), [...files.keys()].sort())
  for (const [name, text] of files) t.equal(readFileSync(join(SNAPSHOT, name), 'utf8'), text, name)
  t.same(problems, [])
})

t.test('plans are such as a probe takes, and probes stand where the functions do', async (t) => {
  for (const { name, checks } of plans) t.equal(parsePlan({ version: 1, checks }).ok, true, name)
  const posts = postsOf(readAccount(snapshot.documents), plans)
  t.same(
    posts.map(({ probe, sources }) => `${probe}: ${sources.join(' ')}`),
    [
      'sonde-app-app-a: orders-api checkout-api payments-worker',
      'sonde-app-app-b: orders-api checkout-api payments-worker',
      'sonde-app-app-c: orders-api checkout-api payments-worker',
      'sonde-reports-app-a: report-builder',
      'sonde-reports-app-b: report-builder',
      'sonde-jobs-jobs-a: ledger-archiver audit-export',
      'sonde-jobs-jobs-b: ledger-archiver audit-export',
      'sonde-partners-partners-a: partner-sync',
      'sonde-images: image-resizer',
    ],
  )
})

t.test(
  'the sound account is open wherever it should be; two functions are broken at the beginning',
  async (t) => {
    t.same([...blocked(sound)], ['jobs/no-internet'], 'what must not be reached is not')
    const { state } = startingState(sound)
    const broken = [...blocked(state)].filter((check) => check !== 'jobs/no-internet')
    t.same(functionsWith(plans, new Set(broken)).toSorted(), ['partner-sync', 'report-builder'])
  },
)

t.test('every fault has its place in the account as it is at the beginning', async (t) => {
  const { state } = startingState(sound)
  for (const { id, title, description } of SAMPLE_FAULTS) {
    const base = FAULTS_AT_START.includes(id) ? sound : state
    const after = applyStep(base, faultStep(base, id))
    const noticed = Object.keys(after.hosts).length > Object.keys(hosts).length
    const more = [...blocked(after)].filter((check) => !blocked(base).has(check))
    t.ok(noticed || more.length > 0, `${id} blocks ${more.join(', ')}`)
    t.ok(/[가-힣]/.test(title.ko) && /[가-힣]/.test(description.ko), 'it is told in Korean, too')
  }
})

t.test('a fault that is taken back takes the fixes along that mended it alone', async (t) => {
  const fault = faultStep(sound, 's3-endpoint-unrouted')
  const other = faultStep(sound, 'nat-replies-dropped')
  const jobs = {
    kind: 'associate-endpoint-route-table',
    endpointId: fault.site.component,
    routeTableId: tableOf('jobs'),
  } as const
  const steps: readonly Step[] = [
    fault,
    other,
    { kind: 'fix', changes: [jobs], mended: [] },
    { kind: 'fix', changes: [{ ...jobs, routeTableId: tableOf('main') }], mended: [fault.id] },
    { kind: 'fix', changes: [{ ...jobs, routeTableId: tableOf('data') }], mended: [] },
  ]
  const { state, steps: kept } = withoutFault(sound, steps, fault.id)
  t.same(kept, [other, steps[4]], 'the table is associated without it; the next was for it; the last stays')
  const remade = kept.reduce(applyStep, sound)
  t.same(state, remade)
  t.same([...blocked(withoutFault(sound, kept, 'nat-replies-dropped').state)], ['jobs/no-internet'])
})
