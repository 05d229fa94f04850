import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, type ConfigFlags, loadConfig } from '../config.js'
import { ingestStream, isUnreadable } from '../ingest/file.js'
import { LogUnreadable } from '../ingest/whole.js'
import { textOf } from '../korean-messages.js'
import { NothingToRebuild, type RebuildInput, type Rebuilt, rebuildStore } from '../rebuild.js'
import { StoreInUse } from '../store/store.js'
import { cannotRead, EXIT, guard, InputError, type Io, instant, say, write } from './io.js'
import { safe } from './screen.js'
import { isStoreError, STORE_OPTIONS } from './store-error.js'
import { addHelp } from './usage.js'

interface RebuildFlags extends Pick<ConfigFlags, 'config' | 'data'> {
  readonly since?: string
  readonly table?: string
  readonly json?: true
}

const HELP = {
  en: `Logs are files, folders (with all below them) and - for stdin, gzipped or not, in any order, overlapping or not. The folders and log groups that the configuration names as sources are read too, always and to their end: what runs on the new store goes on from there, and neither loses nor doubles a line.

In the data folder the new store is built beside the old one and takes its place by one rename, only once every log was read; the old one stays as sonde.db.before-TIME. Nothing else may have the store open. A DynamoDB table is never replaced: the one named (by --table, else by the configuration) must be empty; afterwards name it in the configuration.

The new store has the health, incidents, timelines and results that these logs hold. In no log are: reports that were sent by HTTP or Firehose alone; what discovery said (it says so again at its next round; where functions stood before, and which vanished, is forgotten); events, which are numbered on; counts of duplicates. What the configuration says, tokens among it, and the snapshots of the VPC are no part of the store and stay.
Exit:  0 rebuilt, 2 nothing was changed`,
  ko: `로그는 파일, 폴더(하위 폴더 포함), 표준 입력(-)이며, gzip이든 아니든, 순서가 어떻든, 겹치든 됩니다. 설정의 소스로 적힌 폴더와 로그 그룹도 언제나 끝까지 읽습니다. 새 저장소로 도는 서버는 거기서 이어 가므로 한 줄도 잃거나 두 번 세지 않습니다.

데이터 폴더에서는 새 저장소를 이전 것 옆에 만들고, 모든 로그를 읽은 뒤에만 이름을 한 번 바꾸어 교체합니다. 이전 것은 sonde.db.before-시각으로 남습니다. 그동안 다른 프로그램이 저장소를 열고 있으면 안 됩니다. DynamoDB 테이블은 교체하지 않습니다. --table이나 설정에 적힌 테이블이 비어 있어야 하며, 끝난 뒤 설정에 적으세요.

새 저장소에는 이 로그에 있는 상태, 장애, 타임라인, 결과가 들어갑니다. 로그에 없는 것: HTTP나 Firehose로만 보낸 보고, 디스커버리가 찾은 것(다음 차례에 다시 찾지만, 함수가 전에 있던 곳과 사라진 함수는 잊습니다), 이벤트(번호는 이어집니다), 중복 횟수. 토큰을 비롯한 설정과 VPC 스냅샷은 저장소에 속하지 않아 그대로 남습니다.
종료 코드: 0 다시 만듦, 2 아무것도 바꾸지 않음`,
}

/** Lines that were not taken in are told one by one up to this many. */
const TOLD = 20

