import type { Check } from '../plan.schema.js'
import { aws } from './aws.js'
import type { AddressChecker, CheckIo, Destination, Endpoint, Finding } from './check.js'
import { http } from './http.js'
import { mssql } from './mssql.js'
import { mysql } from './mysql.js'
import { postgres } from './postgres.js'
import { redis } from './redis.js'
import { tcp } from './tcp.js'
import { tls } from './tls.js'

/** A check together with the code of its kind. */
export interface BoundCheck {
  readonly endpoint: (env: CheckIo['env']) => Endpoint
  readonly probe: (destination: Destination, io: CheckIo) => Promise<Finding>
  readonly warnings: readonly string[]
}

/** Every kind that connects; `dns` only asks the resolver, and has no code of this shape. */
export type ConnectingCheck = Exclude<Check, { kind: 'dns' }>

/** The registry: which code a kind runs. */
export function bind(check: ConnectingCheck): BoundCheck {
  switch (check.kind) {
    case 'tcp':
      return join(tcp, check)
    case 'tls':
      return join(tls, check)
    case 'http':
      return join(http, check)
    case 'postgres':
      return join(postgres, check)
    case 'mysql':
      return join(mysql, check)
    case 'redis':
      return join(redis, check)
    case 'mssql':
      return join(mssql, check)
    case 'aws':
      return join(aws, check)
  }
}

function join<C extends Check>(checker: AddressChecker<C>, check: C): BoundCheck {
  return {
    endpoint: (env) => checker.endpoint(check, env),
    probe: (destination, io) => checker.probe(check, destination, io),
    warnings: checker.warnings?.(check) ?? [],
  }
}
