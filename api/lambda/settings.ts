import { Compile } from 'typebox/compile'
import { PolicySection, RetentionSection } from '../config.schema.js'
import { DEFAULT_POLICY } from '../health/health.js'
import type { DbOptions } from '../store/dynamodb/db.js'
import { DEFAULT_RETENTION, type StoreOptions } from '../store/store.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** An environment variable of a Lambda is missing or wrong; says which and how. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

const isPolicy = Compile(PolicySection)
const isRetention = Compile(RetentionSection)

/**
 * What both Lambdas read: `SONDE_TABLE`, `SONDE_POLICY` and `SONDE_RETENTION`. Give both the same.
 * @throws BadSetting
 */
export function storeSettings(env: Environment): {
  readonly where: DbOptions
  readonly options: StoreOptions
} {
  const table = env['SONDE_TABLE']
  if (table === undefined || table === '') throw new BadSetting('SONDE_TABLE: name the DynamoDB table')
  const policy = json(env, 'SONDE_POLICY', isPolicy, '{"flipAfter":2,"intervalMs":60000}')
  const retention = json(env, 'SONDE_RETENTION', isRetention, '{"resultsDays":7}')
  return {
    where: { table },
    options: {
      policy: { ...DEFAULT_POLICY, ...policy },
      retention: { ...DEFAULT_RETENTION, ...retention },
    },
  }
}

interface Check<T> {
  readonly Check: (value: unknown) => value is T
  readonly Errors: (value: unknown) => readonly { readonly instancePath: string; readonly message: string }[]
}

/** A variable that holds JSON of a known shape; null where it isn't set. */
export function json<T>(env: Environment, name: string, shape: Check<T>, example: string): T | null {
  const text = env[name]
  if (text === undefined || text === '') return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadSetting(`${name}: is not JSON, like ${example}`, { cause })
  }
  if (shape.Check(value)) return value
  const [first] = shape.Errors(value)
  throw new BadSetting(
    `${name}${first?.instancePath ?? ''}: ${first?.message ?? 'is wrong'}, expected something like ${example}`,
  )
}
