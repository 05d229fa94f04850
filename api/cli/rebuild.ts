import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, type ConfigFlags, loadConfig } from '../config.js'
import { ingestStream, isUnreadable } from '../ingest/file.js'
import { LogUnreadable } from '../ingest/whole.js'
import { NothingToRebuild, type RebuildInput, type Rebuilt, rebuildStore } from '../rebuild.js'
import { StoreInUse } from '../store/store.js'
import { EXIT, guard, InputError, type Io, instant, write } from './io.js'
import { safe } from './screen.js'
import { isStoreError } from './store-error.js'

interface RebuildFlags extends Pick<ConfigFlags, 'config' | 'data'> {
  readonly since?: string
  readonly table?: string
  readonly json?: true
}

const HELP = `
Logs are files, folders (with all below them) and - for stdin, gzipped or not, in any order, overlapping or not. The folders and
log groups that the configuration names as sources are read too, always and to their end: what runs on the new store goes
on from there, and neither loses nor doubles a line.

In the data folder the new store is built beside the old one and takes its place by one rename, only once every log was read;
the old one stays as sonde.db.before-TIME. Nothing else may have the store open. A DynamoDB table is never replaced: the one
named (by --table, else by the configuration) must be empty; afterwards name it in the configuration.

The new store has the health, incidents, timelines and results that these logs hold. In no log are: reports that were sent by
HTTP or Firehose alone; what discovery said (it says so again at its next round; where functions stood before, and which
vanished, is forgotten); events, which are numbered on; counts of duplicates. What the configuration says, tokens among it,
and the snapshots of the VPC are no part of the store and stay.
Exit:  0 rebuilt, 2 nothing was changed`

/** Lines that were not taken in are told one by one up to this many. */
const TOLD = 20

/** `sonde rebuild LOG…`: makes the store anew from the logs, and puts it in the place of the old one. */
export function registerRebuild(program: Command, io: Io): void {
  program
    .command('rebuild')
    .description('make the store anew from logs, and put it in the place of the old one')
    .argument('[log...]', 'files and folders with report lines; - is stdin')
    .option('--since <time>', 'read log groups from here on, ISO 8601 (default: as far as anything is kept)')
    .option('--table <name>', 'an empty DynamoDB table to build in, instead of the one of the configuration')
    .option('--data <dir>', 'folder of the embedded database')
    .option('--config <file>', 'configuration: its sources, functions, policy and retention')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', HELP)
    .action((logs: readonly string[], flags: RebuildFlags) =>
      guard(io, 'rebuild', isInput, () => rebuild(logs, flags, io)),
    )
}

async function rebuild(logs: readonly string[], flags: RebuildFlags, io: Io): Promise<number> {
  const config = configOf(flags, io)
  const { folders, cloudwatch } = config.sources
  if (logs.length + folders.length + cloudwatch.length === 0)
    throw new InputError('name the logs to read, or a configuration that has sources with --config')
  const told = { lines: 0, pending: Promise.resolve(true) }
  const tell = (path: string, line: number, reason: string): void => {
    told.lines += 1
    if (told.lines > TOLD) return
    told.pending = write(io.stderr, `${safe(path)}:${line}: ${safe(reason)}\n`)
  }
  const rebuilt = await rebuildStore({
    config,
    paths: logs.filter((log) => log !== '-').map((log) => resolve(io.cwd, log)),
    stdin: logs.includes('-') ? readStdin(io, tell) : null,
    since: instant('--since', flags.since),
    clock: () => new Date(),
    onReject: tell,
  })
  await told.pending
  if (told.lines > TOLD)
    await write(
      io.stderr,
      `and ${told.lines - TOLD} more lines that were not taken in; GET /v1/rejects lists them\n`,
    )
  await write(io.stdout, flags.json ? `${JSON.stringify(rebuilt)}\n` : inWords(rebuilt))
  return EXIT.ok
}

function readStdin(io: Io, tell: RebuildInput['onReject']): RebuildInput['stdin'] {
  return (store, { clock }) =>
    ingestStream(store, 'stdin', io.stdin, {
      clock,
      onReject: (line, reason) => tell('stdin', line, reason),
    }).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error
      throw new LogUnreadable(`can't read stdin: ${error.message}`, { cause: error })
    })
}

function configOf({ table, ...flags }: RebuildFlags, io: Io): Config {
  const config = loadConfig(flags, io.env)
  const { store } = config
  if (table === undefined) return { ...config, data: resolve(io.cwd, config.data) }
  if (store.engine !== 'dynamodb')
    throw new InputError(
      '--table: the configuration has no store.dynamodb; without one the store is in the data folder',
    )
  return { ...config, store: { ...store, table } }
}

function inWords({ store, backup, before, accepted, duplicates, rejected, lines }: Rebuilt): string {
  const was = before === null ? '' : ` (the old store: ${before})`
  const old = backup === null ? '' : `; the old one is ${backup}`
  return (
    `${accepted} ${accepted === 1 ? 'report' : 'reports'}${was}, ${duplicates} more than once, ${rejected} rejected, ` +
    `from ${lines} ${lines === 1 ? 'line' : 'lines'}\n${store}: rebuilt${old}\n`
  )
}

function isInput(error: unknown): boolean {
  return (
    isStoreError(error) ||
    error instanceof LogUnreadable ||
    error instanceof NothingToRebuild ||
    error instanceof StoreInUse
  )
}
