import type { Fix } from '../diagnosis/diagnosis.js'
import type { DiagnosisGroup } from '../diagnosis/group.js'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { josa } from '../korean.js'
import { textOf } from '../korean-messages.js'
import type { Text } from '../network/path.js'
import type { ProbeRun } from '../runner.js'
import { InputError, type Io } from './io.js'
import type { Language } from './screen.js'

/** Where an API is and how to be admitted. */
export interface ApiAccess {
  readonly url: string
  readonly token: string | null
}

/** That an API knows no function of that name. */
export function noFunction({ url }: ApiAccess, name: string): InputError {
  return new InputError({
    en: `${url} knows no function "${name}"`,
    ko: josa`${url}에 함수 "${name}"이(가) 없습니다`,
  })
}

/** What the options of an API are, for every command that asks one. */
export const API_OPTIONS = {
  url: {
    en: 'where the API is (default: $SONDE_URL, or http://127.0.0.1:8080)',
    ko: 'API의 주소 (기본값: $SONDE_URL, 없으면 http://127.0.0.1:8080)',
  },
  token: {
    en: (scope: string) =>
      `token with the scope ${scope} (better: $SONDE_TOKEN, which no process list shows)`,
    ko: (scope: string) =>
      `${scope} 권한이 있는 토큰 (프로세스 목록에 보이지 않는 $SONDE_TOKEN이 더 낫습니다)`,
  },
  json: { en: "print the API's own JSON", ko: 'API의 JSON을 그대로 출력' },
} as const

/** By `--url` and `--token`, else by `SONDE_URL` and `SONDE_TOKEN`. @throws InputError */
export function accessOf(io: Io, options: { readonly url?: string; readonly token?: string }): ApiAccess {
  const url = options.url ?? nonEmpty(io.env['SONDE_URL']) ?? 'http://127.0.0.1:8080'
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new InputError({
      en: `--url must be an http or https URL, not "${url}"`,
      ko: `--url은 http나 https URL이어야 하는데 "${url}"입니다`,
    })
  }
  return { url, token: options.token ?? nonEmpty(io.env['SONDE_TOKEN']) ?? null }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}

export interface Listed {
  readonly items: readonly FunctionHealth[]
  /** True if there are more than were asked for. */
  readonly more: boolean
}

const TIMEOUT_MS = 10_000
/** As long as a Lambda may run, and a little. */
const RUN_TIMEOUT_MS = 920_000
const PAGE = 200

/** Functions of one status, page by page up to `max`. @throws InputError if the API can't be read. */
export async function fetchFunctions(
  access: ApiAccess,
  status: FunctionStatus,
  max: number,
): Promise<Listed> {
  const items: FunctionHealth[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ status, limit: String(Math.min(PAGE, max - items.length)) })
    if (cursor !== null) query.set('cursor', cursor)
    const page = await get(access, `/v1/functions?${query}`)
    if (!isPage(page.body)) throw notSonde(access)
    items.push(...page.body.items)
    cursor = page.body.nextCursor
  } while (cursor !== null && items.length < max)
  return { items, more: cursor !== null }
}

/** One function, or null if the API doesn't know it. @throws InputError if the API can't be read. */
export async function fetchFunction(access: ApiAccess, name: string): Promise<FunctionHealth | null> {
  const { status, body } = await get(access, `/v1/functions/${encodeURIComponent(name)}`)
  if (status === 404) return null
  if (!isFunction(body)) throw notSonde(access)
  return body
}

/** What a run on demand answered. */
export interface Ran {
  readonly function: string
  readonly startedAt: string
  readonly runs: readonly ProbeRun[]
}

/** Has a function's probes run, or null if the API doesn't know it. @throws InputError if the API can't be asked or refuses. */
export async function runFunction(access: ApiAccess, name: string): Promise<Ran | null> {
  const path = `/v1/functions/${encodeURIComponent(name)}/runs`
  const { status, body } = await ask(access, path, 'POST', RUN_TIMEOUT_MS)
  if (status === 404) return null
  if (!isRan(body)) throw notSonde(access)
  return body
}

