import { MAX_DEPTH } from './json.js'

/**
 * Fields that hold a secret wherever they stand: instance user data, VPN configurations and keys, passwords,
 * tokens. AWS masks some of them already; a network's trace needs none.
 */
const SECRET_NAMES = [
  'AuthKey',
  'AuthString',
  'AuthToken',
  'ClientSecret',
  'CustomerGatewayConfiguration',
  'CustomerRouterConfig',
  'KeyMaterial',
  'MasterPassword',
  'MasterUserPassword',
  'Password',
  'Plaintext',
  'PreSharedKey',
  'PrivateKey',
  'SecretAccessKey',
  'SecretBinary',
  'SecretString',
  'SessionToken',
  'UserData',
] as const

const SECRET_FIELDS: ReadonlySet<string> = new Set(
  SECRET_NAMES.flatMap((name) => [name, name.charAt(0).toLowerCase() + name.slice(1)]),
)

/** DNS record types whose values are free text, where people keep verification tokens and keys. */
const TEXT_RECORDS: ReadonlySet<string> = new Set(['TXT', 'SPF'])

/** Thrown by `redact` for a document that is nested deeper than any AWS answer. */
export class TooDeepError extends Error {
  override readonly name = 'TooDeepError'
  constructor() {
    super(`nested deeper than ${MAX_DEPTH} levels, which no AWS answer is`)
  }
}

/**
 * The same document without secrets: the fields above, Lambda's environment values, the presigned link to a
 * function's code, the text of TXT records. Applied when a snapshot is taken and again when one is read, so
 * that a folder made with the plain AWS CLI brings none in either.
 * The input is not changed; what holds no secret is shared with it.
 *
 * @throws {TooDeepError} for a document nested deeper than {@link MAX_DEPTH}
 */
export function redact(body: unknown): unknown {
  return walk(body, 0)
}

function walk(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new TooDeepError()
  return isArray(value)
    ? walkArray(value, depth)
    : walkObject(value as Readonly<Record<string, unknown>>, depth)
}

function walkArray(value: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | null = null
  for (let index = 0; index < value.length; index++) {
    const item = value[index]
    const clean = walk(item, depth + 1)
    if (clean === item) continue
    copy ??= value.slice()
    copy[index] = clean
  }
  return copy ?? value
}

function walkObject(value: Readonly<Record<string, unknown>>, depth: number): unknown {
  let copy: Record<string, unknown> | null = null
  for (const name of Object.keys(value)) {
    const item = value[name]
    if (isSecret(value, name)) {
      copy ??= { ...value }
      delete copy[name]
      continue
    }
    const clean = walk(item, depth + 1)
    if (clean === item) continue
    copy ??= { ...value }
    copy[name] = clean
  }
  return copy ?? value
}

function isSecret(holder: Readonly<Record<string, unknown>>, name: string): boolean {
  if (SECRET_FIELDS.has(name)) return true
  if (name === 'Environment') return typeof holder[name] === 'object'
  if (name === 'Location') return 'RepositoryType' in holder
  if (name === 'ResourceRecords')
    return typeof holder['Type'] === 'string' && TEXT_RECORDS.has(holder['Type'])
  return false
}

function isArray(value: object): value is readonly unknown[] {
  return Array.isArray(value)
}
