import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { type Model, trace } from '../network/index.js'
import { isFlowError, parseFlow, readFlow } from './flow-input.js'
import { type Output, write } from './io.js'

/** Longer lines are refused one by one, so that input without line ends can't fill the memory. */
const MAX_LINE = 1024 * 1024

/**
 * Answers flows line by line, in order, as they come: each line of `input` is a JSON object with an `id` of any
 * type and a flow, each line of `output` is `{"id", …trace}` or `{"id", "error"}`. Empty lines are passed over.
 */
export async function traceBatch(model: Model, input: Readable, output: Output): Promise<void> {
  for await (const line of linesOf(input)) {
    if (line !== null && line.trim() === '') continue
    if (!(await write(output, `${JSON.stringify(answer(model, line))}\n`))) return
  }
}

/** One line's answer; null stands for a line that was too long. */
function answer(model: Model, line: string | null): object {
  if (line === null) return { id: null, error: `the line is longer than ${MAX_LINE} characters` }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return { id: null, error: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null
  try {
    const { source, destination, flow } = parseFlow(readFlow(value), model)
    return { id, ...trace(model, source, destination, flow) }
  } catch (error) {
    if (!isFlowError(error)) throw error
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Lines ended by LF or CRLF alone: JSON text may hold other characters that Unicode calls line ends. */
async function* linesOf(input: Readable): AsyncIterable<string | null> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let skipping = false
  for await (const chunk of input) {
    const pieces = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      if (skipping || piece.length > MAX_LINE) yield null
      else yield piece.endsWith('\r') ? piece.slice(0, -1) : piece
      skipping = false
    }
    if (rest.length > MAX_LINE) {
      skipping = true
      rest = ''
    }
  }
  rest += decoder.end()
  if (skipping) yield null
  else if (rest !== '') yield rest
}
