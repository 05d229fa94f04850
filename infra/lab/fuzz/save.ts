import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Disagreement } from './fuzz.js'

/**
 * Writes a disagreement as a folder: the snapshot as the AWS CLI would print it, and `flow.json` with the question and both answers.
 * @returns the folder
 */
export function save(disagreement: Disagreement, under: string): string {
  const { seed, flow, files, trace, codes, tracedAs, kernel } = disagreement
  const folder = join(under, `${seed}-${flow.sourcePort}`)
  mkdirSync(join(folder, 'snapshot'), { recursive: true })
  const write = (path: string, value: unknown) =>
    writeFileSync(join(folder, path), `${JSON.stringify(value, null, 1)}\n`)
  for (const [name, body] of files) write(`snapshot/${name}.json`, body)
  write('flow.json', { seed, flow, trace, codes, tracedAs, kernel })
  return folder
}
