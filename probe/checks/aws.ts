import { addressKind } from '../address.js'
import { type Connection, converse } from '../connection.js'
import { CheckFailure } from '../outcome.js'
import type { AwsCheck } from '../plan.schema.js'
import { type AwsEndpoint, awsEndpoint } from './aws-endpoints.js'
import { type AwsAnswer, awsOutcome, readAwsAnswer } from './aws-errors.js'
import { awsServices } from './aws-services.js'
import type { AddressChecker, CheckIo, Destination } from './check.js'
import { exchange, type HttpRequest } from './http-wire.js'
import { signedHeaders } from './sigv4.js'
import { secure, tlsSettings } from './tls-options.js'
import { hostPort } from './wire-text.js'

/** Asked of a service that the table doesn't know, and never signed: the refusal is the proof. */
const ANY_SERVICE = { method: 'GET', path: '/', headers: {}, body: '' } as const

interface Prepared {
  readonly request: HttpRequest
  readonly signed: boolean
}

/**
 * One cheap call to an AWS service that only reads (`aws-services.ts`), signed with the credentials of the environment
 * where there are some, over a connection to the given address, so that it is known which address answered.
 *
 * Outcomes of answers: see `awsOutcome`. What no AWS service wrote (a proxy's or portal's page) is `protocol_mismatch`.
 *
 * Which way the packet went can be told by the address alone in one case: an interface endpoint has private addresses in the
 * VPC, so with `via: endpoint` a public IPv4 address that answers is `wrong_path`, whatever it answered
 * (<https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>). It can't be told for
 * - S3 and DynamoDB, whose gateway endpoints keep the service's public addresses
 *   (<https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>),
 * - IPv6, where an endpoint in a dual-stack subnet has an address as global as the service's own,
 * and then `detail.pathTold` is false and the trace has to say it. In a VPC that numbers itself from public IPv4 ranges leave `via` out.
 */
export const aws: AddressChecker<AwsCheck> = {
  endpoint(check, env) {
    const { protocol, host, port } = awsEndpoint(check, env)
    return { host, port, target: `${protocol}//${authority(protocol, host, port)}` }
  },
  async probe(check, destination, io) {
    const endpoint = awsEndpoint(check, io.env)
    const prepared = prepare(check, endpoint, io)
    const settings =
      endpoint.protocol === 'https:'
        ? await tlsSettings(check, endpoint.host, io, { alpn: ['http/1.1'] })
        : undefined
    return converse(destination, io, async (connection) => {
      connection.note({ awsService: check.service, awsSigned: prepared.signed })
      if (settings !== undefined) await secure(connection, settings)
      if (check.holdMs !== undefined) await connection.hold(check.holdMs)
      const answer = await connection.lend((socket) => exchange(socket, prepared.request))
      judgeAnswer(connection, check, destination, prepared.signed, answer)
    })
  },
}

function prepare(check: AwsCheck, endpoint: AwsEndpoint, io: CheckIo): Prepared {
  const service = awsServices[check.service]
  const { method, path, headers, body } = service ?? ANY_SERVICE
  const host = authority(endpoint.protocol, endpoint.host, endpoint.port)
  const request = {
    method,
    path,
    headers: { ...headers, host },
    wantBody: true,
    ...(body === '' ? {} : { body }),
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = io.env
  if (check.signed === false || service === undefined || !accessKeyId || !secretAccessKey)
    return { request, signed: false }
  const signed = signedHeaders(
    { method, host, path, headers, body },
    { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}) },
    { service: endpoint.signingName, region: endpoint.signingRegion },
  )
  return { request: { ...request, headers: signed }, signed: true }
}

function judgeAnswer(
  connection: Connection,
  check: AwsCheck,
  destination: Destination,
  signed: boolean,
  http: { status: number; header: (name: string) => string | undefined; body: string },
): void {
  const answer = readAwsAnswer(http)
  connection.note({
    httpStatus: http.status,
    ...(answer.code === undefined ? {} : { awsErrorCode: answer.code }),
    ...(answer.requestId === undefined ? {} : { awsRequestId: answer.requestId }),
    ...(answer.denial === undefined ? {} : { message: answer.denial }),
  })
  if (!answer.isAws)
    throw new CheckFailure('protocol_mismatch', `HTTP ${http.status}, but not from an AWS service`)
  judgePath(connection, check, destination)
  const outcome = awsOutcome(answer, http.status, signed)
  if (outcome !== 'ok') throw new CheckFailure(outcome, wording(answer, http.status))
}

function judgePath(connection: Connection, check: AwsCheck, { address, family }: Destination): void {
  const isPrivate = addressKind(address) === 'private'
  const canTell = family === 4 && awsServices[check.service]?.gateway !== true
  if (check.via === 'endpoint' || !canTell) connection.note({ pathTold: isPrivate || canTell })
  if (check.via === 'endpoint' && !isPrivate && canTell)
    throw new CheckFailure(
      'wrong_path',
      `${address}, a public address, answered where an interface endpoint was asked for`,
    )
}

function wording(answer: AwsAnswer, status: number): string {
  const code = answer.code ?? `HTTP ${status}`
  return answer.denial === undefined ? code : `${code} ${answer.denial}`
}

function authority(protocol: string, host: string, port: number): string {
  const usual = port === (protocol === 'http:' ? 80 : 443)
  return usual ? hostPort(host, port).replace(/:\d+$/, '') : hostPort(host, port)
}
