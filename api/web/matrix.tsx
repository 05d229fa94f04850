import type { CheckHealth, FunctionHealth } from '../health/health.js'
import { ago, type Words } from './text.js'

const SYMBOL: Record<string, string> = {
  healthy: '●',
  passing: '●',
  degraded: '▲',
  failing: '✕',
  stale: '◌',
  unknown: '?',
  pending: '…',
}

/** A state told by shape, by colour and in words. */
export function State({ status, label }: { status: string; label: string }) {
  return (
    <span class={`state ${status}`}>
      <span aria-hidden="true" class="shape">
        {SYMBOL[status] ?? '?'}
      </span>
      {label}
    </span>
  )
}

/** One row a function, one chip a check; the newest failure's sentence beside the state. */
export function Matrix({ items, w, now }: { items: readonly FunctionHealth[]; w: Words; now: number }) {
  return (
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">{w.function}</th>
          <th scope="col">{w.state}</th>
          <th scope="col">{w.checks}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Row key={item.name} item={item} w={w} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ item, w, now }: { item: FunctionHealth; w: Words; now: number }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/v1/functions/${encodeURIComponent(item.name)}/diagnosis`}>{item.name}</a>
        <small>
          {w.lastReport} {ago(w, item.lastReportAt, now)}
        </small>
      </th>
      <td class="why">
        <State status={item.status} label={w[item.status]} />
        {item.checks.filter(isFailing).map((check) => (
          <p key={check.name}>{reason(check, w)}</p>
        ))}
      </td>
      <td>
        <ul class="chips">
          {item.checks.map((check) => (
            <Chip key={check.name} check={check} w={w} />
          ))}
        </ul>
      </td>
    </tr>
  )
}

/** Before a check has results enough for a status, its newest result speaks for it. */
function isFailing(check: CheckHealth): boolean {
  return check.standpoints.some((at) => !at.asExpected)
}

function reason(check: CheckHealth, w: Words): string {
  const failed = check.standpoints.filter((at) => !at.asExpected)
  const [first] = failed
  if (!first) return check.name
  const phase = first.endedIn === null ? '' : ` ${w.inPhase(first.endedIn)}`
  return `${check.name}: ${first.outcome}${phase}, ${w.subnets(failed.length, check.standpoints.length)}`
}

function Chip({ check, w }: { check: CheckHealth; w: Words }) {
  const failed = check.standpoints.filter((at) => !at.asExpected).length
  const partly = failed > 0 && failed < check.standpoints.length
  const status =
    check.status === 'stale' ? 'stale' : failed === 0 ? 'passing' : partly ? 'degraded' : 'failing'
  return (
    <li class={`chip ${status}`} title={check.target}>
      <span aria-hidden="true" class="shape">
        {SYMBOL[status] ?? '?'}
      </span>
      <span class="name">{check.name}</span>
      <span class="visually-hidden">{w[status]}</span>
    </li>
  )
}
