import type { Outcome } from '../outcome.js'
import { oneLine } from './wire-text.js'

/** What an HTTP answer says about AWS; nothing of its body but an error's code and the reason for a denial. */
export interface AwsAnswer {
  /** Whether an AWS service (or an emulator of one) wrote it: by its request id or the form of its error. */
  readonly isAws: boolean
  readonly code?: string
  readonly requestId?: string
  /** Which policy denied, in AWS's words from "because" or "with" on, without the principal and the resource. */
  readonly denial?: string
}

interface HttpAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: string
}

const REQUEST_ID_HEADERS = ['x-amzn-requestid', 'x-amz-request-id', 'x-amzn-request-id', 'x-amz-id-2']

/**
 * Reads the answer of any AWS protocol: JSON (`__type`, or the header `x-amzn-errortype`), query and REST-XML
 * (`<Error><Code>`), EC2 (`<Errors><Error><Code>`).
 */
export function readAwsAnswer(answer: HttpAnswer): AwsAnswer {
  const idHeader = REQUEST_ID_HEADERS.map(answer.header).find((id) => id !== undefined)
  const fields = fieldsOf(answer.body)
  const typed = answer.header('x-amzn-errortype') ?? answer.header('x-amzn-query-error') ?? fields.code
  const code = answer.status >= 300 && typed !== undefined ? shortCode(typed) : undefined
  const id = idHeader ?? fields.requestId
  return {
    isAws:
      id !== undefined ||
      answer.header('x-amzn-errortype') !== undefined ||
      (answer.status >= 300 && fields.isTyped),
    ...(code === undefined || code === '' ? {} : { code }),
    ...(id === undefined ? {} : { requestId: oneLine(id).slice(0, 128) }),
    ...denialOf(fields.message),
  }
}

const DENIED =
  /^(AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|Unauthorized|Forbidden|OptInRequired|SubscriptionRequired|AllAccessDisabled|AccountProblem)/
/** The caller isn't who it says, or its clock is off: as with a missing right, the network did its part. */
const NOT_BELIEVED =
  /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|ExpiredToken|RequestExpired|RequestTimeTooSkewed|InvalidAccessKeyId|InvalidToken|TokenRefreshRequired|AuthFailure|IncompleteSignature|MissingAuthenticationToken|InvalidSecurity)/
const THROTTLED =
  /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|ProvisionedThroughputExceeded|BandwidthLimitExceeded|LimitExceeded|PriorRequestNotComplete|EC2Throttled)/

/**
 * The outcome of an answer that AWS wrote. Every one of them has reached the service.
 *
 * - The denial names a VPC endpoint policy, in either of AWS's two phrases, "because no VPC endpoint policy allows the … action" and
 *   "with an explicit deny in a VPC endpoint policy": `aws_endpoint_policy_denied`
 *   (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>). Services that don't write these phrases
 *   (the page says that there are some) leave it at `aws_access_denied`.
 * - Throttling, by code or status 429: `aws_throttled`.
 * - Unsigned requests: any other answer below 500 is `ok`, a refusal of the missing signature above all.
 * - Missing rights, and credentials that are expired, unknown or signed by a wrong clock: `aws_access_denied`, told apart by
 *   `detail.awsErrorCode`. They are matters of identity, not of the network.
 * - Anything else that isn't a success: `aws_failed`.
 */
export function awsOutcome(answer: AwsAnswer, status: number, signed: boolean): Outcome {
  if (/VPC endpoint policy/i.test(answer.denial ?? '')) return 'aws_endpoint_policy_denied'
  const code = answer.code ?? ''
  if (status === 429 || THROTTLED.test(code)) return 'aws_throttled'
  if (status < 300) return 'ok'
  if (status >= 500) return 'aws_failed'
  if (!signed) return 'ok'
  if (DENIED.test(code) || NOT_BELIEVED.test(code)) return 'aws_access_denied'
  return code === '' && (status === 401 || status === 403) ? 'aws_access_denied' : 'aws_failed'
}

interface Fields {
  readonly code?: string
  readonly message?: string
  readonly requestId?: string
  /** The body has the form of an AWS error. */
  readonly isTyped: boolean
}

function fieldsOf(body: string): Fields {
  return body.trimStart().startsWith('{') ? jsonFields(body) : xmlFields(body)
}

function jsonFields(body: string): Fields {
  const parsed = parse(body)
  const code = text(parsed, ['__type', 'code', 'Code'])
  const message = text(parsed, ['message', 'Message', 'errorMessage'])
  return {
    isTyped: text(parsed, ['__type']) !== undefined,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function text(value: unknown, names: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = Object.entries(value).filter(
    (entry): entry is [string, string] => names.includes(entry[0]) && typeof entry[1] === 'string',
  )
  return names.map((name) => found.find(([key]) => key === name)?.[1]).find((value) => value !== undefined)
}

function xmlFields(body: string): Fields {
  const code = element(body, 'Code')
  const message = element(body, 'Message')
  const requestId = element(body, 'RequestId') ?? element(body, 'RequestID') ?? element(body, 'requestId')
  return {
    isTyped: code !== undefined && /<Error>/.test(body),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

/** The text of the first element of a name; AWS's error documents have no attributes on these. */
function element(body: string, name: string): string | undefined {
  const start = body.indexOf(`<${name}>`)
  if (start < 0) return undefined
  const from = start + name.length + 2
  const end = body.indexOf('</', from)
  return end < 0 ? undefined : body.slice(from, end)
}

/** `com.amazon.coral.service#AccessDeniedException:http://…;Sender` → `AccessDeniedException`. */
function shortCode(typed: string): string {
  const [name = ''] = typed.slice(typed.lastIndexOf('#', typed.search(/[:;]|$/)) + 1).split(/[:;]/)
  return oneLine(name).slice(0, 64)
}

function denialOf(message: string | undefined): { denial?: string } {
  const found =
    /(because no [^.]{0,80}? allows the [\w:*-]{1,80} action|with an explicit deny in an? [\w -]{1,60})/i.exec(
      message ?? '',
    )
  return found?.[1] === undefined ? {} : { denial: oneLine(found[1]) }
}
