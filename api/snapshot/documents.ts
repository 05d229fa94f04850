import { compare } from '../network/order.js'
import type { MissingCall, Snapshot, SnapshotDocument, SnapshotProblem } from '../network/snapshot.js'
import { KNOWN_CALLS } from './known-calls.js'
import { isRecord, type Manifest, readManifest, show } from './manifest.js'
import { parseSnapshotName, suggestCall } from './names.js'
import { redact, TooDeepError } from './redact.js'

/** A snapshot that was read, and everything that is wrong with it. A problem never hides the rest. */
export interface SnapshotReading {
  readonly snapshot: Snapshot
  readonly problems: readonly SnapshotProblem[]
  /** The manifests that stood in the snapshot, outermost first. */
  readonly manifests: readonly Manifest[]
}

/** A file of a snapshot: its path and either its parsed JSON or why there is none. */
export type SnapshotEntry =
  | { readonly file: string; readonly body: unknown }
  | { readonly file: string; readonly problem: { readonly pointer: string; readonly message: string } }

/** The `code` of a missing call whose file is there but can't be used. */
const UNREADABLE = 'UnreadableFile'

/**
 * Puts files together to a snapshot. Pure: the same entries in any order give the same snapshot.
 * A file that can't be used is a problem and, since its content is not known, a missing call: what it would
 * have said stays unknown instead of looking like "there is none".
 */
export function assembleSnapshot(entries: readonly SnapshotEntry[]): SnapshotReading {
  const documents: (SnapshotDocument & { readonly page: number | null })[] = []
  const missing: MissingCall[] = []
  const problems: SnapshotProblem[] = []
  const manifests: { readonly scope: string; readonly manifest: Manifest }[] = []
  const firstFile = new Map<string, string>()

  for (const entry of [...entries].sort((a, b) => compare(a.file, b.file))) {
    const { file } = entry
    const name = parseSnapshotName(file)
    if (name.kind === 'other') continue
    const unusable = (pointer: string, message: string) => {
      problems.push({ file, pointer, message })
      if (name.kind !== 'document' || !KNOWN_CALLS.has(name.call)) return
      missing.push({
        scope: name.scope,
        call: name.call,
        key: name.key,
        code: UNREADABLE,
        message: `${file}: ${message}`,
      })
    }
    if ('problem' in entry) {
      unusable(entry.problem.pointer, entry.problem.message)
      continue
    }
    if (name.kind === 'manifest') {
      const reading = readManifest(entry.body, file)
      problems.push(...reading.problems)
      manifests.push({ scope: name.scope, manifest: reading.manifest })
      continue
    }
    const suggestion = suggestCall(name.call)
    if (suggestion !== null) {
      problems.push({
        file,
        pointer: '',
        message: `no AWS CLI command that Sonde reads is called ${name.call}: did you mean ${suggestion}? The file is left out of account`,
      })
    }
    const identity = `${identityOf(name)}\u0000${name.page ?? ''}`
    const twin = firstFile.get(identity)
    if (twin !== undefined) {
      problems.push({
        file,
        pointer: '',
        message: `answers the same call as ${twin}, which is the one that counts`,
      })
      continue
    }
    firstFile.set(identity, file)
    if (!isRecord(entry.body)) {
      unusable('', `expected an object, as the AWS CLI prints without --query, found ${show(entry.body)}`)
      continue
    }
    try {
      const { scope, call, key, page } = name
      documents.push({ file, scope, call, key, page, body: redact(entry.body) })
    } catch (error) {
      if (!(error instanceof TooDeepError)) throw error
      unusable('', error.message)
    }
  }

  documents.sort(
    (a, b) =>
      compare(a.scope, b.scope) ||
      compare(a.call, b.call) ||
      compare(a.key, b.key) ||
      (a.page ?? 0) - (b.page ?? 0) ||
      compare(a.file, b.file),
  )
  manifests.sort((a, b) => compare(a.scope, b.scope))
  const answered = new Set(documents.map(identityOf))
  for (const { scope, manifest } of manifests) {
    for (const call of manifest.missing) {
      const whole = { ...call, scope: join(scope, call.scope) }
      // An answer that was put beside it later fills the gap.
      if (!answered.has(identityOf(whole))) missing.push(whole)
    }
  }
  const times = manifests.flatMap(({ manifest }) => (manifest.takenAt === null ? [] : [manifest.takenAt]))
  return {
    snapshot: {
      // The oldest part decides how stale a conclusion may be.
      takenAt: times.sort(compare)[0] ?? null,
      documents: documents.map(({ page, ...document }) => document),
      missing,
    },
    problems,
    manifests: manifests.map(({ manifest }) => manifest),
  }
}

/**
 * Reads a snapshot handed over as one JSON value: `{ "files": { "describe-vpcs.json": { "Vpcs": [] } } }`,
 * the names being paths inside a snapshot folder.
 */
export function snapshotFromDocuments(value: unknown): SnapshotReading {
  const files = isRecord(value) ? value['files'] : undefined
  if (!isRecord(files)) {
    const message = `expected an object whose names are files of a snapshot (describe-vpcs.json), found ${show(files)}`
    return {
      snapshot: { takenAt: null, documents: [], missing: [] },
      problems: [{ file: '', pointer: '/files', message }],
      manifests: [],
    }
  }
  const entries = Object.entries(files)
  const reading = assembleSnapshot(entries.map(([file, body]) => ({ file, body })))
  const strangers = entries.flatMap(([file]): SnapshotProblem[] =>
    parseSnapshotName(file).kind === 'other'
      ? [
          {
            file,
            pointer: '',
            message: 'expected the name of an AWS CLI command with .json, as in describe-vpcs.json',
          },
        ]
      : [],
  )
  return { ...reading, problems: [...strangers, ...reading.problems] }
}

function identityOf({ scope, call, key }: Pick<SnapshotDocument, 'scope' | 'call' | 'key'>): string {
  return [scope, call, key].join('\u0000')
}

function join(outer: string, inner: string): string {
  return outer === '' || inner === '' ? outer + inner : `${outer}/${inner}`
}
