/**
 * A snapshot: the VPC's configuration at one time, as the unchanged JSON answers of AWS calls.
 * This file is only the shape; `api/snapshot/` reads and writes folders, `model.ts` gives the answers a meaning.
 */

/** One answer of one AWS CLI call, as it stood in a file (or one page of it). */
export interface SnapshotDocument {
  /** Path of the file relative to the snapshot's root; used in error messages. */
  readonly file: string
  /** Sub-folder path inside the snapshot ('' at the root): one region of one account. */
  readonly scope: string
  /** The AWS CLI command, e.g. `describe-vpcs`. */
  readonly call: string
  /** What stood between the command and `.json`: an id such as `tgw-rtb-1` or `vpc-1.enableDnsSupport`, or a page number. Empty if nothing. */
  readonly key: string
  /** The parsed JSON. */
  readonly body: unknown
}

/** A call whose answer could not be had; its absence is `unknown`, never "there is none". */
export interface MissingCall {
  readonly scope: string
  readonly call: string
  readonly key: string
  /** AWS's error code, e.g. `UnauthorizedOperation`. */
  readonly code: string
  readonly message: string
}

export interface Snapshot {
  /** ISO 8601 time at which the snapshot was taken, if its manifest says so. */
  readonly takenAt: string | null
  readonly documents: readonly SnapshotDocument[]
  readonly missing: readonly MissingCall[]
}

/** One thing wrong with a snapshot's content. */
export interface SnapshotProblem {
  readonly file: string
  /** JSON pointer into the file. */
  readonly pointer: string
  /** What was expected there and what was found. */
  readonly message: string
}
