import { setTimeout as delay } from 'node:timers/promises'
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda'
import type { Report } from '../../probe/report.schema.js'
import { parseLine } from '../ingest/parse.js'
import { failureOf } from './failure.js'

/** What one invocation of a probe came to. */
export interface Invocation {
  readonly reports: readonly Report[]
  /** One sentence where something went wrong; null where all is well. */
  readonly error: string | null
}

/** The event of a run on demand: a probe runs its own plan; a wrapped function its checks, and never its business. */
const EVENT = Buffer.from('{"sonde":{}}')
const TRIES = 3

/**
 * Invokes one probe and waits for its answer. Never throws: what went wrong is the answer's `error`.
 *
 * An error of the function itself comes with status 200 and `FunctionError`; an error of Lambda's (no such function, throttled,
 * no network interface, no permission) with its own code: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
 * Only what Lambda turned away before it ran is tried again; after a time-out the first run may still be under way.
 *
 * @param functionName name or ARN
 * @param timeoutMs for everything, tries and waits among it
 */
export async function invokeProbe(
  client: LambdaClient,
  functionName: string,
  timeoutMs: number,
): Promise<Invocation> {
  const signal = AbortSignal.timeout(timeoutMs)
  for (let tries = 1; ; tries++) {
    try {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        LogType: 'None',
        Payload: EVENT,
      })
      return answerOf(await client.send(command, { abortSignal: signal }))
    } catch (cause) {
      if (signal.aborted)
        return failed(`no answer within ${timeoutMs / 1000} s; its report may still come by the log`)
      const wait = waitAfter(cause, tries)
      if (wait === null) return failed(wordsOf(cause))
      const went = await delay(wait, true, { signal }).catch(() => false)
      if (!went) return failed(wordsOf(cause))
    }
  }
}

/** How long to wait before the next try; null where another one is no use. */
function waitAfter(cause: unknown, tries: number): number | null {
  if (!(cause instanceof Error) || cause.name !== 'TooManyRequestsException' || tries >= TRIES) return null
  const told = 'retryAfterSeconds' in cause ? Number(cause.retryAfterSeconds) : Number.NaN
  return Number.isFinite(told) ? Math.min(told, 60) * 1000 : 500 * 2 ** tries
}

function wordsOf(cause: unknown): string {
  const { code, message } = failureOf(cause)
  const reason = cause instanceof Error && 'Reason' in cause ? ` (${String(cause.Reason)})` : ''
  return `${code}${reason}: ${message}`
}

function answerOf(output: InvokeCommandOutput): Invocation {
  const text = output.Payload === undefined ? '' : Buffer.from(output.Payload).toString('utf8')
  if (output.FunctionError !== undefined) return failed(functionError(text))
  const value = parsed(text)
  const reports = field(value, 'reports')
  if (!Array.isArray(reports)) {
    return failed('the function answered, but not as a probe does: is it one, or wrapped with withSonde?')
  }
  // By the reader of log lines: what comes either way is judged alike.
  const lines = reports.map((report) => parseLine(JSON.stringify(report)))
  const read = lines.flatMap((line) => (line.kind === 'report' ? [line.report] : []))
  const refused = lines.flatMap((line) => (line.kind === 'reject' ? [line.reject.reason] : []))
  const unread = lines.length - read.length
  const error =
    unread === 0 ? null : `${unread} of ${lines.length} reports can't be read: ${refused[0] ?? 'no report'}`
  return { reports: read, error }
}

/** `{"errorType":…,"errorMessage":…}`: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function functionError(text: string): string {
  const value = parsed(text)
  const [type, message] = [field(value, 'errorType'), field(value, 'errorMessage')]
  const told = [type, message].filter((part) => typeof part === 'string' && part !== '').join(': ')
  return `the probe failed: ${told === '' ? text.slice(0, 300) : told.slice(0, 1000)}`
}

function failed(error: string): Invocation {
  return { reports: [], error }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}
