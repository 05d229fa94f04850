import t from 'tap'
import { functionsByHome, probesOfPosture } from '../../api/discovery/follow.js'
import { postureId } from '../../api/health/standpoint.js'
import { followed } from '../../api/inventory-following.js'
import { createLogger } from '../../api/log.js'
import { buildModel } from '../../api/network/model.js'
import { sink } from '../cli/run.js'
import { startApi, until } from '../support/api.js'
import { ACCOUNT, functionArn, lambda, REGION, snapshotOf, tagged } from './aws-answers.js'

const posture = { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'] }

t.test(
  'the functions of each place, also of one that has none, and of none that could not be listed',
  async (t) => {
    const homes = (snapshot: ReturnType<typeof snapshotOf>) =>
      functionsByHome(snapshot, buildModel(snapshot).model)
    t.same(homes(snapshotOf({})), [
      { account: ACCOUNT, region: REGION, functions: [{ name: 'orders', posture }] },
    ])
    t.same(homes(snapshotOf({ 'list-functions': { Functions: [] } })), [
      { account: ACCOUNT, region: REGION, functions: [] },
    ])
    const refused = { scope: REGION, call: 'list-functions', key: '', code: 'AccessDenied', message: 'no' }
    t.same(homes(snapshotOf({}, [refused])), [])
  },
)

t.test('probes are known by their tag before they report', async (t) => {
  const id = postureId(posture.subnets, posture.securityGroups)
  const snapshot = snapshotOf({
    'list-functions': {
      Functions: [lambda('orders'), lambda('sonde-b', ['subnet-b']), lambda('sonde-other', ['subnet-a'])],
    },
    ...tagged({
      [functionArn('sonde-b')]: { 'sonde:probe': id },
      [functionArn('sonde-other')]: { 'sonde:probe': 'posture-x' },
    }),
  })
  const { model } = buildModel(snapshot)
  const home = { posture: id, account: ACCOUNT, region: REGION }
  t.same(probesOfPosture(snapshot, model, home), [{ probe: 'sonde-b', subnet: 'subnet-b' }])
  t.same(probesOfPosture(snapshot, model, { ...home, region: 'us-east-1' }), [])
  t.same(probesOfPosture(snapshot, model, { ...home, posture: null }), [])
})

t.test(
  'what the configuration declares stands; failing places are told once, and when they are well again',
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    const log = sink()
    const declared = [{ name: 'orders', posture: { subnets: ['subnet-z'], securityGroups: ['sg-9'] } }]
    await api.store.declareFunctions(declared)
    let error: string | null = 'AccessDenied: no'
    const place = { account: null, region: REGION, lastTriedAt: null, lastOkAt: null }
    const collection = followed(
      {
        collect: async () =>
          snapshotOf({ 'list-functions': { Functions: [lambda('orders'), lambda('billing')] } }),
        status: () => [{ ...place, error }],
      },
      { store: api.store, declared, clock: api.now, logger: createLogger('info', log.stream) },
    )
    await collection.collect()
    await collection.collect()
    error = null
    await collection.collect()
    const { items } = await api.store.listFunctions({ now: api.now(), limit: 9 })
    t.same(
      items.map((one) => [one.name, one.posture]),
      [
        ['billing', postureId(posture.subnets, posture.securityGroups)],
        ['orders', postureId(['subnet-z'], ['sg-9'])],
      ],
    )
    await until(() => log.text().includes('again'))
    const told = log
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg)
    t.same(told, ['an account can not be collected; the others are', 'the account is collected again'])
  },
)
