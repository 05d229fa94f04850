import { createSocket, type Socket } from 'node:dgram'

/** What a name server answers: addresses, or null for a name that does not exist. */
export type Answer = (name: string) => readonly string[] | null

const A = 1
const AAAA = 28
const HEADER = 12
const TTL_SECONDS = 5

/** Serves names over UDP port 53 of an address; queries that can't be read are left without an answer. */
export function serveDns(address: string, answer: Answer): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const reply = replyTo(query, answer)
    if (reply !== null) socket.send(reply, from.port, from.address)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(53, address, () => resolve(socket))
  })
}

/** The answer to one query (RFC 1035), null for what is no question. */
export function replyTo(query: Buffer, answer: Answer): Buffer | null {
  const question = readQuestion(query)
  if (question === null) return null
  const addresses = answer(question.name)
  const wanted = (addresses ?? []).filter((one) => one.includes(':') === (question.type === AAAA))
  const found = question.type === A || question.type === AAAA ? wanted : []
  const header = Buffer.alloc(HEADER)
  query.copy(header, 0, 0, 2)
  // Answer, recursion available, and the question's own wish for recursion; NXDOMAIN where there is no such name.
  header.writeUInt16BE(0x8080 | (query.readUInt16BE(2) & 0x0100) | (addresses === null ? 3 : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(found.length, 6)
  const records = found.map((address) => {
    const data = bytesOf(address)
    const head = Buffer.alloc(12)
    head.writeUInt16BE(0xc000 | HEADER, 0)
    head.writeUInt16BE(question.type, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt32BE(TTL_SECONDS, 6)
    head.writeUInt16BE(data.length, 10)
    return Buffer.concat([head, data])
  })
  return Buffer.concat([header, query.subarray(HEADER, question.end), ...records])
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } | null {
  if (query.length < HEADER + 5 || query.readUInt16BE(4) !== 1) return null
  const labels: string[] = []
  let at = HEADER
  for (;;) {
    const length = query[at]
    if (length === undefined || length > 63) return null
    at += 1
    if (length === 0) break
    labels.push(query.toString('latin1', at, at + length))
    at += length
  }
  if (at + 4 > query.length) return null
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), end: at + 4 }
}

function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = groups(tail)
  const zeros = Array(Math.max(0, 8 - left.length - right.length)).fill('0')
  const all = tail === undefined ? left : [...left, ...zeros, ...right]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
