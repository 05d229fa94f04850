import { useShared } from '../context.js'
import type { Words } from '../i18n/en.js'

export type Status = keyof Words['status']

/** Told three times: by shape, by colour and in words, so that none of them is needed. */
export type Shape = 'good' | 'warn' | 'bad' | 'stale' | 'unknown' | 'pending'

const SHAPES: Readonly<Record<Status, Shape>> = {
  healthy: 'good',
  passing: 'good',
  pass: 'good',
  reachable: 'good',
  closed: 'good',
  degraded: 'warn',
  failing: 'bad',
  block: 'bad',
  unreachable: 'bad',
  open: 'bad',
  stale: 'stale',
  unknown: 'unknown',
  pending: 'pending',
}

export function shapeOf(status: Status): Shape {
  return SHAPES[status]
}

/**
 * The shape alone, 14 px; what it means must stand beside it, or be said for screen readers. One element, drawn by the style
 * sheet: a matrix has thousands of them.
 */
export function StatusShape({ shape }: { readonly shape: Shape }) {
  return <span class={`shape shape-${shape}`} aria-hidden="true" />
}

/** A state with its shape, in words. */
export function StatusBadge({ status, soft = false }: { readonly status: Status; readonly soft?: boolean }) {
  const shared = useShared()
  const shape = shapeOf(status)
  return (
    <span class={`status status-${shape}${soft ? ' status-soft' : ''}`}>
      <StatusShape shape={shape} />
      <span>{shared.status[status]}</span>
    </span>
  )
}
