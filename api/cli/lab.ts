import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { readAccount } from '../../infra/lab/account.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import { runProbes, type Sighting } from '../../infra/lab/run.js'
import { type LabScenario, readScenario } from '../../infra/lab/scenario.js'
import { functionNames, LabInputError } from '../../infra/lab/standpoints.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { applyChanges, ChangeError } from '../diagnosis/apply.js'
import { explainPlain } from '../diagnosis/explain.js'
import { investigate } from '../diagnosis/investigate.js'
import { questionOf } from '../diagnosis/rehearse.js'
import type { Snapshot } from '../network/snapshot.js'
import { readSnapshot, SnapshotFolderError } from '../snapshot/read.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { registerLabFuzz } from './lab-fuzz.js'
import { labProgram, packageFolder } from './lab-program.js'
import { registerLabRecord } from './lab-record.js'
import { languageOf, safe } from './screen.js'

const HELP = `
NAME is a scenario of the checkout (sonde lab list), or the folder of a snapshot.
The lab is made of Linux namespaces: it needs iproute2 and nftables, and nothing of it outlives the command.`

/** Adds `sonde lab`: a snapshot as a live network on this machine, and the probe in it. */
export function registerLab(program: Command, io: Io): void {
  const lab = program
    .command('lab')
    .description('turn a snapshot into a live network of namespaces on this machine, and run the probe in it')
    .addHelpText('after', HELP)
  lab
    .command('list')
    .description('the scenarios of the checkout')
    .option('--data <dir>', 'folder of scenarios')
    .action((options: { data?: string }) => guard(io, 'lab list', isInput, () => list(io, options.data)))
  lab
    .command('run')
    .description(
      'build the network, run the probe from every function, show what it saw, why, and prove the fix',
    )
    .argument('<name>', 'scenario or snapshot folder')
    .option('--data <dir>', 'folder of scenarios')
    .option('--to <target>', 'what to try, as in sonde trace (snapshot folders: default internet)')
    .option('--from <source>', 'function, interface or instance (snapshot folders: default every function)')
    .option('--port <number>', 'destination port')
    .option('--no-fix', 'do not apply the fix')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .action((name: string, options: RunOptions) =>
      guard(io, 'lab run', isInput, () => run(io, name, options)),
    )
  registerLabFuzz(lab, io)
  registerLabRecord(lab, io)
}

interface RunOptions {
  readonly data?: string
  readonly to?: string
  readonly from?: string
  readonly port?: string
  readonly fix: boolean
  readonly lang?: string
}

function isInput(error: unknown): boolean {
  return (
    error instanceof LabUnavailable ||
    error instanceof LabInputError ||
    error instanceof SnapshotFolderError ||
    error instanceof ChangeError
  )
}

function dataFolder(io: Io, given: string | undefined): string {
  if (given !== undefined) return resolve(io.cwd, given)
  return join(packageFolder(), 'test/scenarios/data')
}

async function list(io: Io, data: string | undefined): Promise<number> {
  const folder = dataFolder(io, data)
  if (!existsSync(folder))
    throw new InputError(
      `${folder}: no scenarios there: they come with a checkout, or name a folder with --data`,
    )
  const scenarios = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'expected.json')))
    .map((name) => readScenario(join(folder, name)))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
  const lines = scenarios.map(({ id, name, about }) => `${id.padEnd(5)} ${name.padEnd(26)} ${about}\n`)
  await write(io.stdout, lines.join(''))
  return EXIT.ok
}

interface Loaded {
  readonly snapshot: Snapshot
  readonly flows: readonly LabFlow[]
  readonly hosts: LabScenario['hosts']
  readonly title: string
}

async function load(io: Io, name: string, options: RunOptions): Promise<Loaded> {
  const folder = join(dataFolder(io, options.data), name)
  if (/^[\w-]+$/.test(name) && existsSync(join(folder, 'expected.json'))) {
    const scenario = readScenario(folder)
    const { snapshot } = await readSnapshot(join(folder, 'snapshot'))
    return {
      snapshot,
      flows: scenario.flows,
      hosts: scenario.hosts,
      title: `${scenario.id} ${scenario.name}: ${scenario.about}`,
    }
  }
  if (!existsSync(resolve(io.cwd, name)))
    throw new InputError(`${name} is neither a scenario (sonde lab list) nor a folder`)
  const { snapshot } = await readSnapshot(resolve(io.cwd, name))
  const sources = options.from === undefined ? functionNames(readAccount(snapshot.documents)) : [options.from]
  if (sources.length === 0)
    throw new InputError(`${name} has no function: name an interface or an instance with --from`)
  const port = options.port === undefined ? null : Number(options.port)
  if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new InputError(`--port: expected 1-65535, found ${options.port}`)
  const to = options.to ?? 'internet'
  return { snapshot, flows: sources.map((from) => ({ from, to, port })), hosts: {}, title: name }
}

async function run(io: Io, name: string, options: RunOptions): Promise<number> {
  const language = languageOf(options.lang, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${options.lang}`)
  const { snapshot, flows, hosts, title } = await load(io, name, options)
  const lab = await startLab(labProgram())
  try {
    const up = await lab.up(snapshot.documents, hosts)
    await write(io.stdout, `${safe(title)}\n${up.namespaces.length} namespaces in ${up.ms} ms\n`)
    for (const [id, why] of Object.entries(up.unsupported))
      await write(io.stderr, `warning: ${safe(id)}: ${why}\n`)
    const sightings = await runProbes(lab, snapshot.documents, flows)
    let mended = true
    for (const flow of flows) {
      const own = sightings.filter(({ from }) => from === flow.from)
      const index = flows.filter(({ from }) => from === flow.from).indexOf(flow)
      await write(
        io.stdout,
        `\n${safe(flow.from)} → ${safe(flow.to)}\n${own.map((one) => sightingLine(one, index)).join('')}`,
      )
      const result = own
        .map(({ results }) => results[index])
        .find((one) => one !== undefined && !one.asExpected)
      if (result === undefined && own.length > 0) continue
      const question = questionOf({ from: flow.from, to: flow.to, port: flow.port })
      const diagnosis = investigate({ snapshot, question, result: result ?? null })
      await write(io.stdout, `${explainPlain(diagnosis, language)}\n`)
      const [fix] = diagnosis.fixes
      if (fix === undefined || !options.fix) {
        mended = false
        continue
      }
      const changed = applyChanges(snapshot, fix.changes)
      await lab.up(changed.documents, hosts)
      const after = await runProbes(lab, changed.documents, [flow])
      const green =
        after.length > 0 &&
        after.every(({ results }) =>
          results.every((one) => one.asExpected || one.outcome === 'aws_access_denied'),
        )
      await write(io.stdout, `${after.map((one) => sightingLine(one, 0)).join('')}`)
      mended = mended && green
      await lab.up(snapshot.documents, hosts)
    }
    return mended ? EXIT.ok : EXIT.failed
  } finally {
    await lab.end()
  }
}

function sightingLine({ subnetId, results }: Sighting, index: number): string {
  const result = results[index]
  if (result === undefined) return ''
  const address = result.address === null ? '' : `  ${result.address}`
  const seen = result.detail?.['egressIp']
  const as = typeof seen === 'string' ? `  seen as ${safe(seen)}` : ''
  return `  ${(subnetId ?? 'outside of any VPC').padEnd(26)} ${result.outcome.padEnd(18)} ${String(Math.round(result.ms)).padStart(5)} ms${address}${as}\n`
}
