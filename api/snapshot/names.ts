import { KNOWN_CALLS } from './known-calls.js'

/** The name of the file that says when, where and with which gaps a snapshot was taken. */
export const MANIFEST_FILE = 'snapshot.json'

/** What a file's path inside a snapshot says about its content. */
type SnapshotName =
  | {
      readonly kind: 'document'
      /** Sub-folder, '' at the root, `/` between levels. */
      readonly scope: string
      readonly call: string
      /** What was asked for: an id, an id and an attribute (`vpc-1.enableDnsSupport`), or ''. */
      readonly key: string
      /** Which page of a longer answer; null where the file is the whole answer. */
      readonly page: number | null
      readonly gzip: boolean
    }
  | { readonly kind: 'manifest'; readonly scope: string; readonly gzip: boolean }
  /** Not part of a snapshot (a README, a hidden file or folder, a name that can't be written): left alone. */
  | { readonly kind: 'other' }

const SERVICE_PREFIX =
  /^(?:aws[-_])?(?:ec2|elasticache|elbv2|iam|lambda|opensearch|rds|resourcegroupstaggingapi|route53|sts)[-_]/i
const SERVICE_SEGMENT =
  /^(?:ec2|elasticache|elbv2|iam|lambda|opensearch|rds|resourcegroupstaggingapi|route53|sts)$/i

/** File systems take 255 bytes; a page's number and `.gz` need some of them. */
const LONGEST_NAME = 240

const PAGE = /^(?:page[-_]?)?(\d{1,6})$/i

/**
 * Reads the path of a file inside a snapshot: `[folder/…]<aws-cli-command>[.<id>[.<attribute>]][.<page>].json[.gz]`.
 * A part that can't stand in a file name is percent-encoded. A service's name before the command
 * (`ec2-describe-vpcs.json`, `aws-rds-describe-db-instances.json`) is allowed and ignored.
 */
export function parseSnapshotName(file: string): SnapshotName {
  const path = file.split('/').filter((part) => part !== '' && part !== '.')
  const name = path.pop() ?? ''
  const scope = path.join('/')
  const extension = /\.json(\.gz)?$/i.exec(name)
  if (extension === null || name.startsWith('.') || !path.every(isFolder)) return { kind: 'other' }
  const gzip = extension[1] !== undefined
  const stem = name.slice(0, extension.index)
  if (stem === 'snapshot') return { kind: 'manifest', scope, gzip }
  const parts = stem.split('.')
  if (SERVICE_SEGMENT.test(parts[0] ?? '') && KNOWN_CALLS.has(parts[1] ?? '')) parts.shift()
  const call = withoutService(decodePart(parts.shift() ?? ''))
  const keyParts = KNOWN_CALLS.get(call)?.keyParts ?? 0
  const last = parts.at(-1)
  const page = last !== undefined && parts.length > keyParts ? PAGE.exec(last) : null
  if (page !== null) parts.pop()
  const key = parts.map(decodePart).join('.')
  if (call === 'snapshot' || snapshotFileName(call, key).length > LONGEST_NAME) return { kind: 'other' }
  return { kind: 'document', scope, call, key, page: page === null ? null : Number(page[1]), gzip }
}

/** Whether a folder may stand in a snapshot: not hidden, not a way out of it, nothing that a file may be called. */
function isFolder(part: string): boolean {
  const ordinary =
    !part.startsWith('.') &&
    !/\.json(?:\.gz)?$/i.test(part) &&
    !part.includes('\u0000') &&
    !part.includes('\\')
  return ordinary && Buffer.byteLength(part) <= LONGEST_NAME
}

/**
 * The file name of an answer: `parseSnapshotName` gives back the same call, key and page.
 * An id's `/` and `:` (ARNs), its dots, and whatever else a file system may refuse are percent-encoded.
 */
export function snapshotFileName(call: string, key = '', page: number | null = null): string {
  const parts = splitKey(call, key).map(encodePart)
  const last = parts.at(-1)
  const keyParts = KNOWN_CALLS.get(call)?.keyParts ?? 0
  if (page === null && last !== undefined && parts.length > keyParts && PAGE.test(last)) {
    parts[parts.length - 1] = percentByte(last.charAt(0)) + last.slice(1)
  }
  if (page !== null) parts.push(String(page))
  return [encodePart(call), ...parts, 'json'].join('.')
}

/**
 * The known command that a file's name was probably meant to be, or null where the name is known or like none.
 * A misspelt file would otherwise be a silent gap: its resources would look as though they weren't there.
 */
export function suggestCall(call: string): string | null {
  if (KNOWN_CALLS.has(call)) return null
  const plain = call
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_ ]+/g, '-')
    .toLowerCase()
  if (KNOWN_CALLS.has(plain)) return plain
  const guess = plain.replace(/^(?:describe-|list-|get-|search-)?/, '')
  let best: { call: string; distance: number } | null = null
  for (const known of KNOWN_CALLS.keys()) {
    const bare = known.replace(/^(?:describe|list|get|search)-/, '')
    if (bare === guess) return known
    const distance = editDistance(plain, known, 2)
    if (distance <= 2 && (best === null || distance < best.distance)) best = { call: known, distance }
  }
  return best?.call ?? null
}

function withoutService(call: string): string {
  const bare = call.replace(SERVICE_PREFIX, '')
  return bare !== call && KNOWN_CALLS.has(bare) ? bare : call
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** An attribute's name holds no dot, an id may: the last dot parts them. */
function splitKey(call: string, key: string): string[] {
  if (key === '') return []
  const dot = KNOWN_CALLS.get(call)?.keyParts === 2 ? key.lastIndexOf('.') : -1
  return dot === -1 ? [key] : [key.slice(0, dot), key.slice(dot + 1)]
}

function encodePart(part: string): string {
  // A lone surrogate has no UTF-8 form; U+FFFD stands for it. No AWS id holds one.
  const text = part.replace(/[\ud800-\udfff]/gu, '\ufffd')
  return encodeURIComponent(text).replace(/[!'()*.~]/g, percentByte)
}

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Levenshtein distance, given up (as `limit + 1`) once it can't be within the limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const value = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost)
      next.push(value)
      least = Math.min(least, value)
    }
    if (least > limit) return limit + 1
    row = next
  }
  return row[b.length] ?? limit + 1
}
