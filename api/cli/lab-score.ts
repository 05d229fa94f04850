import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { never } from '../../infra/lab/score/plan.js'
import { type Miss, type Score, score } from '../../infra/lab/score/score.js'
import { tableOf, totalsOf } from '../../infra/lab/score/table.js'
import { FAMILY_NAMES, type Family } from '../../infra/lab/score/topologies.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { josa } from '../korean.js'
import { EXIT, guard, InputError, type Io, say, wholeNumber, write } from './io.js'
import { SEED } from './lab-fuzz.js'
import { labProgram } from './lab-program.js'

interface ScoreCommandOptions {
  readonly seed: string
  readonly count: string
  readonly healthy: string
  readonly jobs: string
  readonly families: string
  readonly out: string
}

/** Adds `sonde lab score`: faults put into healthy networks, and whether Sonde names and mends them. */
export function registerLabScore(lab: Command, io: Io): void {
  lab
    .command('score')
    .description(
      say(
        io,
        'put faults into random healthy networks, run the probe, and judge: is the root cause named first, does the fix mend it?',
        '무작위 정상 네트워크에 고장을 넣고 프로브를 실행해, 근본 원인이 먼저 나오는지, 조치로 고쳐지는지 채점합니다',
      ),
    )
    .option('--seed <number>', SEED[io.language], '1')
    .option('--count <number>', say(io, 'injections that packets see', '패킷이 겪을 고장의 수'), '500')
    .option('--healthy <number>', say(io, 'healthy networks, at least', '정상 네트워크의 최소 수'), '200')
    .option('--jobs <number>', say(io, 'labs at a time', '동시에 띄울 실험실의 수'), '2')
    .option(
      '--families <names>',
      say(io, 'kinds of networks, comma-separated', '네트워크의 종류, 쉼표로 구분'),
      FAMILY_NAMES.join(','),
    )
    .option(
      '--out <dir>',
      say(io, 'where misses are saved, each as a snapshot folder', '놓친 것을 스냅샷 폴더로 저장할 곳'),
      'lab-misses',
    )
    .action((options: ScoreCommandOptions) =>
      guard(
        io,
        'lab score',
        (error) => error instanceof LabUnavailable,
        () => runScore(io, options),
      ),
    )
}

async function runScore(io: Io, options: ScoreCommandOptions): Promise<number> {
  const seed = wholeNumber('--seed', options.seed)
  const count = wholeNumber('--count', options.count)
  const healthy = wholeNumber('--healthy', options.healthy)
  const jobs = wholeNumber('--jobs', options.jobs)
  const families = options.families.split(',').map(familyOf)
  if (jobs < 1 || jobs > 16)
    throw new InputError({
      en: `--jobs: expected 1-16, found ${options.jobs}`,
      ko: `--jobs: 1-16이어야 하는데 ${options.jobs}입니다`,
    })
  await write(
    io.stdout,
    say(
      io,
      `seed ${seed}, ${count} injections, ${healthy} healthy networks\n`,
      `시드 ${seed}, 고장 ${count}개, 정상 네트워크 ${healthy}개\n`,
    ),
  )
  const started = performance.now()
  const labs = await Promise.all(Array.from({ length: jobs }, () => startLab(labProgram())))
  try {
    const result = await score(labs, {
      seed,
      count,
      healthy,
      families,
      progress: (so) => {
        if (io.stdout.isTTY === true)
          void write(
            io.stdout,
            say(
              io,
              `\r${so.outcomes.length} injections, ${so.healthy.length} networks`,
              `\r고장 ${so.outcomes.length}개, 네트워크 ${so.healthy.length}개`,
            ),
          )
      },
    })
    return await report(io, result, resolve(io.cwd, options.out), (performance.now() - started) / 1000)
  } finally {
    await Promise.all(labs.map((lab) => lab.end()))
  }
}

function familyOf(name: string): Family {
  const found = FAMILY_NAMES.find((one) => one === name.trim())
  if (found !== undefined) return found
  throw new InputError({
    en: `--families: no kind of network is called ${name.trim()}: there are ${FAMILY_NAMES.join(', ')}`,
    ko: josa`--families: ${name.trim()}(이)라는 네트워크 종류는 없습니다. 있는 것: ${FAMILY_NAMES.join(', ')}`,
  })
}

async function report(io: Io, result: Score, out: string, seconds: number): Promise<number> {
  const { misses } = totalsOf(result)
  await write(io.stdout, `${io.stdout.isTTY === true ? '\r' : ''}${tableOf(result)}`)
  const kinds = new Map(result.outcomes.flatMap(({ sites }) => sites).map(({ fault }) => [fault, 1] as const))
  const absent = never(kinds)
  if (absent.length > 0)
    await write(io.stdout, `${say(io, 'not tried', '시험하지 않음')}: ${absent.join(', ')}\n`)
  await write(
    io.stdout,
    say(
      io,
      `${Math.round(seconds)} s, ${misses.length} misses\n`,
      `${Math.round(seconds)}초, 놓침 ${misses.length}건\n`,
    ),
  )
  for (const [index, miss] of misses.entries()) {
    const folder = join(out, `${miss.seed}-${index + 1}`)
    save(miss, folder)
    const { cause } = miss.diagnosis ?? { cause: null }
    await write(
      io.stdout,
      `seed ${miss.seed} ${miss.family} ${miss.flow.to}: ${miss.what}\n  said: ${cause === null ? 'no cause' : `${cause.code} ${cause.component}`}\n  ${folder}\n`,
    )
  }
  return misses.length === 0 ? EXIT.ok : EXIT.failed
}

/** The network as a snapshot folder, and `miss.json` with what was asked, put in, seen and said. */
function save({ snapshot, ...miss }: Miss, folder: string): void {
  const put = (path: string, value: unknown) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${JSON.stringify(value, null, 1)}\n`)
  }
  for (const { file, body } of snapshot.documents) put(`snapshot/${file}`, body)
  put('miss.json', miss)
}
