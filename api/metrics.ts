import { Counter, Gauge, Registry } from 'prom-client'
import type { FunctionHealth } from './health/health.js'
import { createHttpMetrics } from './http-metrics.js'
import type { Collection } from './inventory.js'
import { FUNCTION_STATUSES } from './routes/schemas.js'
import type { Store } from './store/store.js'

export interface MetricsOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly version: string
  readonly maxFunctions?: number
  readonly maxChecks?: number
  readonly eventClients: () => number
  readonly inventory: Pick<Collection, 'status'> | null
  readonly ingestLoad: () => { readonly running: number; readonly waiting: number }
}

export interface Metrics {
  /** Reads the store by pages and prints everything in Prometheus' text format. */
  readonly scrape: () => Promise<string>
  readonly contentType: string
  /** How one answered request is counted; resolved once a route and status, so that counting is an addition. */
  readonly observer: (method: string, route: string, status: number) => (seconds: number) => void
}

const PAGE = 200

/**
 * A registry of its own for each server. Names and units follow Prometheus' conventions: base units, `_total` for counters,
 * one metric for one thing (https://prometheus.io/docs/practices/naming/).
 * The number of series is bounded: past the caps functions and checks are left out, and how many is itself a metric.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { store, clock, maxFunctions = 1000, maxChecks = 5000 } = options
  const registry = new Registry()
  const registers = [registry]
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Gauge<Label> => new Gauge({ name, help, labelNames: [...labelNames], registers })
  const counter = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> => new Counter({ name, help, labelNames: [...labelNames], registers })

  const functionStatus = gauge(
    'sonde_function_status',
    'Whether a function has this status (1) or not (0).',
    ['function', 'status'],
  )
  const lastReport = gauge(
    'sonde_function_last_report_timestamp_seconds',
    'When the newest report of the function started.',
    ['function'],
  )
  const checkUp = gauge(
    'sonde_check_up',
    'Whether a check is as expected from every standpoint (1) or not (0).',
    ['function', 'check', 'kind'],
  )
  const checkDuration = gauge(
    'sonde_check_duration_seconds',
    'Duration of the newest result of a check, from its slowest standpoint.',
    ['function', 'check', 'kind'],
  )
  const checkFailures = gauge(
    'sonde_check_consecutive_failures',
    'Failures in a row up to the newest result, at the worst standpoint.',
    ['function', 'check', 'kind'],
  )
  const omitted = gauge(
    'sonde_metrics_omitted',
    'Functions, and checks of shown functions, that were left out of this scrape to bound the number of series.',
    ['kind'],
  )
  const functions = gauge('sonde_functions', 'Functions by status.', ['status'])
  const openIncidents = gauge('sonde_incidents_open', 'Incidents that last.', [])
  const storeBytes = gauge('sonde_store_size_bytes', 'Size of the embedded database.', [])
  const totals = {
    reports: counter('sonde_reports_total', 'Reports taken in.', []),
    duplicates: counter('sonde_reports_duplicate_total', 'Reports that had been taken in before.', []),
    rejects: counter('sonde_reports_rejected_total', 'Reports that could not be read.', []),
    results: counter('sonde_results_total', 'Results taken in.', []),
    otherLines: counter('sonde_other_lines_total', 'Log lines that were no reports.', []),
  }
  gauge('sonde_build_info', 'Always 1; the version is a label.', ['version']).set(
    { version: options.version },
    1,
  )
  const started = gauge('process_start_time_seconds', 'When the process started.', [])
  started.set(Math.round(Date.now() / 1000 - process.uptime()))
  const resident = gauge('process_resident_memory_bytes', 'Resident memory.', [])
  const cpu = counter('process_cpu_seconds_total', 'Processor time, user and system.', [])
  const inventoryUp = gauge(
    'sonde_inventory_up',
    'Whether an account and region could be collected at the last try (1) or not (0).',
    ['account', 'region'],
  )
  const inventoryCollected = gauge(
    'sonde_inventory_last_success_timestamp_seconds',
    'When an account and region was last collected.',
    ['account', 'region'],
  )
  const clients = gauge('sonde_event_clients', 'Clients that follow the event stream.', [])
  const ingesting = gauge('sonde_ingest_requests', 'Report requests in progress and waiting.', ['state'])
  const http = createHttpMetrics()

  const showFunction = (found: FunctionHealth): void => {
    for (const status of FUNCTION_STATUSES) {
      functionStatus.set({ function: found.name, status }, found.status === status ? 1 : 0)
    }
    if (found.lastReportAt !== null) {
      lastReport.set({ function: found.name }, Date.parse(found.lastReportAt) / 1000)
    }
  }

  const showChecks = (found: FunctionHealth, room: number): number => {
    for (const check of found.checks.slice(0, room)) {
      const labels = { function: found.name, check: check.name, kind: check.kind }
      // Neither up nor down: a sample that isn't there is how Prometheus says that nobody knows.
      if (check.status !== 'stale' && check.status !== 'pending') {
        checkUp.set(labels, check.status === 'passing' ? 1 : 0)
      }
      checkDuration.set(labels, Math.max(0, ...check.standpoints.map(({ ms }) => ms)) / 1000)
      checkFailures.set(
        labels,
        Math.max(0, ...check.standpoints.map(({ consecutiveFailures }) => consecutiveFailures)),
      )
    }
    return Math.min(room, found.checks.length)
  }

  const collectFunctions = async (now: Date): Promise<{ shown: number; checksLeftOut: number }> => {
    let cursor: string | null = null
    let shown = 0
    let room = maxChecks
    let checksLeftOut = 0
    do {
      const limit = Math.min(PAGE, maxFunctions - shown)
      const page: Awaited<ReturnType<Store['listFunctions']>> = await store.listFunctions({
        now,
        limit,
        ...(cursor === null ? {} : { cursor }),
      })
      for (const found of page.items) {
        showFunction(found)
        const taken = showChecks(found, room)
        room -= taken
        checksLeftOut += found.checks.length - taken
      }
      shown += page.items.length
      cursor = page.nextCursor
    } while (cursor !== null && shown < maxFunctions)
    return { shown, checksLeftOut }
  }

  const collect = async (): Promise<string> => {
    const now = clock()
    const counts = await store.counts(now)
    for (const metric of [functionStatus, lastReport, checkUp, checkDuration, checkFailures]) metric.reset()
    const { shown, checksLeftOut } = await collectFunctions(now)
    let known = 0
    for (const status of FUNCTION_STATUSES) {
      functions.set({ status }, counts.functions[status])
      known += counts.functions[status]
    }
    omitted.set({ kind: 'function' }, Math.max(0, known - shown))
    omitted.set({ kind: 'check' }, checksLeftOut)
    openIncidents.set(counts.openIncidents)
    if (counts.bytes !== null) storeBytes.set(counts.bytes)
    setTotal(totals.reports, counts.reports)
    setTotal(totals.duplicates, counts.duplicates)
    setTotal(totals.rejects, counts.rejects)
    setTotal(totals.results, counts.results)
    setTotal(totals.otherLines, counts.otherLines)
    resident.set(process.memoryUsage.rss())
    const usage = process.cpuUsage()
    setTotal(cpu, (usage.user + usage.system) / 1e6)
    for (const { account, region, lastTriedAt, lastOkAt, error } of options.inventory?.status() ?? []) {
      const labels = { account: account ?? '', region }
      if (lastTriedAt !== null) inventoryUp.set(labels, error === null ? 1 : 0)
      if (lastOkAt !== null) inventoryCollected.set(labels, Date.parse(lastOkAt) / 1000)
    }
    clients.set(options.eventClients())
    const load = options.ingestLoad()
    ingesting.set({ state: 'running' }, load.running)
    ingesting.set({ state: 'waiting' }, load.waiting)
    return (await registry.metrics()) + http.text()
  }

  let running: Promise<string> | null = null
  return {
    contentType: registry.contentType,
    // Several scrapers at once share one reading: the gauges are reset in between.
    scrape: () => {
      running ??= collect().finally(() => {
        running = null
      })
      return running
    },
    observer: http.observer,
  }
}

/** The store counts over restarts; the metric shows its number rather than counting again. */
function setTotal(total: Counter, value: number): void {
  total.reset()
  total.inc(value)
}
