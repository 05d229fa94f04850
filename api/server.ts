import { randomUUID } from 'node:crypto'
import compress from '@fastify/compress'
import rateLimit from '@fastify/rate-limit'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { type AuthOptions, installAuth } from './auth.js'
import type { Diagnoser } from './diagnoser.js'
import { installDocs } from './docs.js'
import { openDrafts } from './drafts.js'
import { ApiError, installErrors, sendProblem, toApiError } from './errors.js'
import { installEtag } from './etag.js'
import { createEventHub, type EventHubOptions } from './events.js'
import { createGate } from './gate.js'
import type { Collection } from './inventory.js'
import { createMetrics, type Metrics } from './metrics.js'
import type { NetworkState } from './network-state.js'
import { installPage } from './page.js'
import { badgesRoutes } from './routes/badges.js'
import { checksRoutes } from './routes/checks.js'
import { comparisonsRoutes } from './routes/comparisons.js'
import { deliveriesRoutes } from './routes/deliveries.js'
import { diagnosesRoutes } from './routes/diagnoses.js'
import { DIAGNOSIS_COMPONENTS } from './routes/diagnosis-schemas.js'
import { draftsRoutes } from './routes/drafts.js'
import { eventsRoutes } from './routes/events.js'
import { functionsRoutes } from './routes/functions.js'
import { healthRoutes } from './routes/health.js'
import { incidentsRoutes } from './routes/incidents.js'
import { inventoryRoutes } from './routes/inventory.js'
import { matrixRoutes } from './routes/matrix.js'
import { metricsRoutes } from './routes/metrics.js'
import { networkRoutes } from './routes/network.js'
import { posturesRoutes } from './routes/postures.js'
import { rehearsalsRoutes } from './routes/rehearsals.js'
import { rejectsRoutes } from './routes/rejects.js'
import { reportsRoutes } from './routes/reports.js'
import { resultsRoutes } from './routes/results.js'
import { runsRoutes } from './routes/runs.js'
import { sampleRoutes } from './routes/sample.js'
import { COMPONENTS } from './routes/schemas.js'
import { type Settings, settingsRoutes } from './routes/settings.js'
import { snapshotsRoutes } from './routes/snapshots.js'
import { systemRoutes } from './routes/system.js'
import { timelineRoutes } from './routes/timeline.js'
import { totalsRoutes } from './routes/totals.js'
import { traceRoutes } from './routes/trace.js'
import { TRACE_COMPONENTS } from './routes/trace-schemas.js'
import { DEFAULT_RUN_LIMITS, type RunLimits, type Runner } from './runner.js'
import type { Sample } from './sample/index.js'
import { helmetHeaders } from './security-headers.js'
import { sharedSerializers } from './serializers.js'
import { DEFAULT_RETENTION, type Retention } from './store/store.js'
import type { WatchedStore } from './watched-store.js'
import { answerOnTheWire } from './wire-errors.js'

/** Everything that the server rests on. It reads no environment, opens no file but the page's, and closes what it opened only. */
export interface ServerOptions {
  readonly store: WatchedStore
  /** Kept snapshots, and what joins them with results. */
  readonly network: NetworkState
  readonly diagnoser: Diagnoser
  readonly clock?: () => Date
  readonly logger?: FastifyBaseLogger
  readonly version: string
  readonly auth: AuthOptions
  readonly retention?: Retention
  /** The sample that is shown, and by which it can be broken and mended; null without. */
  readonly sample: Sample | null
  /** Runs probes on demand; null where nothing here can. */
  readonly runner: Runner | null
  readonly runLimits?: RunLimits
  /** How each account and region that is collected stands; without one nothing is. */
  readonly inventory?: Pick<Collection, 'status'> | null
  /** Folder of the built page; nothing is served at `/` without it. */
  readonly webRoot?: string
  /** Whether /docs is served; /openapi.json is always there. */
  readonly docsReader?: boolean
  readonly requestsPerMinute?: number
  readonly maxBodyBytes?: number
  readonly trustProxy?: boolean
  /** Requests with reports that are worked on at once, and that may wait for that. */
  readonly ingest?: { readonly running: number; readonly waiting: number; readonly stallMs?: number }
  /** Hash of the access key of a Firehose stream that may deliver. */
  readonly firehoseKeyHash?: string | null
  /** Status badges need no token. */
  readonly publicBadges?: boolean
  /** The configuration as it may be shown; not told where there is none. */
  readonly settings?: Settings
  readonly events?: EventHubOptions
  readonly metrics?: { readonly maxFunctions?: number; readonly maxChecks?: number }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** True from the moment the server begins to shut down. */
    readonly closing: () => boolean
  }
}

