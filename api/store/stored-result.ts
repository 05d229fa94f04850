import type { Result } from '../../probe/report.schema.js'
import type { ExportedResult, ResultQuery, StoredResult } from './store.js'
import type { StoredReport } from './stored-report.js'

/** Whether a result is asked for; its time and subnet are the reader's business. */
export function matches(result: Result, query: ResultQuery): boolean {
  return (
    (query.check === undefined || result.check === query.check) &&
    (query.outcome === undefined || result.outcome === query.outcome) &&
    (query.asExpected === undefined || result.asExpected === query.asExpected)
  )
}

/** A result as lists tell it. */
export function toStoredResult(
  report: StoredReport,
  result: Result,
  probe: { readonly name: string; readonly subnet: string | null },
): StoredResult {
  return {
    run: report.run,
    at: new Date(report.at).toISOString(),
    probe: probe.name,
    subnet: probe.subnet,
    check: result.check,
    kind: result.kind,
    target: result.target,
    expect: result.expect,
    outcome: result.outcome,
    asExpected: result.asExpected,
    endedIn: result.endedIn ?? null,
    ms: result.ms,
    phases: result.phases,
    address: result.address,
    addressKind: result.addressKind,
    ...(result.addresses === undefined ? {} : { addresses: result.addresses }),
    detail: result.detail ?? {},
  }
}

/** A result as it is exported. */
export function toExportedResult(
  report: StoredReport,
  result: Result,
  probe: {
    readonly name: string
    readonly subnet: string | null
    readonly account: string | null
    readonly region: string | null
  },
): ExportedResult {
  const { account, region } = probe
  return { ...toStoredResult(report, result, probe), account, region }
}
