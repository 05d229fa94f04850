import { parseArgs } from 'node:util'
import { bytesOfRun, type Deployment, probeCost, storeCost } from './lib/cost.js'
import { PRICES } from './lib/prices.js'

/** Prints what probes cost a month, and with --api the ingest and the store. Usage: npm run cost [-- --postures 20 --every 5 --api …] */
const { values } = parseArgs({
  options: {
    postures: { type: 'string', default: '20' },
    subnets: { type: 'string', default: '3' },
    checks: { type: 'string', default: '10' },
    every: { type: 'string', default: '5' },
    memory: { type: 'string', default: '256' },
    ms: { type: 'string', default: '500' },
    metrics: { type: 'string', default: 'none' },
    alarms: { type: 'boolean', default: false },
    api: { type: 'boolean', default: false },
  },
})
const deployment: Deployment = {
  postures: positive('postures', values.postures),
  subnets: positive('subnets', values.subnets),
  checks: positive('checks', values.checks),
  everyMinutes: positive('every', values.every),
  memoryMb: positive('memory', values.memory),
  runMs: positive('ms', values.ms),
  metrics: metricsOf(values.metrics, values.alarms),
  alarms: values.alarms,
}
const { postures, subnets, checks, everyMinutes, memoryMb, runMs } = deployment
console.log(
  `${postures} postures in ${subnets} subnets each, ${checks} checks every ${everyMinutes} min, ${memoryMb} MB, ${runMs} ms a run`,
)
console.log(
  `list prices of ${PRICES.region}, ${PRICES.date}; a run logs ${bytesOfRun(checks, deployment.metrics)} bytes\n`,
)
const lines = [...probeCost(deployment), ...(values.api ? storeCost(deployment) : [])]
for (const { what, quantity, unit, dollars, afterFreeTier } of lines)
  console.log(
    `${what.padEnd(24)}${amount(quantity).padStart(12)} ${unit.padEnd(12)}${money(dollars)}${money(afterFreeTier)}`,
  )
const sum = (pick: 'dollars' | 'afterFreeTier'): number =>
  lines.reduce((total, line) => total + line[pick], 0)
console.log(
  `${'a month'.padEnd(49)}${money(sum('dollars'))}${money(sum('afterFreeTier'))}  (after the free tier)`,
)

function amount(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: quantity < 100 ? 2 : 0 })
}

function money(dollars: number): string {
  return `$${dollars.toFixed(2)}`.padStart(11)
}

function metricsOf(text: string, alarms: boolean): Deployment['metrics'] {
  if (text === 'none' && alarms) return 'probe'
  if (text === 'none' || text === 'probe' || text === 'check') return text
  console.error(`--metrics is "${text}"; it is none, probe or check`)
  process.exit(2)
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  console.error(`--${name} is "${text}"; it must be a number above zero`)
  process.exit(2)
}