/** What the sample shows, as `/v1/sample` tells it. */
export interface ShownSample {
  readonly kind: 'lab' | 'recording'
  readonly whyNoLab: string | null
  readonly faults: readonly {
    readonly id: string
    readonly title: Text
    readonly functions: readonly string[]
    readonly active: boolean
  }[]
  readonly fixesApplied: number
}

export type SampleDeed =
  | { readonly method: 'GET'; readonly path: '' }
  | { readonly method: 'POST' | 'DELETE'; readonly path: `/faults/${string}` }
  | { readonly method: 'POST'; readonly path: '/reset' }
  | { readonly method: 'POST'; readonly path: '/fixes'; readonly body: unknown }

/** Looks at the sample or changes it. @throws InputError if the API can't be asked or refuses, has no sample or no such fault */
export async function askSample(access: ApiAccess, deed: SampleDeed): Promise<ShownSample> {
  const sent = 'body' in deed ? deed.body : undefined
  const { status, body } = await ask(access, `/v1/sample${deed.path}`, deed.method, TIMEOUT_MS * 6, sent)
  if (status === 404) {
    const { en, ko } = textOf(String(field(body, 'detail')))
    throw new InputError({ en: `${access.url}: ${en}`, ko: `${access.url}: ${ko}` })
  }
  if (!isSample(body)) throw notSonde(access)
  return body
}

/** What is wrong now by cause, and the names of the ids that it speaks of. */
export interface Causes {
  readonly items: readonly Pick<DiagnosisGroup, 'kind' | 'summary' | 'functions' | 'fixes'>[]
  readonly names: ReadonlyMap<string, string>
}

/** What is wrong now, the most urgent cause first. @throws InputError if the API can't be read */
export async function fetchCauses(access: ApiAccess): Promise<Causes> {
  const { body } = await get(access, '/v1/diagnoses')
  if (!isCauses(body)) throw notSonde(access)
  return { items: body.items, names: new Map(Object.entries(body.names)) }
}

/** The fixes that the diagnoses of now suggest, the first of each cause. @throws InputError if the API can't be read */
export async function fetchFixes(access: ApiAccess): Promise<readonly Pick<Fix, 'title' | 'changes'>[]> {
  const { items } = await fetchCauses(access)
  return items.flatMap(({ fixes }) => fixes.slice(0, 1))
}

/** Why a function can't reach what it should, as text of so many columns. @throws InputError if the API can't be read */
export async function fetchExplanation(
  access: ApiAccess,
  name: string,
  language: Language,
  columns: number,
): Promise<string> {
  const path = `/v1/functions/${encodeURIComponent(name)}/diagnosis?columns=${columns}`
  const headers = { accept: 'text/plain', 'accept-language': language }
  const response = await send(access, path, { method: 'GET', headers }, TIMEOUT_MS)
  if (!response.ok) throw await refusal(access, response)
  return response.text()
}

function get(access: ApiAccess, path: string): Promise<{ status: number; body: unknown }> {
  return ask(access, path, 'GET', TIMEOUT_MS)
}

async function ask(
  access: ApiAccess,
  path: string,
  method: 'GET' | 'POST' | 'DELETE',
  timeoutMs: number,
  sent?: unknown,
): Promise<{ status: number; body: unknown }> {
  const json = sent === undefined ? {} : { body: JSON.stringify(sent) }
  const headers = sent === undefined ? {} : { 'content-type': 'application/json' }
  const response = await send(access, path, { method, headers, ...json }, timeoutMs)
  if (!response.ok && response.status !== 404) throw await refusal(access, response)
  const body: unknown = await response.json().catch(() => null)
  if (response.ok || field(body, 'code') === 'not_found') return { status: response.status, body }
  throw refused(access, body)
}

