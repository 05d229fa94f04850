import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Test } from 'tap'

const XMLNS = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'

export interface Answer {
  readonly status: number
  readonly body: string
}

export const ok = (action: string, inner: string): Answer => ({
  status: 200,
  body: `<${action}Response ${XMLNS}><requestId>r</requestId>${inner}</${action}Response>`,
})

export const error = (status: number, code: string): Answer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${code} it is</Message></Error></Errors><RequestID>r</RequestID></Response>`,
})

/** An AWS on loopback that speaks EC2's protocol; other services are denied in theirs. */
export async function fakeAws(
  t: Test,
  answer: (action: string, parameters: URLSearchParams) => Answer | null,
): Promise<{ readonly asked: string[] }> {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      const parameters = new URLSearchParams(text)
      const action = parameters.get('Action') ?? `${request.method} ${request.url}`
      asked.push(action)
      const given = answer(action, parameters)
      if (given !== null)
        return response.writeHead(given.status, { 'content-type': 'text/xml' }).end(given.body)
      if (parameters.has('Action')) {
        const denied = error(403, 'UnauthorizedOperation')
        return response.writeHead(denied.status, { 'content-type': 'text/xml' }).end(denied.body)
      }
      return response
        .writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' })
        .end('{"Message":"no"}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, environment)
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
  return { asked }
}
