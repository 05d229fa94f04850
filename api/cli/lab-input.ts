import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readAccount } from '../../infra/lab/account.js'
import { readLabFolder } from '../../infra/lab/folder.js'
import { checkFor, type LabFlow } from '../../infra/lab/plan.js'
import type { StandingPlan } from '../../infra/lab/posts.js'
import { type LabScenario, readScenario } from '../../infra/lab/scenario.js'
import { functionNames } from '../../infra/lab/standpoints.js'
import type { Snapshot } from '../network/snapshot.js'
import { targetOf } from '../sample/impact.js'
import { readSnapshot } from '../snapshot/read.js'
import { InputError, type Io } from './io.js'
import { packageFolder } from './lab-program.js'

/** What a lab is made of: an account, what is tried in it, and how its hosts behave. */
export interface LabInput {
  readonly snapshot: Snapshot
  readonly flows: readonly LabFlow[]
  readonly plans: readonly StandingPlan[]
  readonly hosts: LabScenario['hosts']
  readonly title: string
}

export interface LabInputOptions {
  readonly data?: string
  readonly to?: string
  readonly from?: string
  readonly port?: string
}

/** The name of the account that `npm start` shows. */
const SAMPLE = 'sample'

/** Where scenarios lie: the folder that was named, else that of the checkout. */
export function dataFolder(io: Io, given: string | undefined): string {
  if (given !== undefined) return resolve(io.cwd, given)
  return join(packageFolder(), 'test/scenarios/data')
}

/**
 * Finds what a name stands for: a scenario, the sample, or a folder of a snapshot.
 * @throws {InputError} where it is none of these, {LabInputError}, {SnapshotFolderError}
 */
export async function loadLab(io: Io, name: string, options: LabInputOptions): Promise<LabInput> {
  const folder = join(dataFolder(io, options.data), name)
  if (/^[\w-]+$/.test(name) && existsSync(join(folder, 'expected.json'))) {
    const { id, name: called, about, flows, hosts } = readScenario(folder)
    const { snapshot } = await readSnapshot(join(folder, 'snapshot'))
    return { snapshot, flows, plans: plansOf(snapshot, flows), hosts, title: `${id} ${called}: ${about}` }
  }
  if (name === SAMPLE) return loadSample()
  if (!existsSync(resolve(io.cwd, name)))
    throw new InputError(`${name} is neither a scenario (sonde lab list), nor sample, nor a folder`)
  const { snapshot } = await readSnapshot(resolve(io.cwd, name))
  const sources = options.from === undefined ? functionNames(readAccount(snapshot.documents)) : [options.from]
  if (sources.length === 0)
    throw new InputError(`${name} has no function: name an interface or an instance with --from`)
  const port = options.port === undefined ? null : Number(options.port)
  if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new InputError(`--port: expected 1-65535, found ${options.port}`)
  const to = options.to ?? 'internet'
  const flows = sources.map((from) => ({ from, to, port }))
  return { snapshot, flows, plans: plansOf(snapshot, flows), hosts: {}, title: name }
}

async function loadSample(): Promise<LabInput> {
  const folder = join(packageFolder(), 'dist/sample')
  const { about, hosts, plans } = readLabFolder(folder)
  const { snapshot } = await readSnapshot(join(folder, 'snapshot'))
  const flows = plans.flatMap(({ sources, checks }) =>
    sources.flatMap((from) => checks.map((check): LabFlow => ({ from, ...flowTarget(check) }))),
  )
  return { snapshot, flows, plans, hosts, title: `sample: ${about}` }
}

/** A database is named with its port, as in `sonde trace`. */
function flowTarget(check: StandingPlan['checks'][number]): { to: string; port: number } {
  const { to, port } = targetOf(check)
  return { to: to.includes('.rds.') ? `${to}:${port}` : to, port }
}

/** One plan for each source of the flows: all that is tried from there. */
function plansOf(snapshot: Snapshot, flows: readonly LabFlow[]): readonly StandingPlan[] {
  const account = readAccount(snapshot.documents)
  return [...new Set(flows.map(({ from }) => from))].map((from) => ({
    name: from,
    sources: [from],
    checks: flows.filter((flow) => flow.from === from).map((flow) => checkFor(account, flow)),
  }))
}
