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

/** The shape alone, 14 px; what it means must stand beside it, or be said for screen readers. */
export function StatusShape({ shape }: { readonly shape: Shape }) {
  return (
    <svg class={`shape shape-${shape}`} viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      <Drawing shape={shape} />
    </svg>
  )
}

function Drawing({ shape }: { readonly shape: Shape }) {
  switch (shape) {
    case 'good':
      return (
        <>
          <circle cx="7" cy="7" r="6" class="fill" />
          <path d="M4.2 7.2 6.2 9.2 9.9 5.2" class="mark" />
        </>
      )
    case 'warn':
      return (
        <>
          <path d="M7 1 13.4 12.6H.6Z" class="fill" />
          <path d="M7 5.2v3.4M7 10.6v.1" class="mark" />
        </>
      )
    case 'bad':
      return (
        <>
          <path d="M4.3 .8h5.4L13.2 4.3v5.4L9.7 13.2H4.3L.8 9.7V4.3Z" class="fill" />
          <path d="m4.8 4.8 4.4 4.4m0-4.4-4.4 4.4" class="mark" />
        </>
      )
    case 'stale':
      return (
        <>
          <circle cx="7" cy="7" r="5.4" class="line dashed" />
          <path d="M7 4.2V7l1.8 1.4" class="line" />
        </>
      )
    case 'pending':
      return <path d="M3 7h.1M7 7h.1M11 7h.1" class="line dots" />
    default:
      return (
        <>
          <rect x="1.6" y="1.6" width="10.8" height="10.8" rx="2" class="line" />
          <path d="M5.4 5.5c0-2.2 3.2-2.2 3.2 0 0 1.2-1.6 1.3-1.6 2.5M7 10.1v.1" class="line" />
        </>
      )
  }
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
