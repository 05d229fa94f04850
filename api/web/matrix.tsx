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
        <a href={`/v1/functions/${encodeURIComponent(item.name)}`}>{item.name}</a>
        <small>
          {w.lastReport} {ago(w, item.lastReportAt, now)}
        </small>
      </th>
      <td class="why">
        <State status={item.status} label={w[item.status]} />
        {item.status === 'healthy' ? null : <p>{item.summary}</p>}
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

function Chip({ check, w }: { check: CheckHealth; w: Words }) {
  const failing = check.standpoints.find((at) => at.status === 'failing')
  const shown = failing ?? check.standpoints[0]
  const failed = check.standpoints.filter((at) => at.status === 'failing').length
  const outcome = shown && check.status !== 'passing' ? shown.outcome : null
  return (
    <li class={`chip ${check.status}`} title={check.target}>
      <span aria-hidden="true" class="shape">
        {SYMBOL[check.status] ?? '?'}
      </span>
      <span class="name">{check.name}</span>
      <span class="visually-hidden">{w[check.status]}</span>
      {outcome ? <code>{outcome}</code> : null}
      {check.status === 'degraded' ? (
        <span class="share">
          {failed}/{check.standpoints.length}
        </span>
      ) : null}
    </li>
  )
}
