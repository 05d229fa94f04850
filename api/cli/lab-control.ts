import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import type { Command } from 'commander'
import { NETNS } from '../../infra/lab/build.js'
import { josa } from '../korean.js'
import { askLab, runningLabs } from '../lab/control.js'
import { runtimeFolder } from '../lab/runtime.js'
import type { SessionStatus } from '../lab/session.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'
import { spokenText } from './korean.js'
import { LAB_OPTIONS } from './lab-input.js'
import { safe } from './screen.js'

interface BreakOptions {
  readonly fault?: string
  readonly site?: string
}

/** Adds what is done to a lab that runs: `shell`, `break` and `fix`. */
export function registerLabControl(lab: Command, io: Io, isInput: (error: unknown) => boolean): void {
  lab
    .command('shell')
    .description(
      say(
        io,
        'a shell, or a command, in a namespace of the lab that runs',
        '실행 중인 실험실의 네임스페이스에서 셸이나 명령을 실행합니다',
      ),
    )
    .argument(
      '<eni>',
      say(
        io,
        'an interface of its account, or another of its namespaces (internet, vpc0, edge0, …)',
        '그 계정의 인터페이스나 다른 네임스페이스 (internet, vpc0, edge0, …)',
      ),
    )
    .argument('[command...]', say(io, 'what to run there in place of a shell', '셸 대신 실행할 명령'))
    .action((eni: string, command: readonly string[]) =>
      guard(io, 'lab shell', isInput, () => shell(io, eni, command)),
    )
  lab
    .command('break')
    .description(
      say(
        io,
        'put a fault into the lab that runs; without --fault, list those that fit',
        '실행 중인 실험실에 고장을 넣습니다. --fault가 없으면 넣을 수 있는 고장을 보여 줍니다',
      ),
    )
    .argument('<name>', LAB_OPTIONS.name[io.language])
    .option('--fault <id>', say(io, 'kind of fault', '고장의 종류'))
    .option(
      '--site <component>',
      say(io, 'where to put it (default: the first place that fits)', '넣을 곳 (기본값: 맞는 첫 번째 곳)'),
    )
    .action((name: string, options: BreakOptions) =>
      guard(io, 'lab break', isInput, () => breakIt(io, name, options)),
    )
  lab
    .command('fix')
    .description(
      say(
        io,
        'apply what Sonde suggests to the lab that runs, until nothing fails',
        '실행 중인 실험실에 Sonde가 제안한 조치를, 실패가 없어질 때까지 적용합니다',
      ),
    )
    .argument('<name>', LAB_OPTIONS.name[io.language])
    .action((name: string) => guard(io, 'lab fix', isInput, () => fixIt(io, name)))
}

/** The lab of that name. @throws {InputError} where none runs */
async function labNamed(io: Io, name: string): Promise<string> {
  const labs = await runningLabs(runtimeFolder(io.env))
  const found = labs.find(({ status }) => status.name === name)
  if (found !== undefined) return found.socket
  const others = labs.map(({ status }) => status.name).join(', ')
  throw new InputError(
    others === ''
      ? {
          en: `no lab runs: start one with sonde lab up ${name}`,
          ko: josa`실행 중인 실험실이 없습니다. sonde lab up ${name}(으)로 시작하세요`,
        }
      : {
          en: `no lab called ${name} runs, but ${others} does: start it with sonde lab up ${name}`,
          ko: josa`실행 중인 실험실은 ${others}이고, ${name}은(는) 없습니다. sonde lab up ${name}(으)로 시작하세요`,
        },
  )
}

async function breakIt(io: Io, name: string, options: BreakOptions): Promise<number> {
  const { language } = io
  const socket = await labNamed(io, name)
  if (options.fault === undefined) {
    const places = await askLab(socket, { ask: 'faults' })
    const lines = places.map(
      ({ fault, component, title, flow }) =>
        `${fault.padEnd(30)} ${safe(component).padEnd(26)} ${title[language]} (${safe(flow)})\n`,
    )
    await write(io.stdout, lines.join(''))
    return EXIT.ok
  }
  const { fault, component, title, description } = await askLab(socket, {
    ask: 'break',
    fault: options.fault,
    site: options.site ?? null,
  })
  await write(
    io.stdout,
    `${fault} ${language === 'ko' ? '→' : 'at'} ${safe(component)}: ${title[language]}\n${description[language]}\n`,
  )
  return EXIT.ok
}

async function fixIt(io: Io, name: string): Promise<number> {
  const { language } = io
  const { fixes, failing } = await askLab(await labNamed(io, name), { ask: 'fix' })
  for (const { title, cli } of fixes) {
    const commands = cli.split('\n').map((line) => `    ${safe(line)}\n`)
    await write(io.stdout, `${safe(title[language])}\n${commands.join('')}`)
  }
  for (const summary of failing)
    await write(
      io.stdout,
      `${language === 'ko' ? '아직 실패' : 'still failing'}: ${safe(summary[language])}\n`,
    )
  if (fixes.length === 0 && failing.length === 0)
    await write(io.stdout, language === 'ko' ? '실패하는 것이 없습니다\n' : 'nothing fails\n')
  return failing.length === 0 ? EXIT.ok : EXIT.failed
}

async function shell(io: Io, eni: string, command: readonly string[]): Promise<number> {
  const labs = await runningLabs(runtimeFolder(io.env))
  if (labs.length === 0)
    throw new InputError({
      en: 'no lab runs: start one with sonde lab up NAME',
      ko: '실행 중인 실험실이 없습니다. sonde lab up NAME으로 시작하세요',
    })
  const found = labs.find(({ status }) => status.namespaces.includes(eni))
  if (found === undefined) {
    const known = labs.flatMap(({ status }) => status.namespaces).map(safe)
    throw new InputError({
      en: `no lab that runs has ${eni}: there are ${known.join(', ')}`,
      ko: josa`실행 중인 실험실에 ${eni}이(가) 없습니다. 있는 것: ${known.join(', ')}`,
    })
  }
  return enter(io, found.status, eni, command)
}

/** The terminal is handed over; the command's exit code is this one's. */
function enter(io: Io, { world }: SessionStatus, eni: string, command: readonly string[]): Promise<number> {
  // A lab of root's may do without a user namespace, and one can't enter the one that one is in.
  const user = (pid: string) => readlinkSync(`/proc/${pid}/ns/user`)
  const asUser = user('self') === user(String(world)) ? [] : ['--user', '--preserve-credentials']
  const own = ['--target', String(world), ...asUser, '--net', '--mount', '--pid']
  const inside = command.length > 0 ? command : [io.env['SHELL'] ?? 'sh']
  const child = spawn('nsenter', [...own, 'nsenter', `--net=${NETNS}/${eni}`, ...inside], {
    stdio: 'inherit',
    env: { ...io.env, PATH: `${io.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, SONDE_LAB: eni },
  })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new InputError(spokenText(`nsenter: ${error.message}`))))
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? EXIT.failed) : 128))
  })
}
