import type { Snapshot } from './network/snapshot.js'

/** How the collection of one region of one account stands. */
export interface PlaceStatus {
  /** Null for Sonde's own account, whose id its credentials tell. */
  readonly account: string | null
  readonly region: string
  /** ISO 8601; null before the first try. */
  readonly lastTriedAt: string | null
  /** ISO 8601; null where it never could be collected. */
  readonly lastOkAt: string | null
  /** Why the last try failed; null where it did not. */
  readonly error: string | null
}

/** What is collected from AWS, and how each part of it stands. */
export interface Collection {
  /** @throws where nothing at all could be collected, now or before */
  readonly collect: () => Promise<Snapshot>
  readonly status: () => readonly PlaceStatus[]
}
