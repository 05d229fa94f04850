import type { Command } from 'commander'
import { ChangeError } from '../diagnosis/apply.js'
import { FixFileError, readChanges } from '../diagnosis/change-schema.js'
import type { Change } from '../diagnosis/diagnosis.js'
import { rehearse } from '../diagnosis/rehearse.js'
import { describeChange } from '../diagnosis/words.js'
import { parseJson } from '../snapshot/json.js'
import {
  isFlowError,
  MISSING,
  OPTIONS,
  parseFlow,
  readPort,
  readProtocol,
  verdictCode,
} from './flow-input.js'
import { guard, InputError, type Io, readInput, say, write } from './io.js'
import { spokenText } from './korean.js'
import { loadModel } from './model-input.js'
import { type Language, safe, screenOf } from './screen.js'
import { drawTrace } from './trace-picture.js'
import { addHelp } from './usage.js'

interface RehearseOptions {
  readonly snapshot?: string
  readonly fix?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly port?: string
  readonly protocol?: string
  readonly sourcePort?: string
  readonly json?: boolean
}

const HELP = {
  en: `Fix:   a JSON file: a fix as sonde diagnose --json prints it, {"changes": […]}, or a bare list of changes; several --fix are applied one after the other
Exit:  the path with the fix applied: 0 reachable, 1 unreachable, 3 unknown; 2 bad input`,
  ko: `조치: JSON 파일. sonde diagnose --json이 출력하는 조치, {"changes": […]}, 또는 변경 목록. --fix를 여러 번 쓰면 차례로 적용합니다
종료 코드: 조치를 적용한 경로가 0 도달 가능, 1 도달 불가, 3 판단 불가. 2 잘못된 입력`,
}

/** Adds `sonde rehearse`: a path as it would be with a fix applied, before anyone applies it. */
export function registerRehearse(program: Command, io: Io): void {
  const command = program
    .command('rehearse')
    .description(
      say(
        io,
        'apply a fix to a copy of the snapshot and follow the packet again',
        '스냅샷의 사본에 조치를 적용하고 패킷을 다시 추적합니다',
      ),
    )
    .option('--snapshot <dir>', OPTIONS.snapshot[io.language])
    .option('--fix <file...>', say(io, 'JSON file with the changes', '변경이 든 JSON 파일'))
    .option('--from <source>', OPTIONS.from[io.language])
    .option('--to <destination>', OPTIONS.to[io.language])
    .option('--port <number>', say(io, 'destination port', '대상 포트'))
    .option('--protocol <name>', OPTIONS.protocol[io.language])
    .option('--source-port <number>', OPTIONS.sourcePort[io.language])
    .option(
      '--json',
      say(
        io,
        'print {"changes", "trace"} with the versioned trace contract',
        '버전이 있는 추적 형식으로 {"changes", "trace"}를 출력',
      ),
    )
  addHelp(command, io, HELP).action((options: RehearseOptions) =>
    guard(io, 'rehearse', isInput, () => runRehearse(options, io)),
  )
}

function isInput(error: unknown): boolean {
  return isFlowError(error) || error instanceof ChangeError
}

async function runRehearse(options: RehearseOptions, io: Io): Promise<number> {
  const { snapshot: directory, from, to } = options
  if (directory === undefined) throw new InputError(MISSING.snapshot)
  if (options.fix === undefined || options.fix.length === 0) {
    throw new InputError({
      en: '--fix is missing: name a JSON file with changes',
      ko: '--fix가 빠졌습니다. 변경이 든 JSON 파일을 지정하세요',
    })
  }
  if (from === undefined) throw new InputError(MISSING.from)
  if (to === undefined) throw new InputError(MISSING.to)
  const { language } = io
  const question = parseFlow({
    from,
    to,
    protocol: readProtocol(options.protocol),
    port: readPort('--port', options.port),
    sourcePort: readPort('--source-port', options.sourcePort),
  })
  const changes: Change[] = []
  for (const file of options.fix) changes.push(...(await readFix(io, file)))
  const { snapshot } = await loadModel(io, directory)
  const { trace } = rehearse(snapshot, changes, question)
  const text = options.json
    ? `${JSON.stringify({ changes, trace }, null, 2)}\n`
    : `${changeList(changes, language)}\n${drawTrace(trace, language, screenOf(io.stdout, io.env))}`
  await write(io.stdout, text)
  return verdictCode(trace)
}

function changeList(changes: readonly Change[], language: Language): string {
  const title = language === 'ko' ? '적용한 변경:' : 'With these changes:'
  return [title, ...changes.map((change) => `  + ${safe(describeChange(change)[language])}`), ''].join('\n')
}

async function readFix(io: Io, file: string): Promise<readonly Change[]> {
  const parsed = parseJson(await readInput(io, '--fix', file))
  const wrong = (pointer: string, message: string) =>
    spokenText(`--fix ${file}: ${pointer === '' ? '' : `${pointer}: `}${message}`)
  if (!parsed.ok) throw new InputError(wrong(parsed.pointer, parsed.message))
  try {
    return readChanges(parsed.value)
  } catch (cause) {
    if (!(cause instanceof FixFileError)) throw cause
    const told = cause.problems.map(({ pointer, message }) => wrong(pointer, message))
    throw new InputError(
      { en: told.map(({ en }) => en).join('\n'), ko: told.map(({ ko }) => ko).join('\n') },
      { cause },
    )
  }
}
