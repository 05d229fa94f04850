import type { Command } from 'commander'
import { type ConfigFlags, loadConfig, type StoreConfig } from '../config.js'
import { josa } from '../korean.js'
import { explained, StoreUnusable } from '../open-store.js'
import { ConfigError } from '../yaml-file.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'

interface StoreFlags extends Pick<ConfigFlags, 'config'> {
  readonly table?: string
  readonly region?: string
  readonly endpoint?: string
}

type DynamoConfig = Extract<StoreConfig, { engine: 'dynamodb' }>

/** `sonde store create` and `sonde store check`: the DynamoDB table that several instances share. */
export function registerStore(program: Command, io: Io): void {
  const store = program
    .command('store')
    .description(
      say(
        io,
        'make or check the DynamoDB table that instances share',
        '인스턴스가 함께 쓰는 DynamoDB 테이블을 만들거나 확인합니다',
      ),
    )
  const withTable = (command: Command): Command =>
    command
      .option(
        '--config <file>',
        say(
          io,
          'configuration whose store.dynamodb names the table',
          'store.dynamodb에 테이블이 적힌 설정 파일',
        ),
      )
      .option('--table <name>', say(io, 'name of the table', '테이블 이름'))
      .option(
        '--region <region>',
        say(io, 'its region (default: the environment)', '리전 (기본값: 환경 변수에 따름)'),
      )
      .option('--endpoint <url>', say(io, 'of an emulator', '에뮬레이터의 주소'))
  withTable(store.command('create'))
    .description(
      say(
        io,
        'make the table, on demand, with its index and TTL; one that is there and right is left as it is',
        '온디맨드 테이블을 인덱스, TTL과 함께 만듭니다. 이미 맞게 있으면 그대로 둡니다',
      ),
    )
    .action((flags: StoreFlags) => guard(io, 'store create', isInput, () => create(flags, io)))
  withTable(store.command('check'))
    .description(
      say(
        io,
        'compare the table with what Sonde needs; exits 2 if it is missing or another',
        '테이블을 Sonde에 필요한 것과 비교합니다. 없거나 다르면 2로 끝납니다',
      ),
    )
    .action((flags: StoreFlags) => guard(io, 'store check', isInput, () => check(flags, io)))
}

async function create(flags: StoreFlags, io: Io): Promise<number> {
  const table = tableOf(flags, io)
  const { createTable } = await import('../store/dynamodb/table-check.js')
  const made = await withClient(table, (client) => createTable(client, table.table))
  await write(
    io.stdout,
    `${table.table}: ${made === 'created' ? say(io, 'made', '만들었습니다') : say(io, 'is there and right', '이미 맞게 있습니다')}\n`,
  )
  return EXIT.ok
}

async function check(flags: StoreFlags, io: Io): Promise<number> {
  const table = tableOf(flags, io)
  const { checkTable } = await import('../store/dynamodb/table-check.js')
  await withClient(table, (client) => checkTable(client, table.table, table.region))
  await write(io.stdout, `${table.table}: ${say(io, 'is right', '맞습니다')}\n`)
  return EXIT.ok
}

async function withClient<T>(
  table: DynamoConfig,
  work: (client: import('@aws-sdk/client-dynamodb').DynamoDBClient) => Promise<T>,
): Promise<T> {
  const { openClient } = await import('../store/dynamodb/db.js')
  return explained(table, async () => {
    const client = openClient(table, 3)
    try {
      return await work(client)
    } finally {
      client.destroy()
    }
  })
}

function tableOf({ config, table, region, endpoint }: StoreFlags, io: Io): DynamoConfig {
  const read = config === undefined ? null : loadConfig({ config }, io.env).store
  const named = table ?? (read?.engine === 'dynamodb' ? read.table : undefined)
  if (named === undefined) {
    throw new InputError({
      en: `name the table with --table, or a configuration with --config${read === null ? '' : `: ${config} has no store.dynamodb`}`,
      ko: josa`--table로 테이블을, 또는 --config로 설정을 지정하세요${read === null ? '' : `. ${config}에는 store.dynamodb가 없습니다`}`,
    })
  }
  return {
    ...(read?.engine === 'dynamodb' ? read : {}),
    engine: 'dynamodb',
    table: named,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

function isInput(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof StoreUnusable
}
