import t from 'tap'
import { snapshotFromDocuments } from '../../api/snapshot/documents.js'
import { startApi } from '../support/api.js'
import { accountFiles, runProbes } from '../web/support/account.js'

t.test('a fix is rehearsed with the question of the check itself', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.network.add(snapshotFromDocuments({ files: await accountFiles() }).snapshot, api.now())
  await runProbes(api, 3)
  const { items } = (await api.app.inject('/v1/functions/billing-worker/diagnosis')).json()
  const item = items.find(({ check }: { check: string }) => check === 'orders-db')
  const { changes } = item.diagnosis.fixes[0]
  const rehearse = (payload: object) =>
    api.app.inject({ method: 'POST', url: '/v1/functions/billing-worker/rehearsals', payload })

  const answer = await rehearse({ check: 'orders-db', subnet: item.subnet, changes })
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.json(), { before: { verdict: 'unreachable' }, after: { verdict: 'reachable' } })

  t.equal((await rehearse({ check: 'gone', subnet: item.subnet, changes })).statusCode, 404)
  const wrong = await rehearse({
    check: 'orders-db',
    subnet: item.subnet,
    changes: [{ kind: 'open-sesame' }],
  })
  t.equal(wrong.statusCode, 400)
  const elsewhere = [{ ...changes[0], groupId: 'sg-00000000000000bad' }]
  t.equal((await rehearse({ check: 'orders-db', subnet: item.subnet, changes: elsewhere })).statusCode, 400)

  const groups = (await api.app.inject('/v1/diagnoses')).json().items
  t.ok(
    groups.every(({ since }: { since: string | null }) => since !== null),
    'each cause says since when',
  )
})
