import { type FlowText, parseFlow } from '../network/flow-text.js'
import { SelectorError, type Trace, TraceInputError } from '../network/index.js'
import { InputError } from './io.js'

export { parseFlow }

/** A flow that can't be understood: which field, what was expected, what was found. */
class FlowError extends InputError {
  override readonly name = 'FlowError'
}

/** What the options of a flow are, for every command that takes one. */
export const OPTIONS = {
  snapshot: { en: 'folder with the answers of AWS Describe calls', ko: 'AWS Describe 호출의 응답이 든 폴더' },
  from: { en: 'where the packet starts', ko: '패킷의 출발지' },
  to: { en: 'where it should arrive', ko: '패킷의 도착지' },
  protocol: {
    en: 'tcp, udp, icmp, all or a number (default: tcp)',
    ko: 'tcp, udp, icmp, all 또는 번호 (기본값: tcp)',
  },
  sourcePort: {
    en: "the sender's own port (default: any ephemeral port)",
    ko: '보내는 쪽의 포트 (기본값: 임의의 임시 포트)',
  },
} as const

/** What is said where one of them is missing. */
export const MISSING = {
  snapshot: {
    en: '--snapshot is missing: name the folder of a snapshot',
    ko: '--snapshot이 빠졌습니다. 스냅샷 폴더를 지정하세요',
  },
  from: {
    en: '--from is missing: name where the packet starts',
    ko: '--from이 빠졌습니다. 패킷의 출발지를 지정하세요',
  },
  to: {
    en: '--to is missing: name where the packet should arrive',
    ko: '--to가 빠졌습니다. 패킷의 도착지를 지정하세요',
  },
} as const

/**
 * Reads a flow from a parsed JSON value: `{"from","to","protocol","port","sourcePort"}`, all but the first two
 * optional. A number may stand as text, a protocol as its number. Other fields are left alone.
 *
 * @throws {FlowError} naming the field
 */
export function readFlow(value: unknown): FlowText {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FlowError({
      en: `expected an object {"from", "to", …}, found ${show(value)}`,
      ko: `객체 {"from", "to", …}여야 하는데 ${shown(value)}입니다`,
    })
  }
  const fields = value as Readonly<Record<string, unknown>>
  const selector = (name: 'from' | 'to') => {
    const field = fields[name]
    if (typeof field !== 'string' || field.trim() === '')
      throw new FlowError({
        en: `${name}: expected a text, found ${show(field)}`,
        ko: `${name}: 문자열이어야 하는데 ${shown(field)}입니다`,
      })
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
  throw new FlowError({
    en: `${name}: expected a port from 0 to 65535, found ${show(value)}`,
    ko: `${name}: 0에서 65535 사이의 포트여야 하는데 ${shown(value)}입니다`,
  })
}

/** @throws {FlowError} */
export function readProtocol(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'tcp'
  const text = String(value).trim().toLowerCase()
  if (text === '-1') return 'all'
  const isNumber = /^\d{1,3}$/.test(text) && Number(text) <= 255
  const isName = /^(?:tcp|udp|icmp|icmpv6|all)$/.test(text)
  if ((typeof value === 'string' || typeof value === 'number') && (isNumber || isName)) return text
  throw new FlowError({
    en: `protocol: expected tcp, udp, icmp, all or a number from 0 to 255, found ${show(value)}`,
    ko: `protocol: tcp, udp, icmp, all이나 0에서 255 사이의 번호여야 하는데 ${shown(value)}입니다`,
  })
}

/** Whether an error is the asker's: a wrong selector, an id that the snapshot doesn't hold. */
export function isFlowError(error: unknown): boolean {
  return error instanceof FlowError || error instanceof SelectorError || error instanceof TraceInputError
}

/** The exit code of one trace. */
export function verdictCode({ verdict }: Trace): number {
  return verdict === 'reachable' ? 0 : verdict === 'unreachable' ? 1 : 3
}

function shown(value: unknown): string {
  return value === undefined ? '없는 값' : show(value)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
