import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import t from 'tap'
import { EXIT, guard, InputError, write } from '../../api/cli/io.js'
import { run, sink } from './run.js'

t.test('a reader that went away ends the writing silently', async (t) => {
  // `head` of a real pipe: true reads one byte and leaves.
  const reader = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(reader, 'exit')
  const results = []
  for (let line = 0; line < 5; line++) results.push(await write(reader.stdin, 'x'.repeat(100_000)))
  t.strictSame(results.at(-1), false)
  await new Promise((resolve) => setImmediate(resolve))
})

t.test('any other error of the stream is passed on', async (t) => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('disk full'), { code: 'ENOSPC' })),
  })
  await t.rejects(write(full, 'x'), /disk full/)
  const ok = sink()
  for (let line = 0; line < 100; line++) t.ok(await write(ok.stream, 'x'))
  t.equal(ok.stream.listenerCount('error'), 0, 'no listener is left')
})

t.test('wrong input is a line and exit 2, a defect is thrown', async (t) => {
  const command = (error: Error) => (io: Parameters<typeof guard>[0]) =>
    guard(
      io,
      'x',
      (one) => one instanceof RangeError,
      async () => {
        throw error
      },
    )
  const attempt = (error: Error) => run((program, io) => void program.action(() => command(error)(io)), [])
  t.strictSame(await attempt(new InputError({ en: 'no such folder', ko: '그런 폴더가 없습니다' })), {
    code: EXIT.badInput,
    stdout: '',
    stderr: 'sonde x: no such folder\n',
  })
  t.strictSame(await attempt(new RangeError('too far')), {
    code: EXIT.badInput,
    stdout: '',
    stderr: 'sonde x: too far\n',
  })
  await t.rejects(attempt(new TypeError('a defect')), /a defect/)
})
