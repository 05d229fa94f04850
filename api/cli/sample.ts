import { type Command, Option } from 'commander'
import { textOf } from '../korean-messages.js'
import {
  API_OPTIONS,
  accessOf,
  askSample,
  fetchFixes,
  type SampleDeed,
  type ShownSample,
} from './api-client.js'
import { EXIT, guard, type Io, say, write } from './io.js'
import { safe } from './screen.js'
import { addHelp } from './usage.js'

const HELP = {
  en: 'The sample is what npm start shows without a configuration. Breaking and mending needs a machine with network namespaces; elsewhere a recording is shown. For a lab of your own see sonde lab up, break and fix.',
  ko: '예제는 설정 없이 npm start를 실행하면 보이는 것입니다. 고장을 내고 고치려면 네트워크 네임스페이스가 되는 컴퓨터가 필요하고, 그 밖에서는 녹화본을 보여 줍니다. 직접 만든 실험실은 sonde lab up, break, fix를 보세요.',
}

interface SampleOptions {
  readonly break?: string
  readonly mend?: string
  readonly fix?: boolean
  readonly reset?: boolean
  readonly url?: string
  readonly token?: string
}

/** `sonde sample`: breaks and mends the sample of a server that runs. */
export function registerSample(program: Command, io: Io): void {
  const command = program
    .command('sample')
    .description(
      say(
        io,
        'the sample that a server shows: list its faults, break it, mend it',
        '서버가 보여 주는 예제: 고장을 보고, 내고, 고칩니다',
      ),
    )
    .addOption(
      new Option('--break <id>', say(io, 'put a fault in', '고장 넣기')).conflicts(['mend', 'fix', 'reset']),
    )
    .addOption(
      new Option('--mend <id>', say(io, 'take a fault back', '고장 되돌리기')).conflicts(['fix', 'reset']),
    )
    .addOption(
      new Option(
        '--fix',
        say(io, 'apply the fix that Sonde suggests for each cause', '원인마다 Sonde가 제안한 조치 적용'),
      ).conflicts('reset'),
    )
    .option('--reset', say(io, 'begin anew', '처음부터 다시 시작'))
    .option('--url <url>', API_OPTIONS.url[io.language])
    .option('--token <token>', API_OPTIONS.token[io.language]('admin'))
  addHelp(command, io, HELP).action((options: SampleOptions) =>
    guard(
      io,
      'sample',
      () => false,
      () => sample(io, options),
    ),
  )
}

async function sample(io: Io, options: SampleOptions): Promise<number> {
  const { language } = io
  const access = accessOf(io, options)
  let shown = await askSample(access, deedOf(options))
  if (options.fix) {
    const fixes = await fetchFixes(access)
    for (const { title, changes } of fixes) {
      shown = await askSample(access, { method: 'POST', path: '/fixes', body: { changes } })
      await write(io.stdout, `${safe(title[language])}\n`)
    }
    if (fixes.length === 0)
      await write(
        io.stdout,
        say(
          io,
          'nothing to fix: no cause that is known has a fix\n',
          '고칠 것이 없습니다. 조치가 있는 원인이 없습니다\n',
        ),
      )
  }
  await write(io.stdout, picture(shown, language))
  return EXIT.ok
}

function deedOf({ break: put, mend, reset }: SampleOptions): SampleDeed {
  if (put !== undefined) return { method: 'POST', path: `/faults/${encodeURIComponent(put)}` }
  if (mend !== undefined) return { method: 'DELETE', path: `/faults/${encodeURIComponent(mend)}` }
  return reset ? { method: 'POST', path: '/reset' } : { method: 'GET', path: '' }
}

function picture({ kind, whyNoLab, faults, fixesApplied }: ShownSample, language: 'en' | 'ko'): string {
  const width = Math.max(...faults.map(({ id }) => id.length), 0)
  const lines = faults.map(
    ({ id, title, active }) => `${active ? '✗' : '●'} ${safe(id).padEnd(width)}  ${safe(title[language])}\n`,
  )
  const why = whyNoLab === null ? '' : `: ${safe(textOf(whyNoLab)[language])}`
  const what = {
    en: kind === 'lab' ? `${fixesApplied} fixes applied` : `a recording${why}`,
    ko: kind === 'lab' ? `적용한 조치 ${fixesApplied}개` : `녹화본${why}`,
  }[language]
  return `${lines.join('')}${what}\n`
}
