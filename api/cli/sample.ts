import { type Command, Option } from 'commander'
import { accessOf, askSample, fetchFixes, type SampleDeed, type ShownSample } from './api-client.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { languageOf, safe } from './screen.js'

const HELP = `
The sample is what npm start shows without a configuration. Breaking and mending needs a machine with network namespaces;
elsewhere a recording is shown. For a lab of your own see sonde lab up, break and fix.`

interface SampleOptions {
  readonly break?: string
  readonly mend?: string
  readonly fix?: boolean
  readonly reset?: boolean
  readonly url?: string
  readonly token?: string
  readonly lang?: string
}

/** `sonde sample`: breaks and mends the sample of a server that runs. */
export function registerSample(program: Command, io: Io): void {
  program
    .command('sample')
    .description('the sample that a server shows: list its faults, break it, mend it')
    .addOption(new Option('--break <id>', 'put a fault in').conflicts(['mend', 'fix', 'reset']))
    .addOption(new Option('--mend <id>', 'take a fault back').conflicts(['fix', 'reset']))
    .addOption(new Option('--fix', 'apply the fix that Sonde suggests for each cause').conflicts('reset'))
    .option('--reset', 'begin anew')
    .option('--url <url>', 'where the API is (default: $SONDE_URL, or http://127.0.0.1:8080)')
    .option(
      '--token <token>',
      'token with the scope admin (better: $SONDE_TOKEN, which no process list shows)',
    )
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .addHelpText('after', HELP)
    .action((options: SampleOptions) =>
      guard(
        io,
        'sample',
        () => false,
        () => sample(io, options),
      ),
    )
}

async function sample(io: Io, options: SampleOptions): Promise<number> {
  const language = languageOf(options.lang, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${options.lang}`)
  const access = accessOf(io, options)
  let shown = await askSample(access, deedOf(options))
  if (options.fix) {
    const fixes = await fetchFixes(access)
    for (const { title, changes } of fixes) {
      shown = await askSample(access, { method: 'POST', path: '/fixes', body: { changes } })
      await write(io.stdout, `${safe(title[language])}\n`)
    }
    if (fixes.length === 0) await write(io.stdout, 'nothing to fix: no cause that is known has a fix\n')
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
  const why = whyNoLab === null ? '' : `: ${safe(whyNoLab)}`
  const what = {
    en: kind === 'lab' ? `${fixesApplied} fixes applied` : `a recording${why}`,
    ko: kind === 'lab' ? `적용한 조치 ${fixesApplied}개` : `녹화본${why}`,
  }[language]
  return `${lines.join('')}${what}\n`
}
