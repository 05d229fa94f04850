import { type Command, Option } from 'commander'
import type { Language } from '../diagnosis/explain.js'
import { josa } from '../korean.js'
import type { Text } from '../network/path.js'
import { hanging, widthOf } from '../wrap.js'
import { InputError, type Io, type Surroundings, say, tellError, write } from './io.js'
import { languageIn, screenOf } from './screen.js'

/**
 * The language that a command line asks for with `--lang`, else that of the environment. It is looked up before the command line
 * is read, so that help and what is wrong with the command line itself are told in it.
 */
export function languageAsked(args: readonly string[], env: Surroundings['env']): Language {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const asked = own.flatMap((arg, index) =>
    arg === '--lang' ? [own[index + 1]] : arg.startsWith('--lang=') ? [arg.slice('--lang='.length)] : [],
  )
  const last = asked.at(-1)
  return last === 'en' || last === 'ko' ? last : languageIn(env)
}

/** Gives a program and all its commands one way to help and to refuse: in the language of `io` and within its columns. */
export function speakOne(program: Command, io: Io): void {
  const { styleTitle, optionDescription } = program.createHelp()
  program
    .showHelpAfterError(
      say(io, '(sonde --help lists what there is)', '(sonde --help에서 사용법을 볼 수 있습니다)'),
    )
    .helpOption('-h, --help', say(io, 'show this help', '이 도움말 보기'))
    .helpCommand('help [command]', say(io, 'show the help of a command', '명령의 도움말 보기'))
    .configureHelp({
      displayWidth: widthOf,
      styleTitle: (title) => (io.language === 'ko' ? (TITLES[title] ?? title) : styleTitle(title)),
      optionDescription(option) {
        // An empty list is no default that anyone would choose.
        const told = optionDescription.call(this, option).replace(' (default: [])', '')
        return io.language === 'ko' ? told.replace('(default: ', '(기본값: ') : told
      },
    })
    .configureOutput({
      // A reader that went away ends the writing silently, as it does that of every command.
      writeOut: (text) => void write(io.stdout, text),
      writeErr: (text) => void write(io.stderr, text),
      getOutHelpWidth: () => screenOf(io.stdout, io.env).columns,
      getErrHelpWidth: () => screenOf(io.stderr, io.env).columns,
    })
  program.configureOutput({ outputError: (message) => void tellError(io, '', refusalOf(message)) })
  program.addOption(languageOption(io))
  for (const command of program.commands) inherit(command, program, io)
}

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '사용법:',
  'Arguments:': '인자:',
  'Options:': '옵션:',
  'Commands:': '명령:',
}

/** Commander copies settings to subcommands only at their making, which happened elsewhere. */
function inherit(command: Command, from: Command, io: Io): void {
  command.copyInheritedSettings(from)
  const name = pathOf(command)
  command.configureOutput({ outputError: (message) => void tellError(io, name, refusalOf(message)) })
  if (command.commands.length === 0) command.addOption(languageOption(io))
  for (const child of command.commands) inherit(child, command, io)
}

/** `lab run` for `sonde lab run`, and nothing for `sonde` alone. */
function pathOf(command: Command): string {
  const { parent } = command
  if (parent === null) return ''
  return parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`
}

function languageOption(io: Io): Option {
  return new Option(
    '--lang <language>',
    say(io, 'en or ko (default: from the environment)', 'en 또는 ko (기본값: 환경 변수에 따름)'),
  ).argParser((given: string) => {
    if (given === 'en' || given === 'ko') return given
    throw new InputError({
      en: `--lang: expected en or ko, found ${given}`,
      ko: `--lang: en이나 ko여야 하는데 ${given}입니다`,
    })
  })
}

/** Adds a text behind a command's help. Each of its lines is a paragraph; what goes on hangs below the text of its label. */
export function addHelp(command: Command, io: Io, text: Text): Command {
  return command.addHelpText('after', ({ error }) => {
    const { columns } = screenOf(error ? io.stderr : io.stdout, io.env)
    const lines = text[io.language].split('\n').flatMap((line) => {
      const [lead = ''] = /^(?:[^\s:]+(?: [^\s:]+)?: +| +\S.*? {2,}| +)/.exec(line) ?? []
      return hanging(lead, line.slice(lead.length), Math.min(widthOf(lead), columns / 2), columns)
    })
    return `\n${lines.join('\n')}`
  })
}

/** What commander refuses, each with what it says in Korean. */
const REFUSALS: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^missing required argument '(.+)'$/, (name) => josa`인자 ${name}이(가) 빠졌습니다`],
  [/^option '(.+)' argument missing$/, (flags) => `옵션 ${flags}에 값이 없습니다`],
  [/^required option '(.+)' not specified$/, (flags) => josa`옵션 ${flags}이(가) 빠졌습니다`],
  [
    /^option '(.+)' cannot be used with option '(.+)'$/,
    (one, other) => josa`옵션 ${one}은(는) ${other}과(와) 함께 쓸 수 없습니다`,
  ],
  [/^unknown option '(.+)'$/, (flag) => josa`모르는 옵션입니다: ${flag}`],
  [/^unknown command '(.+)'$/, (name) => josa`모르는 명령입니다: ${name}`],
  [
    /^too many arguments(?: for '.+')?\. Expected (\d+) arguments? but got (\d+)\.$/,
    (expected, got) => `인자가 너무 많습니다. ${expected}개여야 하는데 ${got}개입니다`,
  ],
]

/** What commander says of a command line, in both languages and without its own beginning. */
function refusalOf(message: string): Text {
  const [said = '', hint = ''] = message
    .trim()
    .replace(/^error: /, '')
    .split('\n')
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(hint)?.[1]
  const ko = REFUSALS.flatMap(([pattern, words]) => {
    const found = pattern.exec(said)
    return found === null ? [] : [words(...found.slice(1))]
  })[0]
  return {
    en: said + (near === undefined ? '' : `; did you mean ${near}?`),
    ko: (ko ?? said) + (near === undefined ? '' : josa`. 혹시 ${near}인가요?`),
  }
}

/** The command that a command line names, as `pathOf` tells it. */
export function commandNamed(program: Command, args: readonly string[]): string {
  let command = program
  for (const arg of args) {
    const child = command.commands.find((one) => one.name() === arg)
    if (child === undefined) break
    command = child
  }
  return pathOf(command)
}
