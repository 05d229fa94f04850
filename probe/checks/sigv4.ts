import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface Signable {
  readonly method: string
  /** `host`, with the port where it isn't the protocol's own. */
  readonly host: string
  /** Path with query string, as it is sent. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/**
 * The headers with which a request goes out signed (Signature Version 4): those given, the host, the date, the token and
 * `authorization`. All of them are signed, and so is the body.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(
  request: Signable,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  scope: { readonly service: string; readonly region: string },
  at: Date = new Date(),
): Record<string, string> {
  const time = at.toISOString().replace(/[:-]|\.\d{3}/g, '')
  const payload = sha256(request.body ?? '')
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    // S3 asks for it, and only there it is part of the request.
    ...(scope.service === 's3' ? { 'x-amz-content-sha256': payload } : {}),
  }
  const names = Object.keys(headers).sort()
  const canonical = [
    request.method,
    ...canonicalTarget(request.path, scope.service),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
  const steps = [time.slice(0, 8), scope.region, scope.service, 'aws4_request']
  const toSign = [ALGORITHM, time, steps.join('/'), sha256(canonical)].join('\n')
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${steps.join('/')}, SignedHeaders=${names.join(';')}, Signature=${hmac(key, toSign).toString('hex')}`,
  }
}

/** Path and query as the signature has them: the path encoded once more than it is sent, but for S3; the query sorted. */
function canonicalTarget(target: string, service: string): [string, string] {
  const [path = '/', query = ''] = target.split('?', 2)
  const parameters = [...new URLSearchParams(query)].map((pair) => pair.map(encode).join('='))
  const once = service === 's3' ? path : path.split('/').map(encode).join('/')
  return [once, parameters.sort().join('&')]
}

/** As RFC 3986 has it. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
