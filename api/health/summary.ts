import type { LastResult } from './fold.js'
import type { CheckHealth, FunctionStatus, StandpointCheck } from './health.js'
import { severity } from './severity.js'

const MAX_PLACES = 3

/** The summary of a function that discovery no longer finds. */
export const VANISHED = 'discovery no longer finds it; its history is kept'

/**
 * One sentence that says why: the worst check, what it saw, in which phase, and from which subnets. It names no clock time
 * and no duration, so that it changes only when the state does.
 *
 * @param results newest results of each check, in the order of its standpoints
 */
export function summarise(
  status: FunctionStatus,
  checks: readonly CheckHealth[],
  results: ReadonlyMap<string, readonly LastResult[]>,
  probes: number,
): string {
  if (checks.length === 0)
    return probes === 0 ? 'no report yet' : 'its probe reports, but has nothing to check'
  const places = new Set(checks.flatMap(({ standpoints }) => standpoints.map(placeOf)))
  if (status === 'healthy') {
    const all = checks.length === 1 ? '1 check passes' : `all ${checks.length} checks pass`
    const known = checks.every(({ standpoints }) => standpoints.every(({ subnet }) => subnet !== null))
    const [only] = places
    if (places.size === 1) return `${all} from ${only ?? ''}`
    return `${all} from ${places.size} ${known ? 'subnets' : 'standpoints'}`
  }
  const bad = checks.filter((check) => severity(check) === status)
  const [worst] = bad
  if (worst === undefined) return `${checks.length} checks`
  const others = checks.filter((check) => severity(check) !== 'healthy').length - 1
  const more = others === 0 ? '' : `; and ${others} more ${others === 1 ? 'check' : 'checks'}`
  return `${sentence(worst, results.get(worst.name) ?? [])}${more}`
}

function sentence(check: CheckHealth, results: readonly LastResult[]): string {
  const failing = check.standpoints.filter(
    ({ status, asExpected }) => status === 'failing' || (status === 'pending' && !asExpected),
  )
  if (failing.length === 0) {
    const addresses = results.find((result) => result.addresses !== null)?.addresses
    if (!addresses) return `${check.name}: an address keeps failing`
    return `${check.name}: ${addresses.outcome} at ${addresses.failed} of ${addresses.tried} addresses`
  }
  const places = [...new Set(failing.map(placeOf))]
  const all = new Set(check.standpoints.map(placeOf)).size
  const unit = check.standpoints.every(({ subnet }) => subnet !== null) ? 'subnet' : 'standpoint'
  const shown = places.slice(0, MAX_PLACES).join(', ')
  const rest = places.length > MAX_PLACES ? ` and ${places.length - MAX_PLACES} more` : ''
  const share = `${places.length} of ${all} ${all === 1 ? unit : `${unit}s`}`
  return `${check.name}: ${said(check, failing)} from ${shown}${rest} (${share})`
}

function said(check: CheckHealth, failing: readonly StandpointCheck[]): string {
  const spoken = failing.filter(({ asExpected }) => !asExpected)
  // After a single success a check still counts as failing, but that success is not what it failed with.
  if (spoken.length === 0) return 'not yet stable'
  const words = new Set(
    spoken.map(({ outcome, endedIn }) => {
      if (check.expect === 'unreachable') return `${outcome} although it must be unreachable`
      return endedIn === null || outcome.startsWith(`${endedIn}_`) ? outcome : `${outcome} in ${endedIn}`
    }),
  )
  return [...words].sort().join(' or ')
}

function placeOf({ subnet, probe }: StandpointCheck): string {
  return subnet ?? probe
}
