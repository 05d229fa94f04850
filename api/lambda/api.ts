import { existsSync } from 'node:fs'
import awsLambdaFastify from '@fastify/aws-lambda'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { VERSION } from '../../probe/version.js'
import { assumedRoles, type Roles } from '../aws/accounts.js'
import { createLambdaRunner } from '../aws/runner.js'
import { type AccountConfig, accountsOf, placesOf, runsOf } from '../config.js'
import { AccountEntry, RunsSection, TokenEntry } from '../config.schema.js'
import { createDiagnoser } from '../diagnoser.js'
import { taggedProbes } from '../discovery/follow.js'
import type { Collection } from '../inventory.js'
import { followed } from '../inventory-following.js'
import { createLogger } from '../log.js'
import { type NetworkState, openNetworkState } from '../network-state.js'
import { buildServer } from '../server.js'
import { openDynamoSnapshots } from '../store/dynamodb/snapshot-versions.js'
import { openDynamoStore } from '../store/dynamodb/store.js'
import { type WatchedStore, watchStore } from '../watched-store.js'
import { BadSetting, type Environment, json, storeSettings } from './settings.js'

const isTokens = Compile(Type.Array(TokenEntry, { minItems: 1, maxItems: 1000 }))
const isAccounts = Compile(Type.Array(AccountEntry, { maxItems: 1000 }))
const isRuns = Compile(RunsSection)
const ACCOUNTS_EXAMPLE =
  '[{"account":"111122223333","roleArn":"arn:aws:iam::111122223333:role/sonde","regions":["eu-west-1"]}]'
const TOKENS_EXAMPLE =
  '[{"name":"page","hash":"sha256:…","scopes":["read"]}], as `sonde token new --json` prints it'
/** Versions of the configuration that are kept. */
const KEPT_SNAPSHOTS = 20
/** How old the knowledge of the newest snapshot may be, in milliseconds. */
const SYNC_AFTER_MS = 5000
const PRUNE_STEPS = 20

type Handler = (event: unknown, context: unknown) => Promise<unknown>

/**
 * The API as a Lambda (`dist/lambda/api/index.mjs`, handler `index.handler`), behind a Function URL or an HTTP API (payload
 * format 2.0), with the page in the folder `web` beside it. It keeps nothing but caches: any number of instances, each ended
 * at any time.
 *
 * Environment:
 * - `SONDE_TABLE`: name of the DynamoDB table, as `api/store/dynamodb/table.ts` describes it. Required.
 * - `SONDE_AUTH`: `token` (the default) or `iam`. With `iam` everyone whom AWS lets in may do everything: give the URL the
 *   authorisation AWS_IAM, or the route an IAM authoriser.
 * - `SONDE_TOKENS`: JSON as `tokens:` in the configuration, of `name`, `hash` and `scopes`. Required with `token`.
 * - `SONDE_REGIONS`: regions, separated by commas, whose configuration is collected by `POST /v1/snapshots {"refresh":true}` and
 *   by the upkeep. The role needs what `sonde snapshot --policy` prints.
 * - `SONDE_ACCOUNTS`: JSON as `accounts:` in the configuration: other accounts, whose regions are collected too, by roles that this
 *   one's role may assume.
 * - `SONDE_RUNS`: JSON as `runs:` in the configuration; `{}` allows runs on demand. The role needs what `sonde run --policy` prints,
 *   and this function more time than the slowest probe; behind an HTTP API, which waits 30 seconds, `timeoutSeconds` less than that.
 *   The limits are those of each instance.
 * - `SONDE_POLICY`, `SONDE_RETENTION`: JSON as in the configuration; give the ingest Lambda the same.
 * - `SONDE_LOG_LEVEL`: `info` unless said otherwise.
 *
 * Invoked by a schedule with `{"sonde":"upkeep"}` it deletes what is past its retention and collects the configuration: every
 * 15 minutes is right. An answer can't last on Lambda: `GET /v1/events` says 501 `streaming_unavailable`, and pages ask again.
 *
 * Rights on the table and its index: dynamodb:GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem.
 */
export function createApiHandler(env: Environment, webRoot: string | null): Handler {
  let opened: Promise<Api> | null = null
  return async (event, context) => {
    opened ??= openApi(env, webRoot).catch((error: unknown) => {
      // The next invocation tries anew: the table may be made in the meantime.
      opened = null
      throw error
    })
    const api = await opened
    if (isUpkeep(event)) return api.upkeep()
    await api.sync()
    return api.answer(event, context)
  }
}

interface Api {
  readonly answer: Handler
  readonly sync: () => Promise<void>
  readonly upkeep: () => Promise<{ readonly pruned: boolean; readonly snapshot: string | null }>
}

