import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { Report } from '../../probe/report.schema.js'
import { explainPlain, proseLines } from '../diagnosis/explain.js'
import type { DiagnosisGroup } from '../diagnosis/group.js'
import { diagnoseReports } from '../diagnosis/reports.js'
import { sortLines } from '../ingest/sort-lines.js'
import { textOf } from '../korean-messages.js'
import { MISSING, OPTIONS } from './flow-input.js'
import { EXIT, guard, InputError, type Io, openInput, say, warn, write } from './io.js'
import { loadModel } from './model-input.js'
import { type Language, screenOf } from './screen.js'
import { addHelp } from './usage.js'

interface DiagnoseOptions {
  readonly snapshot?: string
  readonly reports?: string
  readonly json?: boolean
}

const HELP = {
  en: `Reports: the probe's report lines, as printed or as CloudWatch Logs gives them; other lines are passed over
Exit:    0 everything is as expected, 1 something is not, 3 nothing could be told, 2 bad input`,
  ko: `보고: 프로브가 출력했거나 CloudWatch Logs에 남은 보고 줄. 다른 줄은 지나칩니다
종료 코드: 0 모두 예상대로, 1 예상과 다른 것이 있음, 3 판단할 수 없음, 2 잘못된 입력`,
}

/** Adds `sonde diagnose`: what the probes saw, joined with what the configuration says. */
export function registerDiagnose(program: Command, io: Io): void {
  const command = program
    .command('diagnose')
    .description(
      say(
        io,
        "join the probes' reports with a snapshot: cause, evidence and rehearsed fix of every failure",
        '프로브의 보고를 스냅샷과 맞추어, 실패마다 원인과 근거, 예행한 조치를 알려 줍니다',
      ),
    )
    .option('--snapshot <dir>', OPTIONS.snapshot[io.language])
    .option('--reports <file>', say(io, 'report lines, or - for stdin', '보고 줄이 든 파일. -는 표준 입력'))
    .option(
      '--json',
      say(io, 'print the diagnoses, grouped by cause, as JSON', '원인별로 묶은 진단을 JSON으로 출력'),
    )
  addHelp(command, io, HELP).action((options: DiagnoseOptions) =>
    guard(
      io,
      'diagnose',
      () => false,
      () => runDiagnose(options, io),
    ),
  )
}

async function runDiagnose(options: DiagnoseOptions, io: Io): Promise<number> {
  if (options.snapshot === undefined) throw new InputError(MISSING.snapshot)
  if (options.reports === undefined)
    throw new InputError({
      en: '--reports is missing: name a file, or - for stdin',
      ko: '--reports가 빠졌습니다. 파일이나, 표준 입력이면 -를 지정하세요',
    })
  const { language } = io
  const reports = await readReports(options.reports, io)
  const { model, snapshot } = await loadModel(io, options.snapshot)
  const { groups, notes } = diagnoseReports({ snapshot, model, reports })
  for (const note of notes) await warn(io, note)
  const { columns } = screenOf(io.stdout, io.env)
  const text = options.json
    ? `${JSON.stringify({ version: 1, groups }, null, 2)}\n`
    : groups.map((group) => paragraph(group, language, columns)).join('\n\n')
  await write(io.stdout, text)
  return exitCode(groups)
}

async function readReports(file: string, io: Io): Promise<readonly Report[]> {
  const lines: string[] = []
  for await (const line of createInterface({
    input: await openInput(io, '--reports', file),
    crlfDelay: Infinity,
  }))
    lines.push(line)
  const { reports, rejects } = sortLines(lines)
  for (const reject of rejects.slice(0, 20)) await warn(io, textOf(reject.reason))
  if (reports.length === 0)
    throw new InputError({
      en: `--reports ${file}: no report line among ${lines.length} lines`,
      ko: `--reports ${file}: ${lines.length}줄 가운데 보고 줄이 없습니다`,
    })
  return reports
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
