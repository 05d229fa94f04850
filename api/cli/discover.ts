import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Document } from 'yaml'
import { changedPlanText, newPlanText } from '../discovery/edit.js'
import { type Merge, type MergeInput, mergePlans, nextBase } from '../discovery/merge.js'
import { type PlanDocument, readPlanDocument, readPlanFile } from '../discovery/plan-file.js'
import type { PlanFile } from '../discovery/plan-file.schema.js'
import { type Discovery, discover } from '../discovery/propose.js'
import { buildModel } from '../network/model.js'
import type { MissingCall, Snapshot } from '../network/snapshot.js'
import { readSnapshot, SnapshotFolderError } from '../snapshot/read.js'
import { ConfigError } from '../yaml-file.js'
import { append, missingLines, progressLine, regionsOf } from './collecting.js'
import { changeLines, discoveryLines } from './discover-table.js'
import { EXIT, guard, InputError, type Io, unwritable, write } from './io.js'
import { safe, screenOf } from './screen.js'

interface DiscoverOptions {
  readonly region: readonly string[]
  readonly snapshot?: string
  readonly out: string
  readonly apply?: boolean
  readonly json?: boolean
  readonly policy?: boolean
}

const HELP = `
Functions in a VPC are grouped by their subnets and security groups: Lambda gives those that share both the same network
interfaces, so one probe a subnet speaks for all of them. RDS, ElastiCache, OpenSearch and VPC endpoints of the same VPC become
checks, and the internet where a subnet has a default route.

Tags:  sonde:ignore          on a function, database, cache, domain or endpoint: left out
       sonde:checks WORDS    on a function: only these of the proposals (rds:orders, internet), and targets of its own
                             (tcp://HOST:PORT, https://HOST/, postgres://HOST, aws://sqs, not:tcp://HOST:PORT)

The first run writes the file. A later one shows what it would change, and changes it with --apply; what a person wrote, changed or
took out stays. FILE.generated.json beside it remembers what discovery wrote itself: commit both.
Exit:  0 written, or nothing to change; 1 there are changes, and no --apply; 2 bad input, or AWS can't be asked`

/** Adds `sonde discover`: from an account, or a snapshot of it, to the plan of its probes. */
export function registerDiscover(program: Command, io: Io): void {
  program
    .command('discover')
    .description(
      'find functions and what they may depend on, and write the plan of the probes for a person to edit',
    )
    .option('--region <region>', 'a region to look through; may be given several times', append, [])
    .option('--snapshot <dir>', 'look through a snapshot instead of asking AWS')
    .option('--out <file>', 'the plan file', 'sonde.plan.yaml')
    .option('--apply', 'write the changes into a plan file that is there already')
    .option('--json', 'print what was found and what would change as JSON')
    .option('--policy', 'print the least IAM policy that this command needs, and stop')
    .addHelpText('after', HELP)
    .action((options: DiscoverOptions) => guard(io, 'discover', isInput, () => runDiscover(options, io)))
}

function isInput(error: unknown): boolean {
  // By name, so that the SDK isn't loaded to compare a class.
  const named = error instanceof Error && error.name === 'InventoryError'
  return named || error instanceof ConfigError || error instanceof SnapshotFolderError
}

async function writeOut(path: string, shown: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw unwritable(error, shown)
  })
}

async function runDiscover(options: DiscoverOptions, io: Io): Promise<number> {
  if (options.policy) {
    const { discoveryPolicy } = await import('../aws/policy.js')
    const { partitionOf } = await import('../arn.js')
    const [region = ''] = regionsOf(options, io)
    await write(io.stdout, `${JSON.stringify(discoveryPolicy(partitionOf(region)), null, 2)}\n`)
    return EXIT.ok
  }
  const paths = pathsOf(resolve(io.cwd, options.out))
  // Before AWS is asked for minutes: a file that can't be read must not be found out at the end.
  const there = await readExisting(paths, options.out)
  const snapshot =
    options.snapshot === undefined ? await collect(options, io) : await open(options.snapshot, io)
  const discovery = discover(snapshot, buildModel(snapshot).model)
  const scope = { ...scopeOf(discovery), base: there?.base ?? null, theirs: discovery.file }
  const merge = there === null ? null : mergePlans({ ...scope, mine: there.mine })
  const pending = merge !== null && merge.changes.length > 0
  const writes = there === null || (options.apply === true && pending)
  if (writes) {
    const text =
      there === null || merge === null
        ? newPlanText(new Document(), discovery.file)
        : changedPlanText(there.document, merge.changes)
    // Never leave a file that the next run can't read.
    readPlanFile(text, options.out)
    await writeOut(paths.plan, options.out, text)
  }
  if (writes || !pending)
    await writeOut(paths.generated, options.out, `${JSON.stringify(nextBase(scope), null, 2)}\n`)
  await tell(io, options, {
    discovery,
    merge,
    missing: snapshot.missing,
    wrote: writes,
    isNew: there === null,
  })
  return pending && !writes ? EXIT.failed : EXIT.ok
}

