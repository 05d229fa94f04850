import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { widthOf } from '../../api/wrap.js'
import { builtCli } from '../support/cli.js'
import { runSonde } from './run.js'

const cli = await builtCli()
const data = (id: string) => join(process.cwd(), 'test/scenarios/data', id, 'snapshot')
const trace = ['trace', '--snapshot', data('S3'), '--from', 'orders-api', '--to', 'rds:orders']
const diagnose = ['diagnose', '--snapshot', data('S3'), '--reports', 'test/fixtures/orders-report.ndjson']

/** Runs a shell's line with `"$@"` as the command of sonde. */
async function shell(line: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, cli, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, code }
}

t.test('a reader that leaves, and a stream that is closed, end no command with a stack', async (t) => {
  const commands = [['--help'], ['config', 'schema'], [...trace, '--json']]
  for (const args of commands) {
    const left = await shell('{ "$@"; echo $? >&2; } | true', args)
    t.match(left.stderr, /^[01]\n$/, args.join(' '))
    t.match(await shell('"$@" >&-', args), { stderr: '', code: /^[01]$/ }, `closed: ${args.join(' ')}`)
  }
  t.match(await shell('"$@" 2>&- | true', ['nonsense']), { stderr: '', stdout: '' })
})

t.test(
  'a full disk behind the output is told in a line',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  async (t) => {
    const full = await shell('"$@" >/dev/full', ['token', 'new'])
    t.match(full, { code: 2, stderr: "sonde token new: can't write the output: no space left\n" })
    t.match(await shell('"$@" >/dev/full', ['token', 'new', '--lang', 'ko']), {
      stderr: 'sonde token new: 출력을 쓸 수 없습니다. 저장 공간이 없습니다\n',
    })
  },
)

t.test('without a terminal, with NO_COLOR and in 40 columns', async (t) => {
  const plans = t.testdir({})
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the beginning of a colour
  const colour = /\u001b\[/
  for (const lang of ['en', 'ko'])
    for (const args of [
      trace,
      diagnose,
      ['diff', data('S3'), data('S2')],
      ['discover', '--snapshot', data('S5d'), '--out', join(plans, 'x.yaml')],
    ]) {
      const asked = [...args, '--lang', lang]
      t.notMatch((await runSonde(asked)).stdout, colour)
      t.notMatch((await runSonde(asked, { isTTY: true, env: { NO_COLOR: '1' } })).stdout, colour)
      const { stdout } = await runSonde(asked, { isTTY: true, columns: 40, env: { NO_COLOR: '1' } })
      const wide = stdout
        .replaceAll(`${plans}/`, '')
        .split('\n')
        .filter((line) => widthOf(line) > 40 && !/^ {4}aws /.test(line) && line.trim().includes(' '))
      t.same(wide, [], `${args[0]} in 40 columns`)
    }
})
