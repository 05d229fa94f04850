import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The generator runs in a process of its own, so that it doesn't take the server's turns. It keeps `connections` sockets
 * open, writes the same bytes on each as soon as the answer before has come, and counts answers by Content-Length.
 */
const GENERATOR = `
const net = require('node:net')
const { port, path, connections, seconds } = JSON.parse(process.argv[2])
const request = 'GET ' + path + ' HTTP/1.1\\r\\nHost: 127.0.0.1:' + port + '\\r\\n\\r\\n'
let done = 0
let wrong = 0
let counting = false
const sockets = Array.from({ length: connections }, () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  let length = -1
  let got = ''
  socket.on('connect', () => socket.write(request))
  socket.on('error', () => wrong++)
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1')
    for (;;) {
      const end = got.indexOf('\\r\\n\\r\\n')
      if (end < 0) return
      const match = /content-length: (\\d+)/i.exec(got.slice(0, end))
      length = match ? Number(match[1]) : 0
      if (got.length < end + 4 + length) return
      if (!got.startsWith('HTTP/1.1 200')) wrong++
      got = got.slice(end + 4 + length)
      if (counting) done++
      socket.write(request)
    }
  })
  return socket
})
setTimeout(() => {
  counting = true
  const start = process.hrtime.bigint()
  setTimeout(() => {
    counting = false
    const took = Number(process.hrtime.bigint() - start) / 1e9
    process.send({ perSecond: done / took, wrong })
    for (const socket of sockets) socket.destroy()
    process.disconnect()
  }, seconds * 1000)
}, 500)
`

export interface Load {
  readonly port: number
  readonly path: string
  readonly connections?: number
  readonly seconds?: number
}

/** Requests a second that a server on loopback answered with 200. @throws if any answer was another. */
export async function requestsPerSecond({
  port,
  path,
  connections = 20,
  seconds = 2,
}: Load): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-load-'))
  try {
    const file = join(folder, 'generator.cjs')
    await writeFile(file, GENERATOR)
    const child = fork(file, [JSON.stringify({ port, path, connections, seconds })], { execArgv: [] })
    const [message] = await once(child, 'message')
    if (child.exitCode === null) await once(child, 'exit')
    if (
      typeof message !== 'object' ||
      message === null ||
      !('perSecond' in message) ||
      !('wrong' in message)
    ) {
      throw new Error('the load generator said nothing')
    }
    if (message.wrong !== 0) throw new Error(`${String(message.wrong)} answers were not 200`)
    return Number(message.perSecond)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rounds taken in turns; the pair with the median ratio, so that a busy moment of the machine decides nothing. */
export async function compare(
  subject: Load,
  reference: Load,
  rounds = 7,
): Promise<{ readonly subject: number; readonly reference: number }> {
  const pairs: { subject: number; reference: number }[] = []
  for (let round = 0; round < rounds; round++) {
    pairs.push({
      reference: await requestsPerSecond({ seconds: 1, ...reference }),
      subject: await requestsPerSecond({ seconds: 1, ...subject }),
    })
  }
  pairs.sort((a, b) => a.subject / a.reference - b.subject / b.reference)
  return pairs[Math.floor(rounds / 2)] ?? { subject: 0, reference: 0 }
}
