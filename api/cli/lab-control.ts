import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import type { Command } from 'commander'
import { NETNS } from '../../infra/lab/build.js'
import { askLab, runningLabs } from '../lab/control.js'
import { runtimeFolder } from '../lab/runtime.js'
import type { SessionStatus } from '../lab/session.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { languageOf, safe } from './screen.js'

interface BreakOptions {
  readonly fault?: string
  readonly site?: string
  readonly lang?: string
}

/** Adds what is done to a lab that runs: `shell`, `break` and `fix`. */
export function registerLabControl(lab: Command, io: Io, isInput: (error: unknown) => boolean): void {
  lab
    .command('shell')
    .description('a shell, or a command, in a namespace of the lab that runs')
    .argument('<eni>', 'an interface of its account, or another of its namespaces (internet, vpc0, edge0, …)')
    .argument('[command...]', 'what to run there in place of a shell')
    .action((eni: string, command: readonly string[]) =>
      guard(io, 'lab shell', isInput, () => shell(io, eni, command)),
    )
  lab
    .command('break')
    .description('put a fault into the lab that runs; without --fault, list those that fit')
    .argument('<name>', 'as given to sonde lab up')
    .option('--fault <id>', 'kind of fault')
    .option('--site <component>', 'where to put it (default: the first place that fits)')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .action((name: string, options: BreakOptions) =>
      guard(io, 'lab break', isInput, () => breakIt(io, name, options)),
    )
  lab
    .command('fix')
    .description('apply what Sonde suggests to the lab that runs, until nothing fails')
    .argument('<name>', 'as given to sonde lab up')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .action((name: string, options: { lang?: string }) =>
      guard(io, 'lab fix', isInput, () => fixIt(io, name, options)),
    )
}

/** The lab of that name. @throws {InputError} where none runs */
async function labNamed(io: Io, name: string): Promise<string> {
  const labs = await runningLabs(runtimeFolder(io.env))
  const found = labs.find(({ status }) => status.name === name)
  if (found !== undefined) return found.socket
  const others = labs.map(({ status }) => status.name).join(', ')
  throw new InputError(
    others === ''
      ? `no lab runs: start one with sonde lab up ${name}`
      : `no lab called ${name} runs, but ${others} does: start it with sonde lab up ${name}`,
  )
}

function languageIn(io: Io, given: string | undefined): 'en' | 'ko' {
  const language = languageOf(given, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${given}`)
  return language
}

async function breakIt(io: Io, name: string, options: BreakOptions): Promise<number> {
  const language = languageIn(io, options.lang)
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

async function fixIt(io: Io, name: string, options: { lang?: string }): Promise<number> {
  const language = languageIn(io, options.lang)
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
  if (labs.length === 0) throw new InputError('no lab runs: start one with sonde lab up NAME')
  const found = labs.find(({ status }) => status.namespaces.includes(eni))
  if (found === undefined) {
    const known = labs.flatMap(({ status }) => status.namespaces).map(safe)
    throw new InputError(`no lab that runs has ${eni}: there are ${known.join(', ')}`)
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
    child.once('error', (error) => reject(new InputError(`nsenter: ${error.message}`)))
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? EXIT.failed) : 128))
  })
}
