import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import type { Report } from '../../probe/report.schema.js'
import { explainPlain, proseLines } from '../diagnosis/explain.js'
import type { DiagnosisGroup } from '../diagnosis/group.js'
import { diagnoseReports } from '../diagnosis/reports.js'
import { sortLines } from '../ingest/sort-lines.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { loadModel } from './model-input.js'
import { type Language, languageOf, safe, screenOf } from './screen.js'

interface DiagnoseOptions {
  readonly snapshot?: string
  readonly reports?: string
  readonly json?: boolean
  readonly lang?: string
}

const HELP = `
Reports: the probe's report lines, as printed or as CloudWatch Logs gives them; other lines are passed over
Exit:    0 everything is as expected, 1 something is not, 3 nothing could be told, 2 bad input`

/** Adds `sonde diagnose`: what the probes saw, joined with what the configuration says. */
export function registerDiagnose(program: Command, io: Io): void {
  program
    .command('diagnose')
    .description(
      "join the probes' reports with a snapshot: cause, evidence and rehearsed fix of every failure",
    )
    .option('--snapshot <dir>', 'folder with the answers of AWS Describe calls')
    .option('--reports <file>', 'report lines, or - for stdin')
    .option('--json', 'print the diagnoses, grouped by cause, as JSON')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .addHelpText('after', HELP)
    .action((options: DiagnoseOptions) =>
      guard(
        io,
        'diagnose',
        () => false,
        () => runDiagnose(options, io),
      ),
    )
}

async function runDiagnose(options: DiagnoseOptions, io: Io): Promise<number> {
  if (options.snapshot === undefined) {
    throw new InputError('--snapshot is missing: name the folder of a snapshot')
  }
  if (options.reports === undefined) throw new InputError('--reports is missing: name a file, or - for stdin')
  const language = languageOf(options.lang, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${options.lang}`)
  const reports = await readReports(options.reports, io)
  const { model, snapshot } = await loadModel(io, options.snapshot)
  const { groups, notes } = diagnoseReports({ snapshot, model, reports })
  for (const note of notes) await write(io.stderr, `warning: ${safe(note[language])}\n`)
  const { columns } = screenOf(io.stdout, io.env)
  const text = options.json
    ? `${JSON.stringify({ version: 1, groups }, null, 2)}\n`
    : groups.map((group) => paragraph(group, language, columns)).join('\n\n')
  await write(io.stdout, text)
  return exitCode(groups)
}

async function readReports(file: string, io: Io): Promise<readonly Report[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: await openReports(file, io), crlfDelay: Infinity }))
    lines.push(line)
  const { reports, rejects } = sortLines(lines)
  for (const reject of rejects.slice(0, 20)) await write(io.stderr, `warning: ${safe(reject.reason)}\n`)
  if (reports.length === 0)
    throw new InputError(`--reports ${file}: no report line among ${lines.length} lines`)
  return reports
}

async function openReports(file: string, io: Io): Promise<Readable> {
  if (file === '-') return io.stdin
  try {
    const handle = await open(resolve(io.cwd, file))
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream()
    await handle.close()
  } catch (cause) {
    throw new InputError(`--reports ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  throw new InputError(`--reports ${file}: expected a file, found a folder`)
}

/** A group in words: the cause once, whom it hits, the fixes. */
function paragraph(group: DiagnosisGroup, language: Language, columns: number): string {
  const [first] = group.members
  if (first === undefined || group.kind === 'healthy')
    return `${proseLines('', group.summary[language], 2, { language, columns }).join('\n')}\n`
  const who = `${group.functions.join(', ')} → ${group.checks.join(', ')}`
  const writing = { language, columns }
  const body = explainPlain({ ...first.diagnosis, fixes: group.fixes }, writing)
  return `${proseLines('', who, 2, writing).join('\n')}\n${body}\n`
}

function exitCode(groups: readonly DiagnosisGroup[]): number {
  if (
    groups.some(
      (group) =>
        group.kind === 'proven' || group.kind === 'contradicted' || group.kind === 'outside-configuration',
    )
  ) {
    return EXIT.failed
  }
  return groups.some((group) => group.kind === 'inconclusive' || group.kind === 'predicted')
    ? EXIT.unknown
    : EXIT.ok
}
