import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'

/** A checkout in small: the build as it is, and a program that tells its words. */
async function checkout(folder: string): Promise<string> {
  await cp(resolve('infra/build'), join(folder, 'infra/build'), { recursive: true })
  await symlink(resolve('node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await mkdir(join(folder, 'api'))
  await edit(folder, 'first')
  return folder
}

/** The program loads a chunk late, whose name changes with the word in it. */
async function edit(folder: string, word: string): Promise<void> {
  const late = `const { word } = await import('./word.ts')\nconsole.log(JSON.stringify([word, ...process.argv.slice(2)]))\n`
  await writeFile(join(folder, 'api/cli.ts'), late)
  await writeFile(join(folder, 'api/word.ts'), `export const word = '${word}'\n`)
}

async function node(...words: readonly string[]): Promise<{ code: unknown; stdout: string; built: boolean }> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.resume()
  const [code]: unknown[] = await once(child, 'close')
  return { code, stdout: stdout.trim().split('\n').at(-1) ?? '', built: stdout.includes('built in') }
}

t.test('builds what is missing or stale, once, and passes its words on', async (t) => {
  const folder = await checkout(t.testdir())
  const start = join(folder, 'infra/build/start.mjs')
  const words = ['--port', '0', '--data', 'a b']
  const said = (word: string): string => JSON.stringify([word, 'serve', ...words])
  t.same(await node(start, ...words), { code: 0, stdout: said('first'), built: true })
  t.same(await node(start, ...words), { code: 0, stdout: said('first'), built: false })

  await edit(folder, 'second')
  const future = new Date(Date.now() + 86_400_000)
  await utimes(join(folder, 'api/word.ts'), future, future)
  t.same(await node(start, ...words), { code: 0, stdout: said('second'), built: true })
  t.same(await node(start, ...words), { code: 0, stdout: said('second'), built: false }, 'no loop')

  await writeFile(join(folder, 'api/cli.ts'), 'this is no program')
  t.not((await node(start)).code, 0)
  const before = await node(join(folder, 'dist/sonde.js'))
  t.same(before, { code: 0, stdout: '["second"]', built: false }, 'a failed build leaves the one before')
})

t.test('builds that run at once, and programs that start meanwhile, do not meet', async (t) => {
  const folder = await checkout(t.testdir())
  const start = join(folder, 'infra/build/start.mjs')
  await node(start)
  await edit(folder, 'second')
  const runs = await Promise.all([
    ...[1, 2, 3].map(() => node(start)),
    ...[1, 2, 3].map(() => node(join(folder, 'dist/sonde.js'))),
  ])
  t.same(
    runs.slice(0, 3).map(({ code, stdout }) => [code, stdout]),
    Array(3).fill([0, '["second","serve"]']),
  )
  for (const { code, stdout } of runs.slice(3)) {
    t.equal(code, 0)
    t.match(stdout, /^\["(first|second)"\]$/)
  }
  const left = (await readdir(join(folder, 'dist'), { recursive: true })).filter((name) =>
    name.endsWith('.tmp'),
  )
  t.same(left, [], 'nothing half-written is left')

  const chunks = join(folder, 'dist/chunks')
  const young = (await readdir(chunks)).length
  const old = new Date(Date.now() - 86_400_000)
  for (const name of await readdir(chunks)) await utimes(join(chunks, name), old, old)
  await node(join(folder, 'infra/build/build.mjs'))
  t.equal((await readdir(chunks)).length, young / 2, 'chunks of the build before go once they are old')
  t.match((await node(join(folder, 'dist/sonde.js'))).stdout, /second/)
})

t.test('the size of the bundle is told', async (t) => {
  const { code, stdout } = await node(resolve('infra/build/size.mjs'))
  t.equal(code, 0)
  t.match(stdout, /^ *\d+ {2}dist\/probe\/index\.cjs \(gzip \d+\), limit \d+$/)
})