interface Existing {
  readonly mine: PlanFile
  readonly document: PlanDocument
  readonly base: PlanFile | null
}

/** What the discovery can speak of, as the merge asks it. */
function scopeOf({ covered, uncertain }: Discovery): Pick<MergeInput, 'covers' | 'isUncertain'> {
  return {
    covers: ({ account, region }) =>
      covered.some(
        (place) =>
          place.region === region &&
          (place.account === null || account === undefined || place.account === account),
      ),
    isUncertain: (name) => uncertain.some((prefix) => name.startsWith(prefix)),
  }
}

interface Paths {
  readonly plan: string
  readonly generated: string
}

function pathsOf(plan: string): Paths {
  const stem = basename(plan, extname(plan))
  return { plan, generated: join(dirname(plan), `${stem}.generated.json`) }
}

async function readExisting({ plan, generated }: Paths, name: string): Promise<Existing | null> {
  const text = await textOf(plan)
  if (text === null) return null
  const { value, document } = readPlanDocument(text, name)
  const written = await textOf(generated)
  return { mine: value, document, base: written === null ? null : readPlanFile(written, basename(generated)) }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') return null
    throw new InputError(`${file} can't be read (${code})`)
  }
}

/** The SDK takes a tenth of a second to load: only who asks AWS pays. */
async function collect(options: DiscoverOptions, io: Io): Promise<Snapshot> {
  const regions = regionsOf(options, io)
  if (regions.length === 0) {
    throw new InputError(
      '--region is missing: name at least one, such as eu-west-1, or a snapshot with --snapshot',
    )
  }
  const { openClients, closeClients } = await import('../aws/client.js')
  const { collectInventory } = await import('../aws/inventory.js')
  const { DISCOVERY_CALLS } = await import('../aws/inventory-calls.js')
  const clients = regions.map((region) => openClients(region))
  try {
    const progress = progressLine(io)
    const { snapshot } = await collectInventory(clients, { calls: DISCOVERY_CALLS, onCall: progress.step })
    await progress.end()
    return snapshot
  } finally {
    for (const one of clients) closeClients(one)
  }
}

async function open(folder: string, io: Io): Promise<Snapshot> {
  const { snapshot, problems } = await readSnapshot(resolve(io.cwd, folder))
  for (const { file, pointer, message } of problems.slice(0, 20)) {
    await write(io.stderr, `sonde discover: ${safe(`${file}${pointer}: ${message}`)}\n`)
  }
  return snapshot
}

interface Outcome {
  readonly discovery: Discovery
  /** Null where there was no file. */
  readonly merge: Merge | null
  readonly missing: readonly MissingCall[]
  readonly wrote: boolean
  readonly isNew: boolean
}

async function tell(io: Io, options: DiscoverOptions, outcome: Outcome): Promise<void> {
  const { discovery, merge, missing, wrote, isNew } = outcome
  if (options.json) {
    const postures = discovery.postures.map(({ plan, notes, interfaces }) => ({
      ...plan,
      interfaces: Object.fromEntries(interfaces),
      probes: plan.subnets.length,
      notes,
    }))
    const told = {
      file: options.out,
      wrote,
      postures,
      changes: merge?.changes ?? [],
      kept: merge?.kept ?? [],
      missing,
    }
    await write(io.stdout, `${JSON.stringify(told)}\n`)
    return
  }
  const screen = screenOf(io.stdout, io.env)
  const lines = [...discoveryLines(discovery, screen), ...missingLines(missing, screen.columns)]
  if (merge) lines.push(...changeLines(merge, screen))
  lines.push(lastLine(safe(options.out), merge, wrote, isNew))
  await write(io.stdout, `${lines.join('\n')}\n`)
}

function lastLine(out: string, merge: Merge | null, wrote: boolean, isNew: boolean): string {
  if (isNew) return `${out} is written: read it, edit it, and deploy the probes by it.`
  const count = merge?.changes.length ?? 0
  if (count === 0) return `${out} is up to date.`
  const changes = `${count} ${count === 1 ? 'change' : 'changes'}`
  return wrote ? `${out}: ${changes} written.` : `${out}: ${changes} proposed; --apply writes them.`
}
