import t from 'tap'
import { functionsOf, postureId, standpointOf, standsIn } from '../../api/health/standpoint.js'
import { makeReport } from '../store/support/reports.js'

const { probe } = makeReport({ at: 0 })

t.test('a standpoint is a subnet with its groups, in any order', async (t) => {
  const same = standpointOf({ ...probe, function: 'other', securityGroups: ['sg-2', 'sg-1', 'sg-2'] })
  t.equal(standpointOf({ ...probe, securityGroups: ['sg-1', 'sg-2'] }).id, same.id)
  const others = [
    { ...probe, securityGroups: ['sg-1'] },
    { ...probe, securityGroups: ['sg-1', 'sg-2'], subnet: 'subnet-1b' },
    { ...probe, securityGroups: ['sg-1', 'sg-2'], region: 'eu-west-2' },
    { ...probe, securityGroups: ['sg-1', 'sg-2'], account: null },
  ]
  for (const other of others) t.not(standpointOf(other).id, same.id)
})

t.test('without a subnet the function itself is the standpoint', async (t) => {
  const own = standpointOf({ ...probe, subnet: null, function: 'a' })
  t.not(own.id, standpointOf({ ...probe, subnet: null, function: 'b' }).id)
  t.equal(standsIn(own, { subnets: ['subnet-1a'], securityGroups: ['sg-1'] }), false)
})

t.test('a standpoint stands in a posture with the very same groups', async (t) => {
  const place = standpointOf({ ...probe, securityGroups: ['sg-1', 'sg-2'] })
  t.equal(standsIn(place, { subnets: ['subnet-9', 'subnet-1a'], securityGroups: ['sg-2', 'sg-1'] }), true)
  t.equal(standsIn(place, { subnets: ['subnet-1a'], securityGroups: ['sg-1'] }), false)
  t.equal(standsIn(place, { subnets: ['subnet-9'], securityGroups: ['sg-1', 'sg-2'] }), false)
  t.equal(postureId(['b', 'a'], ['y', 'x', 'x']), postureId(['a', 'b'], ['x', 'y']))
  t.not(postureId(['a', 'b'], []), postureId(['a'], ['b']))
})

t.test('a probe speaks for its workloads, or for itself', async (t) => {
  t.same(functionsOf({ ...probe, workloads: ['a', 'b', 'a', ''] }), ['a', 'b'])
  t.same(functionsOf({ ...probe, workloads: [] }), [])
  const { workloads: _, ...alone } = probe
  t.same(functionsOf(alone), ['sonde-probe-1a'])
})
