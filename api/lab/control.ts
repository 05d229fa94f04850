import { readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { BrokenBy, FaultPlace, LabSession, Mended, SessionStatus } from './session.js'

/** What another process may ask of a running lab, over a socket in the user's own runtime folder: one question a connection. */
export type LabQuestion =
  | { readonly ask: 'status' }
  | { readonly ask: 'faults' }
  | { readonly ask: 'break'; readonly fault: string; readonly site: string | null }
  | { readonly ask: 'fix' }

export interface LabAnswers {
  readonly status: SessionStatus
  readonly faults: readonly FaultPlace[]
  readonly break: BrokenBy
  readonly fix: Mended
}

/** A running lab refused or could not do what it was asked; its words. */
export class LabRefusal extends Error {
  override readonly name = 'LabRefusal'
}

const SOCKET = /^lab-\d+\.sock$/

/** Answers for a session until it is closed, which removes the socket. */
export async function serveLab(folder: string, session: LabSession): Promise<() => Promise<void>> {
  const path = join(folder, `lab-${process.pid}.sock`)
  // One of a process that was killed and had this id.
  rmSync(path, { force: true })
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    onLine(socket, (line) => {
      answer(session, JSON.parse(line)).then(
        (result) => socket.end(`${JSON.stringify({ result })}\n`),
        (error: unknown) =>
          socket.end(
            `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
          ),
      )
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  return () => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
}

/** The first line that comes in; readline would make every error of the socket one of its own. */
function onLine(socket: Socket, take: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const isFirst = !text.includes('\n')
    text += chunk
    if (isFirst && text.includes('\n')) take(text.slice(0, text.indexOf('\n')))
  })
}

function answer(session: LabSession, question: LabQuestion): Promise<LabAnswers[LabQuestion['ask']]> {
  switch (question.ask) {
    case 'status':
      return Promise.resolve(session.status())
    case 'faults':
      return Promise.resolve(session.faults())
    case 'break':
      return session.break(question.fault, question.site)
    case 'fix':
      return session.fix()
  }
}

/** The sockets of the labs that run; those of labs that were killed are removed. */
export async function runningLabs(
  folder: string,
): Promise<readonly { readonly socket: string; readonly status: SessionStatus }[]> {
  const sockets = readdirSync(folder).filter((name) => SOCKET.test(name))
  const found = await Promise.all(
    sockets.map(async (name) => {
      const socket = join(folder, name)
      try {
        return [{ socket, status: await askLab(socket, { ask: 'status' }) }]
      } catch (error) {
        if (error instanceof LabRefusal) throw error
        rmSync(socket, { force: true })
        return []
      }
    }),
  )
  return found.flat()
}

/** Asks a running lab. @throws {LabRefusal} with its words, the system's error where nobody answers */
export function askLab<K extends LabQuestion['ask']>(
  socket: string,
  question: Extract<LabQuestion, { ask: K }>,
): Promise<LabAnswers[K]> {
  return new Promise((resolve, reject) => {
    const client = connect(socket)
    client.once('error', reject)
    client.once('close', () => reject(new LabRefusal('the lab ended')))
    client.write(`${JSON.stringify(question)}\n`)
    onLine(client, (line) => {
      // Both ends are this very program.
      const said: { readonly result: LabAnswers[K] } | { readonly error: string } = JSON.parse(line)
      if ('error' in said) reject(new LabRefusal(said.error))
      else resolve(said.result)
    })
  })
}
