import { resolve } from 'node:path'
import type { Command } from 'commander'
import { partitionOf } from '../arn.js'
import type { MissingCall } from '../network/snapshot.js'
import { checkTarget, SnapshotTargetError, writeSnapshot } from '../snapshot/write.js'
import { append, missingLines, progressLine, regionsOf } from './collecting.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { safe, screenOf, wrap } from './screen.js'

interface SnapshotOptions {
  readonly region: readonly string[]
  readonly out?: string
  readonly gzip?: boolean
  readonly policy?: boolean
}

const HELP = `
Credentials come from the environment as with every AWS tool (AWS_PROFILE, AWS_ACCESS_KEY_ID, roles, SSO);
AWS_ENDPOINT_URL is honoured. Secrets (Lambda environment values, user data, VPN keys) are never written.
Exit:  0 written, even where calls were denied (they are listed, and recorded as missing), 2 nothing written`

/** Adds `sonde snapshot`: collects the configuration of one account's regions into a folder. */
export function registerSnapshot(program: Command, io: Io): void {
  program
    .command('snapshot')
    .description('collect the VPC configuration of an AWS account into a folder that trace and diagnose read')
    .option('--region <region>', 'a region to collect; may be given several times', append, [])
    .option('--out <dir>', 'folder to write; an older snapshot in it is replaced')
    .option('--gzip', 'compress each file')
    .option('--policy', 'print the least IAM policy that this command needs, and stop')
    .addHelpText('after', HELP)
    .action((options: SnapshotOptions) =>
      guard(io, 'snapshot', isSnapshotError, () => runSnapshot(options, io)),
    )
}

async function runSnapshot(options: SnapshotOptions, io: Io): Promise<number> {
  const regions = regionsOf(options, io)
  if (options.policy) {
    const { snapshotPolicy } = await import('../aws/policy.js')
    await write(io.stdout, `${JSON.stringify(snapshotPolicy(partitionOf(regions[0] ?? '')), null, 2)}\n`)
    return EXIT.ok
  }
  if (regions.length === 0) throw new InputError('--region is missing: name at least one, such as eu-west-1')
  if (options.out === undefined) throw new InputError('--out is missing: name the folder to write')
  const target = resolve(io.cwd, options.out)
  await checkTarget(target, options.out)
  // The SDK takes a tenth of a second to load: only the command that needs it pays.
  const { openClients, closeClients } = await import('../aws/client.js')
  const { collectInventory } = await import('../aws/inventory.js')
  const clients = regions.map((region) => openClients(region))
  try {
    const progress = progressLine(io)
    const inventory = await collectInventory(clients, { onCall: progress.step })
    await progress.end()
    const { snapshot } = inventory
    await writeSnapshot(target, snapshot, { ...inventory, gzip: options.gzip === true })
    await write(
      io.stdout,
      summary(options.out, snapshot.documents.length, snapshot.missing, screenOf(io.stdout, io.env).columns),
    )
    return EXIT.ok
  } finally {
    for (const one of clients) closeClients(one)
  }
}

function summary(folder: string, answers: number, missing: readonly MissingCall[], columns: number): string {
  const lines = [
    `${safe(folder)}: ${answers} answers, ${missing.length} missing`,
    ...missingLines(missing, columns),
  ]
  if (missing.length > 0) {
    lines.push(
      ...wrap(
        'What hangs on a missing answer will be unknown, not "there is none". --policy prints what to allow.',
        columns,
      ),
    )
  }
  return `${lines.join('\n')}\n`
}

function isSnapshotError(error: unknown): boolean {
  // By name, so that the SDK isn't loaded to compare a class.
  return error instanceof SnapshotTargetError || (error instanceof Error && error.name === 'InventoryError')
}
