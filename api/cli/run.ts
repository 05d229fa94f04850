import type { Command } from 'commander'
import { partitionOf } from '../arn.js'
import { josa } from '../korean.js'
import { textOf } from '../korean-messages.js'
import { DEFAULT_PROBES } from '../probe-names.js'
import type { ProbeRun } from '../runner.js'
import { API_OPTIONS, type ApiAccess, accessOf, noFunction, type Ran, runFunction } from './api-client.js'
import { append, regionsOf } from './collecting.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'
import { checkLines } from './probe-table.js'
import { type Language, type Screen, safe, screenOf, wrap } from './screen.js'
import { addHelp } from './usage.js'

const HELP = {
  en: `The API invokes every probe of the function's posture and waits for them; their reports are taken in as always.
Exit code: 0 all as expected, 1 not all, or a probe could not be run, 3 no probe of the function is known, 2 the API can't be asked or refuses.`,
  ko: `API가 함수와 같은 네트워크 위치의 모든 프로브를 호출하고 기다립니다. 보고는 평소처럼 저장됩니다.
종료 코드: 0 모두 예상대로, 1 예상과 다른 것이 있거나 실행하지 못한 프로브가 있음, 3 함수의 프로브를 모름, 2 API에 물을 수 없거나 거절됨`,
}

interface RunOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
  readonly policy?: boolean
  readonly probes: readonly string[]
  readonly region: readonly string[]
}

/** `sonde run NAME`: has a function's probes run now and shows what they saw. */
export function registerRun(program: Command, io: Io): void {
  const command = program
    .command('run')
    .description(
      say(
        io,
        'run the probes of a function now, by the API, and show what they see',
        'API를 통해 함수의 프로브를 지금 실행하고 본 것을 보여 줍니다',
      ),
    )
    .argument('[name]', say(io, 'a function', '함수'))
    .option('--url <url>', API_OPTIONS.url[io.language])
    .option('--token <token>', API_OPTIONS.token[io.language]('admin'))
    .option('--json', API_OPTIONS.json[io.language])
    .option(
      '--policy',
      say(
        io,
        "print the least IAM policy that the API's role needs for runs, and stop",
        '실행에 필요한 API 역할의 최소 IAM 정책을 출력하고 끝냄',
      ),
    )
    .option(
      '--probes <names>',
      say(
        io,
        'with --policy: names of probes, as under runs.probes',
        '--policy와 함께: runs.probes처럼 적은 프로브 이름',
      ),
      append,
      [],
    )
    .option(
      '--region <region>',
      say(io, 'with --policy: a region of the partition', '--policy와 함께: 파티션의 리전'),
      append,
      [],
    )
  addHelp(command, io, HELP).action((name: string | undefined, options: RunOptions) =>
    guard(
      io,
      'run',
      () => false,
      () => run(io, name, options),
    ),
  )
}

async function run(io: Io, name: string | undefined, options: RunOptions): Promise<number> {
  if (options.policy) {
    const { runPolicy } = await import('../aws/policy.js')
    const [region = ''] = regionsOf(options, io)
    const probes = options.probes.length > 0 ? options.probes : DEFAULT_PROBES
    await write(io.stdout, `${JSON.stringify(runPolicy(probes, partitionOf(region)), null, 2)}\n`)
    return EXIT.ok
  }
  if (name === undefined)
    throw new InputError({
      en: 'name the function whose probes are to run',
      ko: '프로브를 실행할 함수를 지정하세요',
    })
  const access: ApiAccess = accessOf(io, options)
  const ran = await runFunction(access, name)
  if (!ran) throw noFunction(access, name)
  await write(
    io.stdout,
    options.json ? `${JSON.stringify(ran)}\n` : picture(ran, io.language, screenOf(io.stdout, io.env)),
  )
  if (ran.runs.length === 0) return EXIT.unknown
  return ran.runs.every(isGood) ? EXIT.ok : EXIT.failed
}

function isGood({ error, results }: ProbeRun): boolean {
  return error === null && results.every(({ asExpected }) => asExpected)
}

function picture({ function: name, runs }: Ran, language: Language, screen: Screen): string {
  if (runs.length === 0) {
    return say(
      { language },
      `No probe of ${safe(name)} is known: none has reported yet, and discovery has found none.\n`,
      josa`${safe(name)}의 프로브를 알지 못합니다. 보고한 프로브도, 디스커버리가 찾은 프로브도 없습니다.\n`,
    )
  }
  const parts = runs.flatMap((one) => [...probeLines(one, language, screen), ''])
  const results = runs.flatMap((one) => one.results)
  const bad = results.filter(({ asExpected }) => !asExpected).length
  const broken = runs.filter(({ error }) => error !== null).length
  if (language === 'ko') {
    const failed = broken === 0 ? '' : `, 오류가 난 프로브 ${broken}개`
    const told = `프로브 ${runs.length}개, 결과 ${results.length}개 중 ${results.length - bad}개가 예상대로${failed}.`
    return `${[...parts, told].join('\n')}\n`
  }
  const counts = [
    `${runs.length} ${runs.length === 1 ? 'probe' : 'probes'}`,
    `${results.length - bad} of ${results.length} results as expected`,
    ...(broken === 0 ? [] : [`${broken} ${broken === 1 ? 'probe' : 'probes'} with an error`]),
  ]
  return `${[...parts, `${counts.join(', ')}.`].join('\n')}\n`
}

function probeLines(one: ProbeRun, language: Language, screen: Screen): readonly string[] {
  const subnet = one.subnet === null ? '' : safe(one.subnet)
  const where = subnet === '' ? '' : say({ language }, ` in ${subnet}`, ` (${subnet})`)
  const head = screen.paint('strong', `${safe(one.probe)}${where}`)
  const error =
    one.error === null
      ? []
      : wrap(safe(textOf(one.error)[language]), screen.columns - 4).map((line, index) =>
          index === 0 ? `${screen.paint('bad', '!')} ${line}` : `    ${line}`,
        )
  return [head, ...error, ...(one.results.length === 0 ? [] : checkLines(one.results, language, screen))]
}
