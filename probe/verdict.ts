import { addressKind } from './address.js'
import type { Finding } from './checks/check.js'
import { type Expectation, type Outcome, type Phase, reached } from './outcome.js'
import type { AddressResult } from './report.schema.js'

/** What one attempt found at one address. */
export interface AddressFinding {
  readonly address: string
  readonly ms: number
  readonly finding: Finding
}

/**
 * Chooses the finding that speaks for a name with several addresses.
 *
 * One address that is `ok` makes the check `ok`: a family without any local route (`connect_unreachable` at once) must not
 * fail the other. Otherwise the most telling failure speaks: what came back from the target before what did not, the later
 * phase before the earlier, the first address before the next. For `expect: unreachable` an address that could not be
 * tried (`not_allowed`, `deadline`, `internal_error`) comes before silence, since it leaves the proof incomplete.
 */
export function mostTelling(
  findings: readonly AddressFinding[],
  expect: Expectation,
): AddressFinding | undefined {
  let best: AddressFinding | undefined
  for (const candidate of findings) {
    if (!best || weight(candidate.finding, expect) > weight(best.finding, expect)) best = candidate
  }
  return best
}

/** The addresses as a report lists them; undefined where there is only one, which the result itself describes. */
export function addressResults(findings: readonly AddressFinding[]): AddressResult[] | undefined {
  if (findings.length < 2) return undefined
  return findings.map(({ address, ms, finding }) => ({
    address,
    addressKind: addressKind(address),
    outcome: finding.outcome,
    ms,
    phases: finding.phases,
    ...(finding.detail?.message === undefined ? {} : { message: finding.detail.message }),
  }))
}

const depth: Readonly<Record<Phase, number>> = { plan: 0, dns: 1, connect: 2, tls: 3, exchange: 4 }

function weight(finding: Finding, expect: Expectation): number {
  const { outcome } = finding
  if (outcome === 'ok') return 1000
  if (outcome === 'aws_access_denied') return 900
  const step = depth[finding.endedIn ?? 'exchange']
  // Without a route nothing was sent: that says less than silence.
  const sent = outcome === 'connect_unreachable' ? 0 : 5
  switch (reached(outcome)) {
    case 'true':
      return 500 + step
    case 'false':
      return 200 + step + sent
    case 'unknown':
      return (expect === 'unreachable' ? 400 : 100) + step
  }
}

/** Whether trying again can change anything: what the allow-list refuses stays refused, and a deadline is over. */
export function isFinal(outcome: Outcome): boolean {
  return outcome === 'not_allowed' || outcome === 'deadline'
}
