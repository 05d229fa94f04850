import type { Command } from 'commander'
import { partitionOf } from '../arn.js'
import { DEFAULT_PROBES } from '../probe-names.js'
import type { ProbeRun } from '../runner.js'
import { type ApiAccess, accessOf, type Ran, runFunction } from './api-client.js'
import { append, regionsOf } from './collecting.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { checkLines } from './probe-table.js'
import { type Screen, safe, screenOf, wrap } from './screen.js'

const HELP = `
The API invokes every probe of the function's posture and waits for them; their reports are taken in as always.
Exit code: 0 all as expected, 1 not all, or a probe could not be run, 3 no probe of the function is known,
2 the API can't be asked or refuses.`

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
  program
    .command('run')
    .description('run the probes of a function now, by the API, and show what they see')
    .argument('[name]', 'a function')
    .option('--url <url>', 'where the API is (default: $SONDE_URL, or http://127.0.0.1:8080)')
    .option(
      '--token <token>',
      'token with the scope admin (better: $SONDE_TOKEN, which no process list shows)',
    )
    .option('--json', "print the API's own JSON")
    .option('--policy', "print the least IAM policy that the API's role needs for runs, and stop")
    .option('--probes <names>', 'with --policy: names of probes, as under runs.probes', append, [])
    .option('--region <region>', 'with --policy: a region of the partition', append, [])
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: RunOptions) =>
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
  if (name === undefined) throw new InputError('name the function whose probes are to run')
  const access: ApiAccess = accessOf(io, options)
  const ran = await runFunction(access, name)
  if (!ran) throw new InputError(`${access.url} knows no function "${name}"`)
  await write(
    io.stdout,
    options.json ? `${JSON.stringify(ran)}\n` : picture(ran, screenOf(io.stdout, io.env)),
  )
  if (ran.runs.length === 0) return EXIT.unknown
  return ran.runs.every(isGood) ? EXIT.ok : EXIT.failed
}

function isGood({ error, results }: ProbeRun): boolean {
  return error === null && results.every(({ asExpected }) => asExpected)
}

function picture({ function: name, runs }: Ran, screen: Screen): string {
  if (runs.length === 0) {
    return `No probe of ${safe(name)} is known: none has reported yet, and discovery has found none.\n`
  }
  const parts = runs.flatMap((one) => [...probeLines(one, screen), ''])
  const results = runs.flatMap((one) => one.results)
  const bad = results.filter(({ asExpected }) => !asExpected).length
  const broken = runs.filter(({ error }) => error !== null).length
  const counts = [
    `${runs.length} ${runs.length === 1 ? 'probe' : 'probes'}`,
    `${results.length - bad} of ${results.length} results as expected`,
    ...(broken === 0 ? [] : [`${broken} ${broken === 1 ? 'probe' : 'probes'} with an error`]),
  ]
  return `${[...parts, `${counts.join(', ')}.`].join('\n')}\n`
}

function probeLines(one: ProbeRun, screen: Screen): readonly string[] {
  const where = one.subnet === null ? '' : ` in ${safe(one.subnet)}`
  const head = screen.paint('strong', `${safe(one.probe)}${where}`)
  const error =
    one.error === null
      ? []
      : wrap(safe(one.error), screen.columns - 4).map((line, index) =>
          index === 0 ? `${screen.paint('bad', '!')} ${line}` : `    ${line}`,
        )
  return [head, ...error, ...(one.results.length === 0 ? [] : checkLines(one.results, screen))]
}