async function send(
  access: ApiAccess,
  path: string,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
  timeoutMs: number,
): Promise<Response> {
  try {
    return await fetch(new URL(path, access.url), {
      ...request,
      headers: {
        ...(access.token === null ? {} : { authorization: `Bearer ${access.token}` }),
        ...request.headers,
      },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    })
  } catch (error) {
    const why = reason(error, timeoutMs)
    throw new InputError({
      en: `no answer from ${access.url} (${why.en}); is \`sonde serve\` running there?`,
      ko: `${access.url}에서 답이 없습니다 (${why.ko}). 그곳에서 \`sonde serve\`가 실행 중인가요?`,
    })
  }
}

async function refusal(access: ApiAccess, response: Response): Promise<InputError> {
  if (response.status === 401) {
    return new InputError({
      en: `${access.url} asks for a token: give --token, or set SONDE_TOKEN`,
      ko: josa`${access.url}이(가) 토큰을 요구합니다. --token으로 주거나 SONDE_TOKEN을 설정하세요`,
    })
  }
  return refused(access, await response.json().catch(() => null))
}

function refused(access: ApiAccess, body: unknown): InputError {
  const detail = field(body, 'detail')
  if (typeof detail !== 'string') return notSonde(access)
  const { en, ko } = textOf(detail)
  return new InputError({
    en: `${access.url} refused: ${en}`,
    ko: josa`${access.url}이(가) 거절했습니다: ${ko}`,
  })
}

function notSonde({ url }: ApiAccess): InputError {
  return new InputError({
    en: `what answers at ${url} is not Sonde's API`,
    ko: `${url}에서 답하는 것은 Sonde의 API가 아닙니다`,
  })
}

function reason(error: unknown, timeoutMs: number): Text {
  if (!(error instanceof Error)) return textOf(String(error))
  if (error.name === 'TimeoutError')
    return { en: `none within ${timeoutMs / 1000} s`, ko: `${timeoutMs / 1000}초 안에 없음` }
  const { cause } = error
  const code = field(cause, 'code')
  // https://fetch.spec.whatwg.org/#port-blocking
  if (cause instanceof Error && cause.message === 'bad port')
    return { en: 'fetch asks no such port', ko: 'fetch가 막는 포트' }
  if (code === 'ECONNREFUSED') return { en: 'connection refused', ko: '연결 거부' }
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return { en: 'connection closed', ko: '연결 끊김' }
  if (typeof code === 'string') return textOf(code)
  return textOf(cause instanceof Error ? cause.message : error.message)
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function isRan(body: unknown): body is Ran {
  const runs = field(body, 'runs')
  return (
    typeof field(body, 'function') === 'string' &&
    Array.isArray(runs) &&
    runs.every((run) => typeof field(run, 'probe') === 'string' && Array.isArray(field(run, 'results')))
  )
}

function isPage(body: unknown): body is { items: FunctionHealth[]; nextCursor: string | null } {
  const items = field(body, 'items')
  const next = field(body, 'nextCursor')
  return Array.isArray(items) && items.every(isFunction) && (next === null || typeof next === 'string')
}

function isFunction(body: unknown): body is FunctionHealth {
  return (
    typeof field(body, 'name') === 'string' &&
    typeof field(body, 'status') === 'string' &&
    typeof field(field(body, 'text'), 'ko') === 'string' &&
    Array.isArray(field(body, 'checks'))
  )
}

function isCauses(body: unknown): body is Omit<Causes, 'names'> & { names: Record<string, string> } {
  const items = field(body, 'items')
  const names = field(body, 'names')
  return (
    Array.isArray(items) &&
    items.every((item) => Array.isArray(field(item, 'fixes')) && Array.isArray(field(item, 'functions'))) &&
    typeof names === 'object' &&
    names !== null
  )
}

function isSample(body: unknown): body is ShownSample {
  return typeof field(body, 'kind') === 'string' && Array.isArray(field(body, 'faults'))
}