/** `sonde rebuild LOG…`: makes the store anew from the logs, and puts it in the place of the old one. */
export function registerRebuild(program: Command, io: Io): void {
  const command = program
    .command('rebuild')
    .description(
      say(
        io,
        'make the store anew from logs, and put it in the place of the old one',
        '로그에서 저장소를 다시 만들어 이전 것과 바꿉니다',
      ),
    )
    .argument(
      '[log...]',
      say(io, 'files and folders with report lines; - is stdin', '보고 줄이 든 파일과 폴더. -는 표준 입력'),
    )
    .option(
      '--since <time>',
      say(
        io,
        'read log groups from here on, ISO 8601 (default: as far as anything is kept)',
        '로그 그룹을 이 시각부터 읽음, ISO 8601 (기본값: 남아 있는 데까지)',
      ),
    )
    .option(
      '--table <name>',
      say(
        io,
        'an empty DynamoDB table to build in, instead of the one of the configuration',
        '설정의 테이블 대신 쓸 빈 DynamoDB 테이블',
      ),
    )
    .option('--data <dir>', STORE_OPTIONS.data[io.language])
    .option(
      '--config <file>',
      say(
        io,
        'configuration: its sources, functions, policy and retention',
        '설정: 소스, 함수, 정책, 보관 기간',
      ),
    )
    .option('--json', say(io, 'print the summary as JSON', '요약을 JSON으로 출력'))
  addHelp(command, io, HELP).action((logs: readonly string[], flags: RebuildFlags) =>
    guard(io, 'rebuild', isInput, () => rebuild(logs, flags, io)),
  )
}

async function rebuild(logs: readonly string[], flags: RebuildFlags, io: Io): Promise<number> {
  const config = configOf(flags, io)
  const { folders, cloudwatch } = config.sources
  if (logs.length + folders.length + cloudwatch.length === 0)
    throw new InputError({
      en: 'name the logs to read, or a configuration that has sources with --config',
      ko: '읽을 로그를 지정하거나, 소스가 있는 설정을 --config로 지정하세요',
    })
  const told = { lines: 0, pending: Promise.resolve(true) }
  const tell = (path: string, line: number, reason: string): void => {
    told.lines += 1
    if (told.lines > TOLD) return
    told.pending = write(io.stderr, `${safe(path)}:${line}: ${safe(textOf(reason)[io.language])}\n`)
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
      say(
        io,
        `and ${told.lines - TOLD} more lines that were not taken in; GET /v1/rejects lists them\n`,
        `그 밖에 ${told.lines - TOLD}줄을 넣지 못했습니다. GET /v1/rejects에서 볼 수 있습니다\n`,
      ),
    )
  await write(io.stdout, flags.json ? `${JSON.stringify(rebuilt)}\n` : inWords(io, rebuilt))
  return EXIT.ok
}

function readStdin(io: Io, tell: RebuildInput['onReject']): RebuildInput['stdin'] {
  return (store, { clock }) =>
    ingestStream(store, 'stdin', io.stdin, {
      clock,
      onReject: (line, reason) => tell('stdin', line, reason),
    }).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error
      throw cannotRead(error, 'stdin')
    })
}

function configOf({ table, ...flags }: RebuildFlags, io: Io): Config {
  const config = loadConfig(flags, io.env)
  const { store } = config
  if (table === undefined) return { ...config, data: resolve(io.cwd, config.data) }
  if (store.engine !== 'dynamodb')
    throw new InputError({
      en: '--table: the configuration has no store.dynamodb; without one the store is in the data folder',
      ko: '--table: 설정에 store.dynamodb가 없습니다. 없으면 저장소는 데이터 폴더에 있습니다',
    })
  return { ...config, store: { ...store, table } }
}

function inWords(io: Io, { store, backup, before, accepted, duplicates, rejected, lines }: Rebuilt): string {
  const was = before === null ? '' : ` (the old store: ${before})`
  const old = backup === null ? '' : `; the old one is ${backup}`
  return say(
    io,
    `${accepted} ${accepted === 1 ? 'report' : 'reports'}${was}, ${duplicates} more than once, ${rejected} rejected, ` +
      `from ${lines} ${lines === 1 ? 'line' : 'lines'}\n${store}: rebuilt${old}\n`,
    `${lines}줄에서 보고 ${accepted}개${before === null ? '' : ` (이전 저장소: ${before}개)`}, 두 번 이상 ${duplicates}개, 거부 ${rejected}개\n` +
      `${store}: 다시 만들었습니다${backup === null ? '' : `. 이전 저장소: ${backup}`}\n`,
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
