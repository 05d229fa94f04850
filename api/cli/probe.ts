import { randomUUID } from 'node:crypto'
import { dirname, resolve } from 'node:path'
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
import { EXIT, guard, InputError, type Io, readInput, say, write } from './io.js'
import { spokenText } from './korean.js'
import { probeTable } from './probe-table.js'
import { safe, screenOf } from './screen.js'
import { addHelp } from './usage.js'

interface ProbeOptions {
  readonly plan?: string
  readonly json?: boolean
  readonly allowLoopback?: boolean
  readonly allow?: readonly string[]
  readonly timeout?: string
}

const HELP = {
  en: `The plan is JSON, or YAML where the file is called .yaml or .yml or its text is not JSON.
SONDE_ALLOW bounds the targets as in a Lambda; --allow takes its place.
Exit: 0 all as expected, 1 not all, 2 bad plan or options (each fault as FILE: /pointer: message)`,
  ko: `계획은 JSON입니다. 파일 이름이 .yaml이나 .yml이거나 내용이 JSON이 아니면 YAML로 읽습니다.
대상은 Lambda에서처럼 SONDE_ALLOW로 제한하며, --allow가 있으면 그것을 씁니다.
종료 코드: 0 모두 예상대로, 1 일부가 예상과 다름, 2 잘못된 계획이나 옵션 (잘못된 곳마다 파일: /포인터: 내용)`,
}

/** Adds `sonde probe`: the Lambda's own checks, from where the command stands. */
export function registerProbe(program: Command, io: Io): void {
  const command = program
    .command('probe')
    .description(
      say(
        io,
        'run the checks of a plan from here, with the code that runs in the Lambda',
        'Lambda에서 도는 코드로 계획의 검사를 여기서 실행합니다',
      ),
    )
    .option('--plan <file>', say(io, 'the plan; - reads it from stdin', '계획 파일. -는 표준 입력'))
    .option(
      '--json',
      say(io, 'print the report lines that a Lambda would print', 'Lambda가 출력할 보고 줄을 출력'),
    )
    .option(
      '--allow-loopback',
      say(
        io,
        'allow targets on this machine (127.0.0.0/8, ::1)',
        '이 컴퓨터의 대상을 허용 (127.0.0.0/8, ::1)',
      ),
    )
    .option(
      '--allow <pattern...>',
      say(
        io,
        'allow only these: names, *.suffix, ranges, each with an optional :port',
        '이것만 허용: 이름, *.접미사, 범위. 뒤에 :포트를 붙일 수 있습니다',
      ),
    )
    .option(
      '--timeout <ms>',
      say(
        io,
        'end the whole run after this time; what is not done is reported as deadline',
        '이 시간이 지나면 실행을 끝냄. 끝내지 못한 것은 deadline으로 보고합니다',
      ),
    )
  addHelp(command, io, HELP).action((options: ProbeOptions) =>
    guard(
      io,
      'probe',
      () => false,
      () => runProbe(options, io),
    ),
  )
}

async function runProbe(options: ProbeOptions, io: Io): Promise<number> {
  if (options.plan === undefined)
    throw new InputError({
      en: '--plan is missing: name a file, or - for stdin',
      ko: '--plan이 빠졌습니다. 파일이나, 표준 입력이면 -를 지정하세요',
    })
  const budgetMs = readTimeout(options.timeout)
  const allow = allowOf(options, io)
  const name = options.plan === '-' ? 'stdin' : options.plan
  const reading = readPlan(await readInput(io, '--plan', options.plan), name)
  const identity = identify(io.env, true)
  if (!reading.ok) {
    for (const { pointer, message } of reading.errors) {
      const told = spokenText(`${name}: ${pointer === '' ? '' : `${pointer}: `}${message}`)
      await write(io.stderr, `${safe(told[io.language])}\n`)
    }
    if (options.json) {
      const error = { code: 'bad_plan', source: name, errors: reading.errors } as const
      await write(io.stdout, `${errorLine(error, identity, new Date(), io.env)}\n`)
    }
    return EXIT.badInput
  }
  for (const warning of reading.warnings) {
    const told = spokenText(warning)[io.language]
    await write(io.stderr, `${safe(`${name}: ${say(io, 'warning', '경고')}: ${told}`)}\n`)
  }

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
    else await write(io.stdout, probeTable(outcome, io.language, screenOf(io.stdout, io.env)))
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
  const flag = options.allow ? '--allow' : 'SONDE_ALLOW'
  throw new InputError(spokenText(reading.errors.map((error) => `${flag}: ${error}`).join('\n')))
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Number(text)
  if (/^[0-9]+$/.test(text) && ms >= 1 && ms <= 2_147_483_647) return ms
  throw new InputError({
    en: `--timeout: expected whole milliseconds from 1 to 2147483647, found ${text}`,
    ko: `--timeout: 1에서 2147483647 사이의 밀리초(정수)여야 하는데 ${text}입니다`,
  })
}

/** Text that begins like JSON is judged as JSON: a forgotten comma there must not be explained in terms of YAML. */
function readPlan(text: string, name: string): PlanReading {
  if (text.trim() === '') return { ok: false, errors: [{ pointer: '', message: 'it is empty' }] }
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