async function openApi(env: Environment, webRoot: string | null): Promise<Api> {
  const { where, options } = storeSettings(env)
  const auth = authOf(env)
  const regions = (env['SONDE_REGIONS'] ?? '').split(',').filter((region) => region !== '')
  const clock = (): Date => new Date()
  const logger = createLogger(levelOf(env), process.stdout)
  const store = watchStore(await openDynamoStore(where, options))
  const { versions } = openDynamoSnapshots(where, KEPT_SNAPSHOTS)
  const accounts = accountsOf(json(env, 'SONDE_ACCOUNTS', isAccounts, ACCOUNTS_EXAMPLE) ?? [])
  const runs = json(env, 'SONDE_RUNS', isRuns, '{"probes":["sonde-*"],"timeoutSeconds":25}')
  const roles = assumedRoles(accounts)
  const inventory = await openInventory(regions, accounts, roles, store, logger)
  const network = await openNetworkState(versions, inventory?.collect ?? null, clock)
  const app = await buildServer({
    store,
    network,
    diagnoser: createDiagnoser({ store, network, clock }),
    logger,
    inventory,
    version: VERSION,
    auth,
    retention: options.retention,
    sample: null,
    runner:
      runs === null ? null : createLambdaRunner({ ...runsOf(runs), roles, known: taggedProbes(network) }),
    ...(runs === null ? {} : { runLimits: runsOf(runs) }),
    events: { streams: false },
    docsReader: false,
    ...(webRoot !== null && existsSync(webRoot) ? { webRoot } : {}),
  })
  const proxy = awsLambdaFastify(app, { decorateRequest: true, decorationPropertyName: 'awsLambda' })
  await app.ready()
  let syncedAt = Date.now()
  return {
    answer: (event, context) => callProxy(proxy, event, context),
    sync: async () => {
      if (Date.now() - syncedAt < SYNC_AFTER_MS) return
      syncedAt = Date.now()
      await network.sync()
    },
    upkeep: async () => {
      let more = true
      for (let step = 0; more && step < PRUNE_STEPS; step += 1) more = await store.prune(clock())
      return { pruned: !more, snapshot: await refreshed(network) }
    },
  }
}

/** What asks AWS for the configuration; it is loaded only where regions are named. */
async function openInventory(
  regions: readonly string[],
  accounts: readonly AccountConfig[],
  roles: Roles,
  store: WatchedStore,
  logger: FastifyBaseLogger,
): Promise<Collection | null> {
  const places = placesOf(regions, accounts)
  if (places.length === 0) return null
  const { createCollection } = await import('../aws/places.js')
  const clock = (): Date => new Date()
  return followed(createCollection(places, roles, clock), { store, declared: [], clock, logger })
}

async function refreshed(network: NetworkState): Promise<string | null> {
  return network.refresh === null ? null : (await network.refresh()).version.id
}

/** @throws BadSetting */
function authOf(env: Environment) {
  const mode = env['SONDE_AUTH'] ?? 'token'
  if (mode === 'iam') return { mode: 'iam' as const, tokens: [], callerOf: callerArn }
  if (mode !== 'token') throw new BadSetting(`SONDE_AUTH: must be token or iam, not ${mode.slice(0, 64)}`)
  const tokens = json(env, 'SONDE_TOKENS', isTokens, TOKENS_EXAMPLE)
  if (tokens === null)
    throw new BadSetting(`SONDE_TOKENS: needed unless SONDE_AUTH is iam; like ${TOKENS_EXAMPLE}`)
  return { mode: 'token' as const, tokens }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

function levelOf(env: Environment): (typeof LEVELS)[number] {
  const said = env['SONDE_LOG_LEVEL']
  if (said === undefined || said === '') return 'info'
  const level = LEVELS.find((known) => known === said)
  if (level === undefined) throw new BadSetting(`SONDE_LOG_LEVEL: must be one of ${LEVELS.join(', ')}`)
  return level
}

/** Whom AWS_IAM let in: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
function callerArn(request: FastifyRequest): string {
  const path = ['awsLambda', 'event', 'requestContext', 'authorizer', 'iam', 'userArn']
  let value: unknown = request
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return 'iam'
    value = Reflect.get(value, key)
  }
  return typeof value === 'string' ? value : 'iam'
}

function isUpkeep(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'sonde' in event && event.sonde === 'upkeep'
}

/** The proxy's own types ask for a whole context of Lambda, of which it reads next to nothing. */
function callProxy(
  proxy: ReturnType<typeof awsLambdaFastify>,
  event: unknown,
  context: unknown,
): Promise<unknown> {
  return Reflect.apply(proxy, undefined, [event, context])
}
