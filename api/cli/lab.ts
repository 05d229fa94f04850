import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { runProbes, type Sighting } from '../../infra/lab/run.js'
import { readScenario } from '../../infra/lab/scenario.js'
import { LabInputError } from '../../infra/lab/standpoints.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { applyChanges, ChangeError } from '../diagnosis/apply.js'
import { explainPlain } from '../diagnosis/explain.js'
import { investigate } from '../diagnosis/investigate.js'
import { questionOf } from '../diagnosis/rehearse.js'
import { LabRefusal } from '../lab/control.js'
import { RuntimeFolderError } from '../lab/runtime.js'
import { SnapshotFolderError } from '../snapshot/read.js'
import { EXIT, guard, InputError, type Io, say, warn, write } from './io.js'
import { spokenText } from './korean.js'
import { registerLabControl } from './lab-control.js'
import { registerLabFuzz } from './lab-fuzz.js'
import { dataFolder, LAB_OPTIONS, type LabInputOptions, loadLab, raisedWords } from './lab-input.js'
import { labProgram } from './lab-program.js'
import { registerLabRecord } from './lab-record.js'
import { registerLabScore } from './lab-score.js'
import { registerLabUp } from './lab-up.js'
import { safe, screenOf } from './screen.js'
import { addHelp } from './usage.js'

const HELP = {
  en: `NAME is a scenario of the checkout (sonde lab list), sample for the account of npm start, or the folder of a snapshot.
The lab is made of Linux namespaces: it needs iproute2 and nftables, and nothing of it outlives the command.`,
  ko: `NAME은 체크아웃에 있는 시나리오(sonde lab list), npm start의 계정인 sample, 또는 스냅샷 폴더입니다.
실험실은 Linux 네임스페이스로 만듭니다. iproute2와 nftables가 필요하고, 명령이 끝나면 아무것도 남지 않습니다.`,
}

/** Adds `sonde lab`: a snapshot as a live network on this machine, and the probe in it. */
export function registerLab(program: Command, io: Io): void {
  const lab = program
    .command('lab')
    .description(
      say(
        io,
        'turn a snapshot into a live network of namespaces on this machine, and run the probe in it',
        '스냅샷을 이 컴퓨터의 네임스페이스로 된 실제 네트워크로 만들고, 그 안에서 프로브를 실행합니다',
      ),
    )
  addHelp(lab, io, HELP)
  lab
    .command('list')
    .description(say(io, 'the scenarios of the checkout', '체크아웃에 있는 시나리오'))
    .option('--data <dir>', LAB_OPTIONS.data[io.language])
    .action((options: { data?: string }) => guard(io, 'lab list', isInput, () => list(io, options.data)))
  lab
    .command('run')
    .description(
      say(
        io,
        'build the network, run the probe from every function, show what it saw, why, and prove the fix',
        '네트워크를 만들고, 모든 함수에서 프로브를 실행해 본 것과 이유를 보여 주고, 조치를 증명합니다',
      ),
    )
    .argument('<name>', say(io, 'scenario or snapshot folder', '시나리오나 스냅샷 폴더'))
    .option('--data <dir>', LAB_OPTIONS.data[io.language])
    .option('--to <target>', LAB_OPTIONS.to[io.language])
    .option('--from <source>', LAB_OPTIONS.from[io.language])
    .option('--port <number>', LAB_OPTIONS.port[io.language])
    .option('--no-fix', say(io, 'do not apply the fix', '조치를 적용하지 않음'))
    .action((name: string, options: RunOptions) =>
      guard(io, 'lab run', isInput, () => run(io, name, options)),
    )
  registerLabUp(lab, io, isInput)
  registerLabControl(lab, io, isInput)
  registerLabFuzz(lab, io)
  registerLabRecord(lab, io)
  registerLabScore(lab, io)
}

interface RunOptions extends LabInputOptions {
  readonly fix: boolean
}

function isInput(error: unknown): boolean {
  return (
    error instanceof LabUnavailable ||
    error instanceof LabInputError ||
    error instanceof SnapshotFolderError ||
    error instanceof ChangeError ||
    error instanceof RuntimeFolderError ||
    error instanceof LabRefusal
  )
}

async function list(io: Io, data: string | undefined): Promise<number> {
  const folder = dataFolder(io, data)
  if (!existsSync(folder))
    throw new InputError({
      en: `${folder}: no scenarios there: they come with a checkout, or name a folder with --data`,
      ko: `${folder}: 시나리오가 없습니다. 체크아웃에 들어 있으며, --data로 폴더를 지정할 수도 있습니다`,
    })
  const scenarios = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'expected.json')))
    .map((name) => readScenario(join(folder, name)))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
  const lines = scenarios.map(({ id, name, about }) => `${id.padEnd(5)} ${name.padEnd(26)} ${about}\n`)
  await write(io.stdout, lines.join(''))
  return EXIT.ok
}

async function run(io: Io, name: string, options: RunOptions): Promise<number> {
  const { language } = io
  const { snapshot, flows, hosts, title } = await loadLab(io, name, options)
  const lab = await startLab(labProgram())
  try {
    const up = await lab.up(snapshot.documents, hosts)
    await write(io.stdout, `${safe(title)}\n${raisedWords(io, up.namespaces.length, up.ms)}\n`)
    for (const [id, why] of Object.entries(up.unsupported)) await warn(io, spokenText(`${id}: ${why}`))
    const sightings = await runProbes(lab, snapshot.documents, flows)
    let mended = true
    for (const flow of flows) {
      const own = sightings.filter(({ from }) => from === flow.from)
      const index = flows.filter(({ from }) => from === flow.from).indexOf(flow)
      await write(
        io.stdout,
        `\n${safe(flow.from)} → ${safe(flow.to)}\n${own.map((one) => sightingLine(one, index, language)).join('')}`,
      )
      const result = own
        .map(({ results }) => results[index])
        .find((one) => one !== undefined && !one.asExpected)
      if (result === undefined && own.length > 0) continue
      const question = questionOf({ from: flow.from, to: flow.to, port: flow.port })
      const diagnosis = investigate({ snapshot, question, result: result ?? null })
      await write(
        io.stdout,
        `${explainPlain(diagnosis, { language, columns: screenOf(io.stdout, io.env).columns })}\n`,
      )
      const [fix] = diagnosis.fixes
      if (fix === undefined || !options.fix) {
        mended = false
        continue
      }
      const changed = applyChanges(snapshot, fix.changes)
      await lab.up(changed.documents, hosts)
      const after = await runProbes(lab, changed.documents, [flow])
      const green =
        after.length > 0 &&
        after.every(({ results }) =>
          results.every((one) => one.asExpected || one.outcome === 'aws_access_denied'),
        )
      await write(io.stdout, `${after.map((one) => sightingLine(one, 0, language)).join('')}`)
      mended = mended && green
      await lab.up(snapshot.documents, hosts)
    }
    return mended ? EXIT.ok : EXIT.failed
  } finally {
    await lab.end()
  }
}

function sightingLine({ subnetId, results }: Sighting, index: number, language: 'en' | 'ko'): string {
  const result = results[index]
  if (result === undefined) return ''
  const address = result.address === null ? '' : `  ${result.address}`
  const seen = result.detail?.['egressIp']
  const as = typeof seen === 'string' ? `  ${language === 'ko' ? '외부 주소' : 'seen as'} ${safe(seen)}` : ''
  return `  ${(subnetId ?? (language === 'ko' ? 'VPC 밖' : 'outside of any VPC')).padEnd(26)} ${result.outcome.padEnd(18)} ${String(Math.round(result.ms)).padStart(5)} ms${address}${as}\n`
}
