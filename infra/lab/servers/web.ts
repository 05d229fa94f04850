import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo, Server } from 'node:net'

/** PEM texts with which a server proves itself. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Whether a VPC endpoint's policy lets calls through: the words with which AWS says why not. */
export type Denial = string | null

const REQUEST_ID = '8a7b6c5d-0000-4000-8000-00000000abcd'

/**
 * HTTPS and HTTP on every address of the namespace. A host of AWS is answered as the service does to a stranger's signature, with
 * the endpoint policy's denial where there is one, or, where it `grants`, with success; any other host with the caller's address.
 */
export async function serveWeb(
  identity: Identity,
  denial: Denial,
  grants: boolean,
): Promise<readonly Server[]> {
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    respond(request, response, denial, grants)
  const servers = [createTls({ cert: identity.cert, key: identity.key }, answer), createPlain(answer)]
  await Promise.all(servers.map((server, index) => listen(server, index === 0 ? 443 : 80)))
  return servers
}

function respond(request: IncomingMessage, response: ServerResponse, denial: Denial, grants: boolean): void {
  const host = (request.headers.host ?? '').toLowerCase()
  request.resume()
  response.setHeader('connection', 'close')
  if (!host.includes('amazonaws.com') || host.startsWith('checkip.')) {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(`${plain(request.socket.remoteAddress ?? '')}\n`)
    return
  }
  if (grants && denial === null) {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': REQUEST_ID })
    response.end('{}')
    return
  }
  const action = `${host.split('.')[0]}:Call`
  const message =
    denial === null
      ? `User: arn:aws:iam::111122223333:role/lab is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`
      : `User: arn:aws:iam::111122223333:role/lab is not authorized to perform: ${action} ${denial.replace('ACTION', action)}`
  const code = 'AccessDeniedException'
  if (host.startsWith('s3.') || host.includes('.s3.') || host.startsWith('sts.')) {
    response.writeHead(403, { 'content-type': 'application/xml', 'x-amz-request-id': REQUEST_ID })
    response.end(
      `<Error><Code>AccessDenied</Code><Message>${message}</Message><RequestId>${REQUEST_ID}</RequestId></Error>`,
    )
    return
  }
  response.writeHead(400, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': REQUEST_ID,
    'x-amzn-errortype': code,
  })
  response.end(JSON.stringify({ __type: code, message }))
}

/** `::ffff:192.0.2.1` → `192.0.2.1`. */
export function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

/** Listens on a port of every address, both families where the kernel has both. */
export function listen(server: Server, port: number): Promise<AddressInfo | string | null> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '::' }, () => resolve(server.address()))
  })
}
