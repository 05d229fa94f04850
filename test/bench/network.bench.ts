import { buildModel, type Model } from '../../api/network/model.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { trace } from '../../api/network/trace.js'
import { large } from '../network/support/large.js'

export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly reference?: number
  readonly ratio?: number
  readonly goal?: string
}

const SEED = 20261

/** Processor time, not the clock's: the goals are for one core, and other work may share it. */
function timed<T>(work: () => T): { readonly seconds: number; readonly result: T } {
  const start = process.cpuUsage()
  const result = work()
  const used = process.cpuUsage(start)
  return { seconds: (used.user + used.system) / 1e6, result }
}

/** 10 targets a function: the internet, and nine interfaces spread over the VPC. */
function traceAll(model: Model, functions: readonly string[], targets: readonly string[]): number {
  let paths = 0
  functions.forEach((name, i) => {
    const source = { kind: 'function', name } as const
    const flow = { protocol: 'tcp', port: 443 }
    paths += trace(model, source, { kind: 'internet' }, flow).perSubnet.length
    for (let k = 0; k < 9; k++) {
      const id = targets[(i * 37 + k * 541) % targets.length] ?? ''
      paths += trace(model, source, { kind: 'eni', id }, { protocol: 'tcp', port: 5432 }).perSubnet.length
    }
  })
  return paths
}

function best(times: number, work: () => number): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) least = Math.min(least, timed(work).seconds)
  return least
}

/** Documents of about `bytes` of JSON: the large world's interfaces and groups, many times over under other ids. */
function heavy(bytes: number): { readonly snapshot: Snapshot; readonly text: string[] } {
  const shape = { functions: 1000, enis: 5000, groups: 1000, tables: 300, seed: SEED }
  const { snapshot } = large(shape)
  const one = snapshot.documents.reduce((sum, d) => sum + JSON.stringify(d.body).length, 0)
  const copies = Math.max(1, Math.ceil(bytes / one))
  const documents = Array.from({ length: copies }, (_, n) =>
    snapshot.documents.map((d) => {
      const text = JSON.stringify(d.body).replaceAll(
        /"(eni|sg|subnet|rtb|vpc|fn|acl-main-vpc)-/g,
        `"$1-c${n}-`,
      )
      return { ...d, file: `c${n}/${d.file}`, scope: `c${n}`, body: JSON.parse(text) as unknown }
    }),
  ).flat()
  return {
    snapshot: { takenAt: null, documents, missing: [] },
    text: documents.map((d) => JSON.stringify(d.body)),
  }
}

/** Measures the trace and the model's building; see the goals beside each. */
export function run(): Promise<readonly Measure[]> {
  const small = large({ functions: 1000, enis: 5000, groups: 1000, tables: 300, seed: SEED })
  const model = buildModel(small.snapshot).model
  const seconds = best(5, () => traceAll(model, small.functions, small.targets))
  const paths = traceAll(model, small.functions, small.targets)

  const wide = large({ functions: 10_000, enis: 50_000, groups: 10_000, tables: 300, seed: SEED })
  const wideModel = buildModel(wide.snapshot).model
  const wideSeconds = best(2, () => traceAll(wideModel, wide.functions, wide.targets))

  const weight = heavy(50e6)
  const megabytes = weight.text.reduce((sum, t) => sum + t.length, 0) / 1e6
  const build = best(3, () => buildModel(weight.snapshot).model.enis.size)
  const parse = best(2, () => weight.text.reduce((n, t) => n + (JSON.parse(t) === null ? 1 : 0), 0))

  return Promise.resolve([
    { name: `trace ${paths} paths`, value: seconds, unit: 's', goal: '<= 1 s' },
    {
      name: 'trace 10x as many over a model 10x as large',
      value: wideSeconds,
      unit: 's',
      reference: seconds * 10,
      ratio: wideSeconds / (seconds * 10),
      goal: 'about 1 (linear)',
    },
    { name: `model from ${megabytes.toFixed(0)} MB of parsed JSON`, value: build, unit: 's', goal: '<= 1 s' },
    {
      name: `the same with JSON.parse`,
      value: build + parse,
      unit: 's',
      reference: parse,
      ratio: (build + parse) / parse,
    },
  ])
}
