import { get, type IncomingMessage } from 'node:http'

/** A client of the event stream. */
export interface Follower {
  readonly text: () => string
  readonly events: () => readonly { id: number; event: string; data: { function: string | null } }[]
  readonly ended: () => boolean
  readonly response: IncomingMessage
}

/** Follows a stream of Server-Sent Events until its response is destroyed. */
export async function follow(url: string, headers: Record<string, string> = {}): Promise<Follower> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers }, resolve).on('error', reject)
  })
  let text = ''
  let ended = false
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
  })
  response.on('error', () => undefined)
  response.on('close', () => {
    ended = true
  })
  return {
    text: () => text,
    ended: () => ended,
    response,
    events: () =>
      text
        .split('\n\n')
        .filter((block) => block.includes('data: '))
        .map((block) => {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
          return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) }
        }),
  }
}
