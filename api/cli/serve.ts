import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { TokenNeeded } from '../auth.js'
import { type ConfigFlags, loadConfig } from '../config.js'
import { josa } from '../korean.js'
import { createLogger } from '../log.js'
import { type Assets, startSonde } from '../main.js'
import { type Sample, SampleImpossible } from '../sample/index.js'
import { installShutdown } from '../shutdown.js'
import { EXIT, guard, InputError, type Io, say } from './io.js'
import { isStoreError, STORE_OPTIONS } from './store-error.js'
import { addHelp } from './usage.js'

const HELP = {
  en: `Without a configuration it listens on 127.0.0.1:8080 with an embedded database in ./data and shows the sample: a shop's VPC as a live network of namespaces on this machine, or a recording of it where the machine allows none.
Every option has an environment variable (SONDE_PORT, SONDE_HOST, SONDE_DATA, SONDE_CONFIG, SONDE_SAMPLE, SONDE_LOG_LEVEL); an option wins over its variable, which wins over the configuration file.`,
  ko: `설정이 없으면 127.0.0.1:8080에서 요청을 받고, ./data의 내장 데이터베이스를 쓰며, 예제를 보여 줍니다. 예제는 쇼핑몰의 VPC를 이 컴퓨터의 네임스페이스로 띄운 실제 네트워크이거나, 그럴 수 없으면 녹화본입니다.
옵션마다 환경 변수(SONDE_PORT, SONDE_HOST, SONDE_DATA, SONDE_CONFIG, SONDE_SAMPLE, SONDE_LOG_LEVEL)가 있습니다. 옵션이 환경 변수보다, 환경 변수가 설정 파일보다 앞섭니다.`,
}

/** `sonde serve`: the API and the page, until SIGTERM. */
export function registerServe(program: Command, io: Io): void {
  const command = program
    .command('serve')
    .description(
      say(io, 'take in reports and serve the API and the page', '보고를 받고, API와 화면을 제공합니다'),
    )
    .option(
      '--port <number>',
      say(io, 'port to listen on; 0 takes a free one', '요청을 받을 포트. 0이면 빈 포트'),
    )
    .option(
      '--host <address>',
      say(
        io,
        'address to listen on; anything but loopback needs a token',
        '요청을 받을 주소. 루프백이 아니면 토큰이 필요합니다',
      ),
    )
    .option('--data <dir>', STORE_OPTIONS.data[io.language])
    .option('--config <file>', say(io, 'configuration, YAML or JSON', '설정 파일, YAML이나 JSON'))
    .option(
      '--log-level <level>',
      say(
        io,
        'trace, debug, info, warn, error, fatal or silent',
        'trace, debug, info, warn, error, fatal, silent 가운데 하나',
      ),
    )
    .option(
      '--sample <mode>',
      say(io, 'the sample: auto, lab, recording or off', '예제: auto, lab, recording, off 가운데 하나'),
    )
    .option('--no-sample', say(io, 'the same as --sample off', '--sample off와 같음'))
  addHelp(command, io, HELP).action((flags: ConfigFlags) =>
    guard(io, 'serve', isInput, () => serve(flags, io)),
  )
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
    return new InputError({
      en: `${where} is taken by another program; choose one with --port`,
      ko: josa`${where}은(는) 다른 프로그램이 쓰고 있습니다. --port로 다른 포트를 지정하세요`,
    })
  if (code === 'EACCES' && error instanceof Error && 'syscall' in error && error.syscall === 'listen')
    return new InputError({
      en: `no permission to listen on ${where}`,
      ko: `${where}에서 요청을 받을 권한이 없습니다`,
    })
  if (code === 'EADDRNOTAVAIL')
    return new InputError({
      en: `${host} is no address of this machine`,
      ko: josa`${host}은(는) 이 컴퓨터의 주소가 아닙니다`,
    })
  if (code === 'ENOTFOUND')
    return new InputError({
      en: `the host name ${host} is not known`,
      ko: josa`호스트 이름 ${host}을(를) 찾을 수 없습니다`,
    })
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
