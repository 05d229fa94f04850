import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type ConfigFlags, loadConfig } from '../config.js'
import { ingestFile, ingestStream, isUnreadable } from '../ingest/file.js'
import type { LinesSummary } from '../ingest/ingest.js'
import { openStore } from '../open-store.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { isStoreError } from './store-error.js'

interface IngestFlags extends Pick<ConfigFlags, 'config' | 'data'> {
  readonly json?: true
}

/**
 * `sonde ingest FILE|-`: takes report lines from a file or from stdin into the data folder, beside a running server or
 * without one. A file is read on from where an earlier run stopped. Exit 0 also where lines were rejected: they are
 * counted here and listed at `/v1/rejects`.
 */
export function registerIngest(program: Command, io: Io): void {
  program
    .command('ingest')
    .description('take report lines from a file, or from stdin with -, into the data folder')
    .argument(
      '<file>',
      'a log with report lines, in any form in which Lambda or a collector writes it, gzipped or not',
    )
    .option('--data <dir>', 'folder of the embedded database')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the summary as JSON')
    .action(async (file: string, flags: IngestFlags) => {
      await guard(io, 'ingest', isStoreError, async () => {
        const config = loadConfig(flags, io.env)
        const store = await openStore({ ...config, data: resolve(io.cwd, config.data) })
        try {
          const options = { clock: () => new Date() }
          const summary =
            file === '-'
              ? await ingestStream(store, 'stdin', io.stdin, options).catch(asInputError('stdin'))
              : await ingestFile(store, resolve(io.cwd, file), options).catch(asInputError(file))
          await write(io.stdout, flags.json ? `${JSON.stringify(summary)}\n` : `${inWords(summary)}\n`)
        } finally {
          await store.close()
        }
        return EXIT.ok
      })
    })
}

function inWords(summary: LinesSummary): string {
  const { accepted, duplicates, rejected, lines, otherLines } = summary
  const parts = [
    `${accepted} ${accepted === 1 ? 'report' : 'reports'} taken in`,
    `${duplicates} known already`,
    `${rejected} rejected`,
    `${otherLines} other ${otherLines === 1 ? 'line' : 'lines'}`,
  ]
  return `${parts.join(', ')} (${lines} ${lines === 1 ? 'line' : 'lines'} read)`
}

function asInputError(file: string): (error: unknown) => never {
  return (error) => {
    if (isUnreadable(error)) throw new InputError(`can't read ${file}: ${error.message}`, { cause: error })
    throw error
  }
}
