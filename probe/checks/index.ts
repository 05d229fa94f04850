import type { Check } from '../plan.schema.js'
import type { AddressChecker, CheckIo, Destination, Endpoint, Finding } from './check.js'

/** A check together with the code of its kind. */
export interface BoundCheck {
  readonly endpoint: (env: CheckIo['env']) => Endpoint
  readonly probe: (destination: Destination, io: CheckIo) => Promise<Finding>
  readonly warnings: readonly string[]
}

/** Every kind that connects; `dns` only asks the resolver, and has no code of this shape. */
export type ConnectingCheck = Exclude<Check, { kind: 'dns' }>

type Kind = ConnectingCheck['kind']

/** The code of the kinds that were loaded. */
export type Checkers = { readonly [K in Kind]?: AddressChecker<Extract<Check, { kind: K }>> }

/** The registry: which code a kind runs. Loaded as a plan needs it, since TLS, HTTP and signing each take milliseconds. */
const loaders: { readonly [K in Kind]: () => Promise<Checkers> } = {
  tcp: () => import('./tcp.js'),
  tls: () => import('./tls.js'),
  http: () => import('./http.js'),
  postgres: () => import('./postgres.js'),
  mysql: () => import('./mysql.js'),
  redis: () => import('./redis.js'),
  mssql: () => import('./mssql.js'),
  aws: () => import('./aws.js'),
}

/** Loads the code of every kind that the checks name. */
export async function loadCheckers(checks: readonly Check[]): Promise<Checkers> {
  const kinds = new Set(checks.flatMap(({ kind }) => (kind === 'dns' ? [] : [kind])))
  const modules = await Promise.all([...kinds].map((kind) => loaders[kind]()))
  const all: Checkers = {}
  for (const module of modules) Object.assign(all, module)
  return all
}

export function bind(check: ConnectingCheck, checkers: Checkers): BoundCheck {
  switch (check.kind) {
    case 'tcp':
      return join(checkers.tcp, check)
    case 'tls':
      return join(checkers.tls, check)
    case 'http':
      return join(checkers.http, check)
    case 'postgres':
      return join(checkers.postgres, check)
    case 'mysql':
      return join(checkers.mysql, check)
    case 'redis':
      return join(checkers.redis, check)
    case 'mssql':
      return join(checkers.mssql, check)
    case 'aws':
      return join(checkers.aws, check)
  }
}

function join<C extends ConnectingCheck>(checker: AddressChecker<C> | undefined, check: C): BoundCheck {
  if (checker === undefined) throw new TypeError(`the code of kind ${check.kind} was not loaded`)
  return {
    endpoint: (env) => checker.endpoint(check, env),
    probe: (destination, io) => checker.probe(check, destination, io),
    warnings: checker.warnings?.(check) ?? [],
  }
}
