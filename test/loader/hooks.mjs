import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transpiled } from './transpile.mjs'

/** What a source names as its output (`./x.js`), and what it is made of. */
const SOURCES = [
  [/\.js$/, ['.ts', '.tsx']],
  [/\.mjs$/, ['.mts']],
]
const TYPESCRIPT = /\.(ts|tsx|mts)$/

/** Hook of node:module: the TypeScript file behind a relative import of its output, where there is no such output. */
export function resolve(specifier, context, nextResolve) {
  return nextResolve(sourceOf(specifier, context.parentURL) ?? specifier, context)
}

/** Hook of node:module: the JavaScript of a TypeScript file outside of packages. */
export function load(url, context, nextLoad) {
  const { protocol, pathname } = new URL(url)
  if (protocol !== 'file:' || !TYPESCRIPT.test(pathname) || pathname.includes('/node_modules/'))
    return nextLoad(url, context)
  return { format: 'module', source: transpiled(fileURLToPath(url)), shortCircuit: true }
}

function sourceOf(specifier, parent) {
  if (!/^(\.{0,2}\/|file:)/.test(specifier) || !(parent ?? specifier).startsWith('file:')) return undefined
  if (parent?.includes('/node_modules/')) return undefined
  const url = new URL(specifier, parent)
  const [output, sources] = SOURCES.find(([ending]) => ending.test(url.pathname)) ?? []
  if (output === undefined || existsSync(fileURLToPath(url))) return undefined
  return sources
    .map((ending) => new URL(url.href.replace(output, ending)))
    .find((source) => existsSync(fileURLToPath(source)))?.href
}
