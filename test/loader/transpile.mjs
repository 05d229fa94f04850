import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const { version } = require('esbuild/package.json')
const cache = join(root, 'node_modules/.cache/sonde-tests')
const { target, jsx, jsxImportSource, verbatimModuleSyntax } = JSON.parse(
  readFileSync(join(root, 'tsconfig.json'), 'utf8'),
).compilerOptions
const OPTIONS = {
  target: 'node20',
  format: 'esm',
  sourcemap: 'inline',
  tsconfigRaw: { compilerOptions: { target, jsx, jsxImportSource, verbatimModuleSyntax } },
}

/** The JavaScript of a TypeScript file, with its source map; made once for each content of the file. */
export function transpiled(file) {
  const source = readFileSync(file, 'utf8')
  const key = `// ${digest(JSON.stringify([version, OPTIONS, source]))}\n`
  // One for each file, so that they don't pile up.
  const kept = join(cache, digest(file))
  const before = read(kept)
  if (before?.startsWith(key)) return before
  // Loaded where it is needed: most processes find all of their files made.
  const { code } = require('esbuild').transformSync(source, {
    ...OPTIONS,
    loader: file.endsWith('x') ? 'tsx' : 'ts',
    sourcefile: file,
    banner: key.trimEnd(),
  })
  mkdirSync(cache, { recursive: true })
  const beside = `${kept}.${process.pid}`
  writeFileSync(beside, code)
  // Processes that meet here write the same.
  renameSync(beside, kept)
  return code
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex')
}
