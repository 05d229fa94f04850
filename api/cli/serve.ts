import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { TokenNeeded } from '../auth.js'
import { type ConfigFlags, loadConfig } from '../config.js'
import { createLogger } from '../log.js'
import { type Assets, startSonde } from '../main.js'
import { type Sample, SampleImpossible } from '../sample/index.js'
import { installShutdown } from '../shutdown.js'
import { EXIT, guard, InputError, type Io } from './io.js'
import { isStoreError } from './store-error.js'

const HELP = `
Without a configuration it listens on 127.0.0.1:8080 with an embedded database in ./data and shows the sample: a shop's
VPC as a live network of namespaces on this machine, or a recording of it where the machine allows none.
Every option has an environment variable (SONDE_PORT, SONDE_HOST, SONDE_DATA, SONDE_CONFIG, SONDE_SAMPLE, SONDE_LOG_LEVEL);
an option wins over its variable, which wins over the configuration file.`

/** `sonde serve`: the API and the page, until SIGTERM. */
export function registerServe(program: Command, io: Io): void {
  program
    .command('serve')
    .description('take in reports and serve the API and the page')
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--host <address>', 'address to listen on; anything but loopback needs a token')
    .option('--data <dir>', 'folder of the database')
    .option('--config <file>', 'configuration, YAML or JSON')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent')
    .option('--sample <mode>', 'the sample: auto, lab, recording or off')
    .option('--no-sample', 'the same as --sample off')
    .addHelpText('after', HELP)
    .action((flags: ConfigFlags) => guard(io, 'serve', isInput, () => serve(flags, io)))
}

function isInput(error: unknown): boolean {
  return isStoreError(error) || error instanceof TokenNeeded || error instanceof SampleImpossible
}

async function serve(flags: ConfigFlags, io: Io): Promise<number> {
  const config = loadConfig(flags, io.env)
  const logger = createLogger(config.logLevel, io.stdout)
  const starting = startSonde(config, logger, findAssets())
  // Before it serves: a signal while the sample's network is raised must not leave half of one behind.
  installShutdown({
    signals: process,
    close: () =>
      starting.then(
        ({ close }) => close(),
        () => undefined,
      ),
    exit: (code) => process.exit(code),
    logger,
  })
  const running = await starting.catch((error: unknown) => {
    throw explain(error, config.server.host, config.server.port)
  })
  logger.info(
    {
      url: running.url,
      data: config.data,
      store: config.store.engine === 'dynamodb' ? `dynamodb ${config.store.table}` : 'sqlite',
      config: config.file ?? 'none',
      auth: config.tokens.length > 0 ? 'token' : 'open',
    },
    'Sonde serves',
  )
  if (running.sample) logger.info({ sample: running.sample.kind }, sampleWords(running.sample))
  return EXIT.ok
}

function sampleWords({ kind, whyNoLab }: Sample): string {
  const what =
    kind === 'lab'
      ? 'showing a sample: live probes in a network of namespaces on this machine; `sonde sample` breaks and mends it'
      : `showing a sample: a recording${whyNoLab === null ? '' : `, since ${whyNoLab}`}`
  return `${what}. To connect an account, deploy a probe and name its log group under \`sources.cloudwatch\` in a configuration file (--config FILE)`
}

function explain(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const where = `${host}:${port}`
  if (code === 'EADDRINUSE')
    return new InputError(`${where} is taken by another program; choose one with --port`)
  if (code === 'EACCES' && error instanceof Error && 'syscall' in error && error.syscall === 'listen')
    return new InputError(`no permission to listen on ${where}`)
  if (code === 'EADDRNOTAVAIL') return new InputError(`${host} is no address of this machine`)
  if (code === 'ENOTFOUND') return new InputError(`the host name ${host} is not known`)
  return error
}

/** The build puts page and sample beside the program, or beside the folder of its chunks. */
function findAssets(): Assets {
  const here = dirname(fileURLToPath(import.meta.url))
  const roots = [here, join(here, '..'), join(here, '../../dist')]
  const find = (name: string): string | null => {
    const found = roots.map((root) => join(root, name)).find((path) => existsSync(path))
    return found ?? null
  }
  return {
    web: find('web/main.js') === null ? null : dirname(find('web/main.js') ?? ''),
    sample: find('sample.js'),
    diagnosis: find('diagnosis-worker.js'),
  }
}
