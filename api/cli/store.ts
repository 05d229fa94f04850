import type { Command } from 'commander'
import { type ConfigFlags, loadConfig, type StoreConfig } from '../config.js'
import { explained, StoreUnusable } from '../open-store.js'
import { ConfigError } from '../yaml-file.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'

interface StoreFlags extends Pick<ConfigFlags, 'config'> {
  readonly table?: string
  readonly region?: string
  readonly endpoint?: string
}

type DynamoConfig = Extract<StoreConfig, { engine: 'dynamodb' }>

/** `sonde store create` and `sonde store check`: the DynamoDB table that several instances share. */
export function registerStore(program: Command, io: Io): void {
  const store = program.command('store').description('make or check the DynamoDB table that instances share')
  const withTable = (command: Command): Command =>
    command
      .option('--config <file>', 'configuration whose store.dynamodb names the table')
      .option('--table <name>', 'name of the table')
      .option('--region <region>', 'its region (default: the environment)')
      .option('--endpoint <url>', 'of an emulator')
  withTable(store.command('create'))
    .description(
      'make the table, on demand, with its index and TTL; one that is there and right is left as it is',
    )
    .action((flags: StoreFlags) => guard(io, 'store create', isInput, () => create(flags, io)))
  withTable(store.command('check'))
    .description('compare the table with what Sonde needs; exits 2 if it is missing or another')
    .action((flags: StoreFlags) => guard(io, 'store check', isInput, () => check(flags, io)))
}

async function create(flags: StoreFlags, io: Io): Promise<number> {
  const table = tableOf(flags, io)
  const { createTable } = await import('../store/dynamodb/table-check.js')
  const made = await withClient(table, (client) => createTable(client, table.table))
  await write(io.stdout, `${table.table}: ${made === 'created' ? 'made' : 'is there and right'}\n`)
  return EXIT.ok
}

async function check(flags: StoreFlags, io: Io): Promise<number> {
  const table = tableOf(flags, io)
  const { checkTable } = await import('../store/dynamodb/table-check.js')
  await withClient(table, (client) => checkTable(client, table.table, table.region))
  await write(io.stdout, `${table.table}: is right\n`)
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
    const why = read === null ? '' : `: ${config} has no store.dynamodb`
    throw new InputError(`name the table with --table, or a configuration with --config${why}`)
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
