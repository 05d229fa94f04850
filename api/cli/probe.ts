import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { parseDocument } from 'yaml'
import { type AllowList, readAllow } from '../../probe/allow.js'
import { createAssets } from '../../probe/assets.js'
import { assetFolders } from '../../probe/handler.js'
import { identify } from '../../probe/identity.js'
import { type PlanReading, parsePlan } from '../../probe/plan.js'
import { errorLine, reportLines } from '../../probe/report.js'
import { createLookup, systemNames } from '../../probe/resolve.js'
import { type RunOutcome, startRun } from '../../probe/run.js'
import { watchProcess } from '../../probe/watchdog.js'
import { MAX_YAML_ERRORS, wordsOfYaml } from '../yaml-words.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { probeTable } from './probe-table.js'
import { safe, screenOf } from './screen.js'

interface ProbeOptions {
  readonly plan?: string
  readonly json?: boolean
  readonly allowLoopback?: boolean
  readonly allow?: readonly string[]
  readonly timeout?: string
}

const HELP = `
The plan is JSON, or YAML where the file is called .yaml or .yml or its text is not JSON.
SONDE_ALLOW bounds the targets as in a Lambda; --allow takes its place.
Exit: 0 all as expected, 1 not all, 2 bad plan or options (each fault as FILE: /pointer: message)`

/** Adds `sonde probe`: the Lambda's own checks, from where the command stands. */
export function registerProbe(program: Command, io: Io): void {
  program
    .command('probe')
    .description('run the checks of a plan from here, with the code that runs in the Lambda')
    .option('--plan <file>', 'the plan; - reads it from stdin')
    .option('--json', 'print the report lines that a Lambda would print')
    .option('--allow-loopback', 'allow targets on this machine (127.0.0.0/8, ::1)')
    .option('--allow <pattern...>', 'allow only these: names, *.suffix, ranges, each with an optional :port')
    .option('--timeout <ms>', 'end the whole run after this time; what is not done is reported as deadline')
    .addHelpText('after', HELP)
    .action((options: ProbeOptions) =>
      guard(
        io,
        'probe',
        () => false,
        () => runProbe(options, io),
      ),
    )
}

async function runProbe(options: ProbeOptions, io: Io): Promise<number> {
  if (options.plan === undefined) throw new InputError('--plan is missing: name a file, or - for stdin')
  const budgetMs = readTimeout(options.timeout)
  const allow = allowOf(options, io)
  const name = options.plan === '-' ? 'stdin' : options.plan
  const reading = readPlan(await textOf(options.plan, io), name)
  const identity = identify(io.env, true)
  if (!reading.ok) {
    for (const { pointer, message } of reading.errors) {
      await write(io.stderr, `${safe(`${name}: ${pointer === '' ? '' : `${pointer}: `}${message}`)}\n`)
    }
    if (options.json) {
      const error = { code: 'bad_plan', source: name, errors: reading.errors } as const
      await write(io.stdout, `${errorLine(error, identity, new Date(), io.env)}\n`)
    }
    return EXIT.badInput
  }
  for (const warning of reading.warnings) await write(io.stderr, `${safe(`${name}: warning: ${warning}`)}\n`)

  const beside = options.plan === '-' ? io.cwd : dirname(resolve(io.cwd, options.plan))
  const running = startRun(reading.plan, {
    env: io.env,
    allow,
    lookup: createLookup(systemNames(io.env)),
    readAsset: createAssets([beside, ...assetFolders(io.env)]).read,
    now: () => performance.now(),
    date: () => new Date(),
    newId: randomUUID,
    ...(budgetMs === undefined ? {} : { budgetMs }),
  })
  let rescued: RunOutcome | undefined
  const unwatch = watchProcess((fatality) => {
    rescued ??=
      'error' in fatality
        ? running.soFar('internal_error', String(fatality.error))
        : running.soFar('deadline', `interrupted (${fatality.kind})`)
    running.abort()
  })
  try {
    const done = await running.done
    const outcome = rescued ?? done
    if (options.json)
      for (const line of reportLines(outcome, identity, io.env)) await write(io.stdout, `${line}\n`)
    else await write(io.stdout, probeTable(outcome, screenOf(io.stdout, io.env)))
    return outcome.results.every(({ asExpected }) => asExpected) ? EXIT.ok : EXIT.failed
  } finally {
    unwatch()
  }
}

function allowOf(options: ProbeOptions, io: Io): AllowList {
  const reading = readAllow(io.env, {
    ...(options.allow ? { allow: options.allow } : {}),
    allowLoopback: options.allowLoopback === true,
  })
  if (reading.ok) return reading.allow
  throw new InputError(`${options.allow ? '--allow' : 'SONDE_ALLOW'}: ${reading.errors.join('; ')}`)
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Number(text)
  if (/^[0-9]+$/.test(text) && ms >= 1 && ms <= 2_147_483_647) return ms
  throw new InputError(`--timeout: expected whole milliseconds from 1 to 2147483647, found ${text}`)
}

async function textOf(plan: string, io: Io): Promise<string> {
  if (plan === '-') return collect(io.stdin)
  try {
    return await readFile(resolve(io.cwd, plan), 'utf8')
  } catch (error) {
    throw new InputError(`--plan: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** Text that begins like JSON is judged as JSON: a forgotten comma there must not be explained in terms of YAML. */
function readPlan(text: string, name: string): PlanReading {
  const yaml = /\.ya?ml$/i.test(name) || !/^\ufeff?\s*[{["]/.test(text)
  if (!yaml) return parsePlan(text)
  // Anchors may multiply a text without end; a plan needs none.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, stringKeys: true })
  const errors = document.errors.slice(0, MAX_YAML_ERRORS).map((error) => {
    const before = text.slice(0, error.pos[0]).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    return { pointer: '', message: `${place}: ${wordsOfYaml(error)}` }
  })
  if (errors.length > 0) return { ok: false, errors }
  try {
    return parsePlan(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    return {
      ok: false,
      errors: [{ pointer: '', message: error instanceof Error ? error.message : String(error) }],
    }
  }
}