/** Runs on demand at once, and as many that wait: each holds invocations open for as long as the probes take. */
const MAX_RUNS = 8
const DEFAULT_BODY = 8 * 1024 * 1024
/** For all of a request to come in. Fastify's own default is no limit at all. */
const REQUEST_TIMEOUT_MS = 120_000

/** Builds the API. It doesn't listen yet: `listen` and `close` are Fastify's own. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const {
    store,
    network,
    diagnoser,
    clock = () => new Date(),
    maxBodyBytes = DEFAULT_BODY,
    retention = DEFAULT_RETENTION,
  } = options
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    // One line a request is written when it is answered; a child logger for each would cost more than the answer.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: requestId,
    trustProxy: options.trustProxy ?? false,
    bodyLimit: maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1024 },
    schemaController: { compilersFactory: { buildSerializer: sharedSerializers() } },
    ajv: {
      customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true, allErrors: true },
    },
    clientErrorHandler: answerOnTheWire,
    frameworkErrors: (error, request, reply) => {
      // Raised before any route is found, outside of the typed reply.
      const bare: FastifyReply = reply
      const asked: FastifyRequest = request
      sendProblem(bare, asked, toApiError(error))
    },
  }).withTypeProvider<TypeBoxTypeProvider>()

  const hub = createEventHub(store, options.events)
  const gate = createGate(
    options.ingest?.running ?? 4,
    options.ingest?.waiting ?? 32,
    options.ingest?.stallMs,
  )
  const metrics = createMetrics({
    store,
    clock,
    version: options.version,
    eventClients: hub.clients,
    ingestLoad: gate.load,
    inventory: options.inventory ?? null,
    ...options.metrics,
  })
  let closing = false
  const isClosing = (): boolean => closing
  app.decorate('closing', isClosing)
  app.addHook('preClose', (done) => {
    closing = true
    hub.close()
    releaseIdle(app)
    done()
  })

  installErrors(app)
  installFirst(app, isClosing, await helmetHeaders())
  installAuth(app, options.auth)
  installObservation(app, metrics)
  installEtag(app)
  app.addHook('onRoute', (route) => {
    // Nothing to unpack, and every hook is paid for on every request.
    if (route.method === 'GET' || route.method === 'HEAD') route.decompress = false
  })
  await app.register(compress, {
    encodings: ['br', 'gzip', 'deflate'],
    requestEncodings: ['gzip', 'deflate', 'identity'],
  })
  if (options.auth.mode === 'token') await installRateLimit(app, options.requestsPerMinute ?? 6000)
  for (const schema of [...COMPONENTS, ...TRACE_COMPONENTS, ...DIAGNOSIS_COMPONENTS]) app.addSchema(schema)
  const reader = options.docsReader ?? true
  await installDocs(app, { version: options.version, auth: options.auth.mode, reader })

  const streams = options.events?.streams ?? true
  await app.register(systemRoutes, {
    store,
    version: options.version,
    sample: options.sample,
    runs: options.runner !== null,
    streams,
    closing: isClosing,
  })
  await app.register(functionsRoutes, { store, clock, network })
  await app.register(matrixRoutes, { store, clock })
  await app.register(totalsRoutes, { store, clock })
  await app.register(healthRoutes, { store, clock, diagnoser })
  await app.register(resultsRoutes, { store, clock })
  await app.register(timelineRoutes, { store, clock, retention })
  await app.register(checksRoutes, { store, clock })
  await app.register(posturesRoutes, { store })
  await app.register(incidentsRoutes, { store, network })
  await app.register(rejectsRoutes, { store })
  await app.register(eventsRoutes, { hub, streams })
  await app.register(reportsRoutes, { store, clock, gate, maxBodyBytes })
  await app.register(deliveriesRoutes, {
    store,
    clock,
    gate,
    firehoseKeyHash: options.firehoseKeyHash ?? null,
  })
  await app.register(inventoryRoutes, { inventory: options.inventory ?? null })
  await app.register(runsRoutes, {
    store,
    runner: options.runner,
    clock,
    gate: createGate(MAX_RUNS, MAX_RUNS),
    limits: options.runLimits ?? DEFAULT_RUN_LIMITS,
  })
  await app.register(diagnosesRoutes, { store, diagnoser, network, clock })
  const drafts = openDrafts(clock)
  const networks = {
    current: network.current,
    get: async (id: string) => drafts.get(id) ?? network.get(id),
  }
  await app.register(traceRoutes, { networks })
  await app.register(rehearsalsRoutes, { networks })
  await app.register(comparisonsRoutes, { networks })
  await app.register(networkRoutes, { networks })
  await app.register(snapshotsRoutes, { network, clock })
  await app.register(draftsRoutes, { drafts })
  await app.register(badgesRoutes, { store, clock, isPublic: options.publicBadges ?? false })
  await app.register(settingsRoutes, { settings: options.settings ?? null })
  await app.register(sampleRoutes, { sample: options.sample })
  await app.register(metricsRoutes, { metrics })
  if (options.webRoot !== undefined) await installPage(app, options.webRoot)
  return app
}

const SANE_ID = /^[\w.:-]{1,128}$/

/** The caller's own id where it is one that can be logged and sent back unharmed, else a new one. */
function requestId(request: { readonly headers: NodeJS.Dict<string | string[]> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
}

/** What comes before all else, in one hook: each is paid for on every request. */
function installFirst(
  app: FastifyInstance,
  closing: () => boolean,
  securityHeaders: Readonly<Record<string, string>>,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (request.routeOptions.config.ownSecurityHeaders !== true) reply.headers(securityHeaders)
    if (closing()) {
      reply.header('connection', 'close')
      done(new ApiError('not_ready', 'the server is shutting down', { retryAfter: 5 }))
    } else done()
  })
}

