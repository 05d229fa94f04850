import { join } from 'node:path'
import t from 'tap'
import { investigate } from '../../api/diagnosis/investigate.js'
import type { Observed } from '../../api/diagnosis/observed.js'
import { questionOf } from '../../api/diagnosis/rehearse.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { BALANCER_FAULTS } from '../scenarios/support/balancer-faults.js'

const scenario = async (id: string) => {
  const { snapshot } = await readSnapshot(join(process.cwd(), 'test/scenarios/data', id, 'snapshot'))
  const flow = BALANCER_FAULTS.find((one) => one.id === id)?.flows[0]
  if (flow === undefined) throw new Error(`no scenario ${id}`)
  return (result: Observed | null) => investigate({ snapshot, question: questionOf(flow), result })
}
const said = (httpStatus: number): Observed => ({
  outcome: 'http_status',
  kind: 'http',
  endedIn: 'exchange',
  detail: { httpStatus },
})

t.test('a connection to an ALB says nothing of what lies behind it', async (t) => {
  const closed = await scenario('N31')
  for (const kind of ['tcp', 'tls']) {
    const { kind: found, fixes } = closed({ outcome: 'ok', kind })
    t.equal(found, 'predicted', kind)
    t.equal(fixes.length > 0, true, 'and mended all the same')
  }
  t.equal(closed({ outcome: 'ok', kind: 'http' }).kind, 'contradicted', 'an answer comes from a target')
  t.equal(closed({ outcome: 'connect_timeout', kind: 'http' }).kind, 'proven')
})

t.test('only the statuses that an ALB makes itself prove that no target was reached', async (t) => {
  const closed = await scenario('N31')
  for (const status of [502, 503, 504]) t.equal(closed(said(status)).kind, 'proven', String(status))
  for (const status of [404, 500]) t.equal(closed(said(status)).kind, 'contradicted', String(status))
})

t.test('a refusal fits a listener that is missing, and not a rule that drops', async (t) => {
  const refused = { outcome: 'connect_refused', kind: 'tcp', endedIn: 'connect' }
  const [missing, client] = [await scenario('N33'), await scenario('N32')]
  t.equal(missing(refused).kind, 'proven')
  t.equal(missing({ outcome: 'connect_timeout', kind: 'tcp', endedIn: 'connect' }).kind, 'proven')
  t.equal(client(refused).kind, 'contradicted')
})

t.test('statuses of an open path: what each means', async (t) => {
  const open = await scenario('N30')
  const codes = (status: number) => open(said(status)).candidates.map(({ code }) => code)
  t.same(codes(502), ['BALANCER_BAD_GATEWAY', 'HTTP_STATUS'])
  t.same(codes(503), ['BALANCER_NO_TARGETS', 'HTTP_STATUS'])
  t.same(codes(504), ['BALANCER_TARGET_TIMEOUT', 'HTTP_STATUS'])
  t.same(codes(404), ['HTTP_STATUS'])
})
