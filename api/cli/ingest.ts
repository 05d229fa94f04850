import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type ConfigFlags, loadConfig } from '../config.js'
import { ingestFile, ingestStream, isUnreadable } from '../ingest/file.js'
import type { LinesSummary } from '../ingest/ingest.js'
import { openStore } from '../open-store.js'
import { cannotRead, EXIT, guard, type Io, say, write } from './io.js'
import { isStoreError, STORE_OPTIONS } from './store-error.js'

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
    .description(
      say(
        io,
        'take report lines from a file, or from stdin with -, into the data folder',
        '파일이나 표준 입력(-)의 보고 줄을 데이터 폴더에 넣습니다',
      ),
    )
    .argument(
      '<file>',
      say(
        io,
        'a log with report lines, in any form in which Lambda or a collector writes it, gzipped or not',
        '보고 줄이 든 로그. Lambda나 수집기가 쓰는 어떤 형식이든, gzip이든 아니든 됩니다',
      ),
    )
    .option('--data <dir>', STORE_OPTIONS.data[io.language])
    .option('--config <file>', STORE_OPTIONS.config[io.language])
    .option('--json', say(io, 'print the summary as JSON', '요약을 JSON으로 출력'))
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
          await write(io.stdout, flags.json ? `${JSON.stringify(summary)}\n` : `${inWords(io, summary)}\n`)
        } finally {
          await store.close()
        }
        return EXIT.ok
      })
    })
}

function inWords(io: Io, summary: LinesSummary): string {
  const { accepted, duplicates, rejected, lines, otherLines } = summary
  const parts = [
    `${accepted} ${accepted === 1 ? 'report' : 'reports'} taken in`,
    `${duplicates} known already`,
    `${rejected} rejected`,
    `${otherLines} other ${otherLines === 1 ? 'line' : 'lines'}`,
  ]
  return say(
    io,
    `${parts.join(', ')} (${lines} ${lines === 1 ? 'line' : 'lines'} read)`,
    `보고 ${accepted}개를 넣었습니다. 이미 있는 것 ${duplicates}개, 거부 ${rejected}개, 다른 줄 ${otherLines}개 (모두 ${lines}줄)`,
  )
}

function asInputError(file: string): (error: unknown) => never {
  return (error) => {
    if (isUnreadable(error)) throw cannotRead(error, file)
    throw error
  }
}