/** A connection that was busy when closing began would else be kept for its client's next request, and closing wait for it. */
function releaseIdle(app: FastifyInstance): void {
  const timer = setInterval(() => {
    app.server.closeIdleConnections()
    app.server.getConnections((error, count) => {
      if (error || count === 0) clearInterval(timer)
    })
  }, 50)
  timer.unref()
}

async function installRateLimit(app: FastifyInstance, requestsPerMinute: number): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    timeWindow: 60_000,
    // What needs no token is what a load balancer asks for; it is answered from memory.
    allowList: (request) => request.principal === null,
    keyGenerator: (request) => request.principal?.name ?? 'none',
    max: (request) => request.principal?.requestsPerMinute ?? requestsPerMinute,
    errorResponseBuilder: (request, context) =>
      new ApiError(
        'too_many_requests',
        `token ${request.principal?.name ?? ''} may make ${context.max} requests a minute`,
        { retryAfter: Math.ceil(context.ttl / 1000) },
      ),
  })
}

function installObservation(app: FastifyInstance, metrics: Metrics): void {
  const observers = new Map<string, (seconds: number) => void>()
  // Reads are by far the most requests, and writing a line for each is worth it only to someone who looks for something.
  const tellsReads = app.log.level === 'debug' || app.log.level === 'trace'
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    const status = reply.statusCode
    const key = `${status} ${method} ${route}`
    let observe = observers.get(key)
    if (!observe) {
      observe = metrics.observer(method, route, status)
      observers.set(key, observe)
    }
    observe(reply.elapsedTime / 1000)
    const broken = status === 500
    if (!broken && method === 'GET' && !tellsReads) {
      done()
      return
    }
    request.log[broken ? 'error' : method === 'GET' ? 'debug' : 'info'](
      {
        id: request.id,
        method,
        // Without its query: filters may hold what people typed.
        path: request.url.split('?', 1)[0],
        status,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        who: request.principal?.name,
      },
      'request',
    )
    done()
  })
}
