import { type FlowText, parseFlow } from '../network/flow-text.js'
import { SelectorError, type Trace, TraceInputError } from '../network/index.js'

export { parseFlow }

/** A flow that can't be understood: which field, what was expected, what was found. */
class FlowError extends Error {
  override readonly name = 'FlowError'
}

/**
 * Reads a flow from a parsed JSON value: `{"from","to","protocol","port","sourcePort"}`, all but the first two
 * optional. A number may stand as text, a protocol as its number. Other fields are left alone.
 *
 * @throws {FlowError} naming the field
 */
export function readFlow(value: unknown): FlowText {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FlowError(`expected an object {"from", "to", …}, found ${show(value)}`)
  }
  const fields = value as Readonly<Record<string, unknown>>
  const selector = (name: 'from' | 'to') => {
    const field = fields[name]
    if (typeof field !== 'string' || field.trim() === '')
      throw new FlowError(`${name}: expected a text, found ${show(field)}`)
    return field
  }
  return {
    from: selector('from'),
    to: selector('to'),
    protocol: readProtocol(fields['protocol']),
    port: readPort('port', fields['port']),
    sourcePort: readPort('sourcePort', fields['sourcePort']),
  }
}

/** @throws {FlowError} */
export function readPort(name: string, value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value.trim()) ? Number(value) : value
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new FlowError(`${name}: expected a port from 0 to 65535, found ${show(value)}`)
}

/** @throws {FlowError} */
export function readProtocol(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'tcp'
  const text = String(value).trim().toLowerCase()
  if (text === '-1') return 'all'
  const isNumber = /^\d{1,3}$/.test(text) && Number(text) <= 255
  const isName = /^(?:tcp|udp|icmp|icmpv6|all)$/.test(text)
  if ((typeof value === 'string' || typeof value === 'number') && (isNumber || isName)) return text
  throw new FlowError(
    `protocol: expected tcp, udp, icmp, all or a number from 0 to 255, found ${show(value)}`,
  )
}

/** Whether an error is the asker's: a wrong selector, an id that the snapshot doesn't hold. */
export function isFlowError(error: unknown): boolean {
  return error instanceof FlowError || error instanceof SelectorError || error instanceof TraceInputError
}

/** The exit code of one trace. */
export function verdictCode({ verdict }: Trace): number {
  return verdict === 'reachable' ? 0 : verdict === 'unreachable' ? 1 : 3
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
