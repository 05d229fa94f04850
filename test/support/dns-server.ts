import { createSocket } from 'node:dgram'

/** What the server says to a question: addresses, an error code, nothing at all, or an answer without records. */
export type DnsAnswer =
  | { readonly a?: readonly string[]; readonly aaaa?: readonly string[] }
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'REFUSED'
  | 'silence'

export interface DnsServer {
  /** As `SONDE_DNS_SERVERS` takes it. */
  readonly address: string
  /** The questions so far, `A name` or `AAAA name`, in order. */
  readonly questions: readonly string[]
  readonly stop: () => Promise<void>
}

const TYPES: Readonly<Record<number, 'A' | 'AAAA'>> = { 1: 'A', 28: 'AAAA' }
const CODES = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 } as const

/** A name server on loopback that speaks DNS over UDP: names that it doesn't know don't exist. */
export async function startDnsServer(
  zone: Readonly<Record<string, DnsAnswer | ((type: 'A' | 'AAAA') => DnsAnswer)>>,
): Promise<DnsServer> {
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query)
    const record = TYPES[type]
    if (!record) return
    questions.push(`${record} ${name}`)
    const entry = zone[name.toLowerCase()] ?? 'NXDOMAIN'
    const answer = typeof entry === 'function' ? entry(record) : entry
    if (answer === 'silence') return
    socket.send(reply(query, end, type, answer), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function reply(query: Buffer, end: number, type: number, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const code = typeof answer === 'string' ? CODES[answer] : 0
  const addresses = typeof answer === 'string' ? [] : ((type === 1 ? answer.a : answer.aaaa) ?? [])
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt32BE(0, 8)
  const records = addresses.map((address) => {
    const data = type === 1 ? v4(address) : v6(address)
    const record = Buffer.alloc(12)
    // A pointer to the question's name, class IN, a minute to live.
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(type, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(60, 6)
    record.writeUInt16BE(data.length, 10)
    return Buffer.concat([record, data])
  })
  return Buffer.concat([header, query.subarray(12, end), ...records])
}

function v4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function v6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const left = groups(head)
  const right = groups(tail)
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
  const bytes = Buffer.alloc(16)
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(group, 2 * index)
  return bytes
}
