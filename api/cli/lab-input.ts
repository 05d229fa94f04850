import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readAccount } from '../../infra/lab/account.js'
import { readLabFolder } from '../../infra/lab/folder.js'
import { checkFor, type LabFlow } from '../../infra/lab/plan.js'
import type { StandingPlan } from '../../infra/lab/posts.js'
import { type LabScenario, readScenario } from '../../infra/lab/scenario.js'
import { functionNames } from '../../infra/lab/standpoints.js'
import { josa } from '../korean.js'
import type { Snapshot } from '../network/snapshot.js'
import { targetOf } from '../sample/impact.js'
import { readSnapshot } from '../snapshot/read.js'
import { InputError, type Io, say } from './io.js'
import { packageFolder } from './lab-program.js'
import { warnOf } from './model-input.js'

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

/** What the options of a lab are, for every command that takes them. */
export const LAB_OPTIONS = {
  data: { en: 'folder of scenarios', ko: '시나리오 폴더' },
  to: {
    en: 'what to try, as in sonde trace (snapshot folders: default internet)',
    ko: 'sonde trace처럼 적은 대상 (스냅샷 폴더의 기본값: internet)',
  },
  from: {
    en: 'function, interface or instance (snapshot folders: default every function)',
    ko: '함수, 인터페이스, 인스턴스 (스냅샷 폴더의 기본값: 모든 함수)',
  },
  port: { en: 'destination port', ko: '대상 포트' },
  name: { en: 'as given to sonde lab up', ko: 'sonde lab up에 준 이름' },
} as const

/** How a network was raised. */
export function raisedWords(io: Pick<Io, 'language'>, namespaces: number, ms: number): string {
  return say(io, `${namespaces} namespaces in ${ms} ms`, `네임스페이스 ${namespaces}개, ${ms} ms`)
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
    throw new InputError({
      en: `${name} is neither a scenario (sonde lab list), nor sample, nor a folder`,
      ko: josa`${name}은(는) 시나리오(sonde lab list)도, sample도, 폴더도 아닙니다`,
    })
  const { snapshot, problems } = await readSnapshot(resolve(io.cwd, name))
  await warnOf(io, problems)
  const sources = options.from === undefined ? functionNames(readAccount(snapshot.documents)) : [options.from]
  if (sources.length === 0)
    throw new InputError({
      en: `${name} has no function: name an interface or an instance with --from`,
      ko: `${name}에 함수가 없습니다. --from으로 인터페이스나 인스턴스를 지정하세요`,
    })
  const port = options.port === undefined ? null : Number(options.port)
  if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new InputError({
      en: `--port: expected 1-65535, found ${options.port}`,
      ko: `--port: 1-65535여야 하는데 ${options.port}입니다`,
    })
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
