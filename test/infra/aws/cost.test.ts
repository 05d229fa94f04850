import t from 'tap'
import { bytesOfRun, type Deployment, probeCost, storeCost } from '../../../infra/aws/lib/cost.js'

const deployment: Deployment = {
  postures: 20,
  subnets: 3,
  checks: 10,
  everyMinutes: 5,
  memoryMb: 256,
  runMs: 500,
  metrics: 'none',
  alarms: false,
}

const total = (more: Partial<Deployment> = {}): number =>
  probeCost({ ...deployment, ...more }).reduce((sum, { dollars }) => sum + dollars, 0)

t.test('twenty postures, which a thousand functions may share, cost a few dollars a month', async (t) => {
  const lines = probeCost(deployment)
  t.equal(Math.round(lines[0]?.quantity ?? 0), 525_600, '60 probes, 12 runs an hour, 730 hours')
  t.equal(lines[0]?.dollars.toFixed(4), '0.1051')
  t.equal(lines[1]?.quantity.toFixed(0), '65700', 'GB-s')
  t.ok(total() < 5, `$${total().toFixed(2)}`)
  t.ok(
    lines.every(({ dollars, afterFreeTier }) => afterFreeTier <= dollars),
    'a free tier never costs',
  )
})

t.test('what is said is what is printed', async (t) => {
  t.ok(bytesOfRun(10, 'none') > 10 * 300 && bytesOfRun(10, 'none') < 65_536)
  t.ok(bytesOfRun(10, 'check') > bytesOfRun(10, 'probe'), 'a line for each check costs more than one')
})

t.test('metrics of each check cost hundreds of times those of the probe', async (t) => {
  const metrics = (kind: 'probe' | 'check') =>
    probeCost({ ...deployment, metrics: kind }).find(({ what }) => what === 'metrics')?.quantity
  t.equal(metrics('probe'), 60)
  t.equal(metrics('check'), 60 * 11 * 6)
  t.ok(total({ metrics: 'probe', alarms: true }) < 30)
})

t.test('ten thousand functions in 200 postures, every minute: the whole of it', async (t) => {
  const fleet = { ...deployment, postures: 200, everyMinutes: 1, memoryMb: 128, runMs: 1000 }
  const lines = storeCost(fleet)
  t.equal(Math.round(lines[0]?.quantity ?? 0), 26_280_000, 'a report a minute of 600 probes, 730 hours')
  t.equal(lines.find(({ what }) => what === 'store (writes)')?.dollars.toFixed(2), '28.74')
  const all = [...probeCost(fleet), ...lines].reduce((sum, { dollars }) => sum + dollars, 0)
  t.ok(all > 150 && all < 200, `$${all.toFixed(2)}`)
})
