import type { MissingCall, SnapshotProblem } from '../network/snapshot.js'

/** The version of the manifest that this program writes; an older one is read, a newer one is refused. */
export const MANIFEST_VERSION = 1

/** `snapshot.json`: when and where a snapshot was taken, and which calls it lacks. */
export interface Manifest {
  readonly version: typeof MANIFEST_VERSION
  /** ISO 8601; null where unknown. */
  readonly takenAt: string | null
  readonly regions: readonly string[]
  /** Twelve-digit ids of the accounts whose resources appear. */
  readonly accounts: readonly string[]
  /** `scope` is relative to the manifest's own folder. */
  readonly missing: readonly MissingCall[]
}

/**
 * Reads a manifest's parsed JSON leniently: what is wrong in it becomes a problem, the rest is kept.
 * Unknown fields are no error.
 */
export function readManifest(
  body: unknown,
  file: string,
): { readonly manifest: Manifest; readonly problems: readonly SnapshotProblem[] } {
  const problems: SnapshotProblem[] = []
  const expect = (pointer: string, expected: string, found: unknown) => {
    problems.push({ file, pointer, message: `expected ${expected}, found ${show(found)}` })
  }
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    takenAt: null,
    regions: [],
    accounts: [],
    missing: [],
  }
  if (!isRecord(body)) {
    expect('', "a snapshot's manifest, an object", body)
    return { manifest, problems }
  }
  if (typeof body['version'] !== 'number' || body['version'] < 1)
    expect('/version', 'a number from 1', body['version'])
  else if (body['version'] > MANIFEST_VERSION) {
    problems.push({
      file,
      pointer: '/version',
      message: `written by a newer Sonde (version ${body['version']}, this one reads ${MANIFEST_VERSION}): some of it may be missed`,
    })
  }
  const strings = (name: 'regions' | 'accounts'): string[] => {
    const list = body[name] ?? []
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
    expect(`/${name}`, 'an array of strings', list)
    return []
  }
  return {
    manifest: {
      version: MANIFEST_VERSION,
      takenAt: readTime(body['takenAt'] ?? null, expect),
      regions: strings('regions'),
      accounts: strings('accounts'),
      missing: readMissing(body['missing'] ?? [], expect),
    },
    problems,
  }
}

type Expect = (pointer: string, expected: string, found: unknown) => void

function readTime(value: unknown, expect: Expect): string | null {
  if (value === null) return null
  const time = typeof value === 'string' ? new Date(value) : null
  if (time !== null && !Number.isNaN(time.getTime())) return time.toISOString()
  expect('/takenAt', 'an ISO 8601 time', value)
  return null
}

function readMissing(list: unknown, expect: Expect): MissingCall[] {
  if (!Array.isArray(list)) {
    expect('/missing', 'an array', list)
    return []
  }
  const missing: MissingCall[] = []
  for (const [index, item] of list.entries()) {
    if (!isRecord(item) || typeof item['call'] !== 'string' || item['call'] === '') {
      expect(`/missing/${index}`, 'an object with the name of a call in `call`', item)
      continue
    }
    const text = (name: string) => (typeof item[name] === 'string' ? item[name] : '')
    missing.push({
      scope: text('scope'),
      call: item['call'],
      key: text('key'),
      code: text('code'),
      message: text('message'),
    })
  }
  return missing
}

/** A value as it is named in an error: short, and never the whole of a document. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isRecord(value)) {
    const names = Object.keys(value).slice(0, 4).join(', ')
    return names === '' ? 'an empty object' : `an object with ${names}`
  }
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
