import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { trace } from '../network/index.js'
import { isFlowError, parseFlow, readPort, readProtocol, verdictCode } from './flow-input.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { loadModel } from './model-input.js'
import { languageOf, screenOf } from './screen.js'
import { traceBatch } from './trace-batch.js'
import { drawTrace } from './trace-picture.js'

interface TraceOptions {
  readonly snapshot?: string
  readonly from?: string
  readonly to?: string
  readonly port?: string
  readonly protocol?: string
  readonly sourcePort?: string
  readonly batch?: string
  readonly json?: boolean
  readonly lang?: string
}

const HELP = `
From:  a function's name or ARN, eni-…, i-…, or subnet-…+sg-…[+sg-…]; each with an optional @ADDRESS
To:    internet, service:dynamodb, rds:ID, eni-…, i-…, HOST:PORT, ADDRESS:PORT, [IPV6]:PORT
Batch: one JSON object a line: {"id", "from", "to", "protocol", "port", "sourcePort"};
       one line is answered for each, in order; a bad line is answered {"id", "error"}
Exit:  0 reachable, 1 unreachable, 3 unknown, 2 bad input; --batch: 0 once every line is answered`

/** Adds `sonde trace`: one flow, or a batch of them, through a snapshot's configuration. */
export function registerTrace(program: Command, io: Io): void {
  program
    .command('trace')
    .description(
      'follow a packet through the configuration in a snapshot, out and back, and name what blocks it',
    )
    .option('--snapshot <dir>', 'folder with the answers of AWS Describe calls')
    .option('--from <source>', 'where the packet starts')
    .option('--to <destination>', 'where it should arrive')
    .option(
      '--port <number>',
      "destination port (default: a database's own, 443 for internet and services, else any)",
    )
    .option('--protocol <name>', 'tcp, udp, icmp, all or a number (default: tcp)')
    .option('--source-port <number>', "the sender's own port (default: any ephemeral port)")
    .option('--batch <file>', 'read flows from a file, or from stdin with -')
    .option('--json', 'print the versioned JSON contract')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .addHelpText('after', HELP)
    .action((options: TraceOptions) => guard(io, 'trace', isFlowError, () => runTrace(options, io)))
}

async function runTrace(options: TraceOptions, io: Io): Promise<number> {
  if (options.snapshot === undefined)
    throw new InputError('--snapshot is missing: name the folder of a snapshot')
  if (options.batch !== undefined) return runBatch(options.snapshot, options.batch, options, io)
  if (options.from === undefined) throw new InputError('--from is missing: name where the packet starts')
  if (options.to === undefined) throw new InputError('--to is missing: name where the packet should arrive')
  const language = languageOf(options.lang, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${options.lang}`)
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
    : drawTrace(result, language, screenOf(io.stdout, io.env))
  await write(io.stdout, text)
  return verdictCode(result)
}

async function runBatch(snapshot: string, batch: string, options: TraceOptions, io: Io): Promise<number> {
  for (const name of ['from', 'to', 'port', 'protocol', 'sourcePort'] as const) {
    if (options[name] === undefined) continue
    throw new InputError(
      `--${name === 'sourcePort' ? 'source-port' : name} can't stand beside --batch: each line names its own`,
    )
  }
  const input = await openBatch(batch, io)
  const { model } = await loadModel(io, snapshot)
  await traceBatch(model, input, io.stdout)
  return EXIT.ok
}

async function openBatch(batch: string, io: Io): Promise<Readable> {
  if (batch === '-') return io.stdin
  try {
    const handle = await open(resolve(io.cwd, batch))
    if ((await handle.stat()).isDirectory()) {
      await handle.close()
      throw new InputError(`--batch ${batch}: expected a file, found a folder`)
    }
    return handle.createReadStream()
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError(`--batch ${batch}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}
