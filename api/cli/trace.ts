import type { Command } from 'commander'
import { josa } from '../korean.js'
import { trace } from '../network/index.js'
import {
  isFlowError,
  MISSING,
  OPTIONS,
  parseFlow,
  readPort,
  readProtocol,
  verdictCode,
} from './flow-input.js'
import { EXIT, guard, InputError, type Io, openInput, say, write } from './io.js'
import { loadModel } from './model-input.js'
import { screenOf } from './screen.js'
import { traceBatch } from './trace-batch.js'
import { drawTrace } from './trace-picture.js'
import { addHelp } from './usage.js'

interface TraceOptions {
  readonly snapshot?: string
  readonly from?: string
  readonly to?: string
  readonly port?: string
  readonly protocol?: string
  readonly sourcePort?: string
  readonly batch?: string
  readonly json?: boolean
}

const HELP = {
  en: `From:  a function's name or ARN, eni-…, i-…, or subnet-…+sg-…[+sg-…]; each with an optional @ADDRESS
To:    internet, service:dynamodb, rds:ID, lb:NAME, eni-…, i-…, HOST:PORT, ADDRESS:PORT, [IPV6]:PORT
Batch: one JSON object a line: {"id", "from", "to", "protocol", "port", "sourcePort"}; one line is answered for each, in order; a bad line is answered {"id", "error"}
Exit:  0 reachable, 1 unreachable, 3 unknown, 2 bad input; --batch: 0 once every line is answered`,
  ko: `From:  함수 이름이나 ARN, eni-…, i-…, subnet-…+sg-…[+sg-…]. 뒤에 @주소를 붙일 수 있습니다
To:    internet, service:dynamodb, rds:ID, lb:이름, eni-…, i-…, 호스트:포트, 주소:포트, [IPv6]:포트
Batch: 한 줄에 JSON 객체 하나 {"id", "from", "to", "protocol", "port", "sourcePort"}. 순서대로 한 줄씩 답하고, 잘못된 줄에는 {"id", "error"}로 답합니다
종료 코드: 0 도달 가능, 1 도달 불가, 3 판단 불가, 2 잘못된 입력. --batch는 모든 줄에 답하면 0`,
}

/** Adds `sonde trace`: one flow, or a batch of them, through a snapshot's configuration. */
export function registerTrace(program: Command, io: Io): void {
  const command = program
    .command('trace')
    .description(
      say(
        io,
        'follow a packet through the configuration in a snapshot, out and back, and name what blocks it',
        '스냅샷의 구성을 따라 패킷이 가고 오는 길을 추적하고, 무엇이 막는지 알려 줍니다',
      ),
    )
    .option('--snapshot <dir>', OPTIONS.snapshot[io.language])
    .option('--from <source>', OPTIONS.from[io.language])
    .option('--to <destination>', OPTIONS.to[io.language])
    .option(
      '--port <number>',
      say(
        io,
        "destination port (default: a database's own, 443 for internet and services, else any)",
        '대상 포트 (기본값: 데이터베이스는 자체 포트, 인터넷과 서비스는 443, 그 밖에는 모든 포트)',
      ),
    )
    .option('--protocol <name>', OPTIONS.protocol[io.language])
    .option('--source-port <number>', OPTIONS.sourcePort[io.language])
    .option(
      '--batch <file>',
      say(io, 'read flows from a file, or from stdin with -', '흐름을 파일에서 읽습니다. -는 표준 입력'),
    )
    .option('--json', say(io, 'print the versioned JSON contract', '버전이 있는 JSON 형식으로 출력'))
  addHelp(command, io, HELP).action((options: TraceOptions) =>
    guard(io, 'trace', isFlowError, () => runTrace(options, io)),
  )
}

async function runTrace(options: TraceOptions, io: Io): Promise<number> {
  if (options.snapshot === undefined) throw new InputError(MISSING.snapshot)
  if (options.batch !== undefined) return runBatch(options.snapshot, options.batch, options, io)
  if (options.from === undefined) throw new InputError(MISSING.from)
  if (options.to === undefined) throw new InputError(MISSING.to)
  // All of it is checked before the snapshot is read, which may take a while.
  const asked = {
    from: options.from,
    to: options.to,
    protocol: readProtocol(options.protocol),
    port: readPort('--port', options.port),
    sourcePort: readPort('--source-port', options.sourcePort),
  }
  parseFlow(asked)
  const { model } = await loadModel(io, options.snapshot)
  const { source, destination, flow } = parseFlow(asked, model)
  const result = trace(model, source, destination, flow)
  const text = options.json
    ? `${JSON.stringify(result, null, 2)}\n`
    : drawTrace(result, io.language, screenOf(io.stdout, io.env))
  await write(io.stdout, text)
  return verdictCode(result)
}

async function runBatch(snapshot: string, batch: string, options: TraceOptions, io: Io): Promise<number> {
  for (const name of ['from', 'to', 'port', 'protocol', 'sourcePort'] as const) {
    if (options[name] === undefined) continue
    const flag = `--${name === 'sourcePort' ? 'source-port' : name}`
    throw new InputError({
      en: `${flag} can't stand beside --batch: each line names its own`,
      ko: josa`${flag}은(는) --batch와 함께 쓸 수 없습니다. 줄마다 따로 적습니다`,
    })
  }
  const input = await openInput(io, '--batch', batch)
  const { model } = await loadModel(io, snapshot)
  await traceBatch(model, input, io.stdout)
  return EXIT.ok
}
