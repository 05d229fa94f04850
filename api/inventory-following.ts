import type { FastifyBaseLogger } from 'fastify'
import { parseFunctionArn } from './arn.js'
import { functionsByHome, type HomeOfFunctions } from './discovery/follow.js'
import type { Collection, PlaceStatus } from './inventory.js'
import { buildModel } from './network/model.js'
import type { Snapshot } from './network/snapshot.js'
import type { FunctionDeclaration, Store } from './store/store.js'

export interface FollowOptions {
  readonly store: Pick<Store, 'discoverFunctions'>
  /** Functions that the configuration declares: what it says of them stands. */
  readonly declared: readonly FunctionDeclaration[]
  readonly clock: () => Date
  readonly logger: FastifyBaseLogger
}

/** A collection after which the functions in the store are those that were found, and each failing place is told once. */
export function followed(collection: Collection, options: FollowOptions): Collection {
  const { store, declared, clock, logger } = options
  const told = new Map<string, string>()
  return {
    status: collection.status,
    collect: async () => {
      const snapshot = await collection.collect().finally(() => {
        for (const status of collection.status()) tell(status, told, logger)
      })
      for (const home of homesIn(snapshot)) {
        const functions = home.functions.filter(
          ({ name }) => !declared.some((one) => isSame(one, name, home)),
        )
        await store.discoverFunctions(home, functions, clock())
      }
      return snapshot
    },
  }
}

/** Only functions and their subnets are read: the whole model is built where it is used. */
function homesIn(snapshot: Snapshot): readonly HomeOfFunctions[] {
  const wanted = new Set(['list-functions', 'describe-subnets', 'get-resources', 'get-caller-identity'])
  const part = { ...snapshot, documents: snapshot.documents.filter(({ call }) => wanted.has(call)) }
  return functionsByHome(part, buildModel(part).model)
}

function isSame(declared: FunctionDeclaration, name: string, home: HomeOfFunctions): boolean {
  const arn = parseFunctionArn(declared.name)
  const { region = home.region, account = home.account } = arn ?? declared
  return (arn?.name ?? declared.name) === name && region === home.region && account === home.account
}

function tell(
  { account, region, error }: PlaceStatus,
  told: Map<string, string>,
  logger: FastifyBaseLogger,
): void {
  const key = `${account} ${region}`
  const before = told.get(key)
  const place = account === null ? { region } : { account, region }
  if (error === null && before !== undefined) {
    told.delete(key)
    logger.info(place, 'the account is collected again')
  } else if (error !== null && before !== error) {
    told.set(key, error)
    logger.warn({ ...place, why: error }, 'an account can not be collected; the others are')
  }
}
