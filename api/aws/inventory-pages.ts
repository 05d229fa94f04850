/** An answer that comes in one piece, as a sequence of one. */
export async function* once<Page extends object>(ask: () => Promise<Page>): AsyncIterable<Page> {
  yield await ask()
}

/** An answer in pages, for the calls that the SDK has no paginator for. Ends where the next token is absent. */
export async function* pagesBy<Page extends object, Token>(
  ask: (token: Token | undefined) => Promise<Page>,
  next: (page: Page) => Token | undefined,
): AsyncIterable<Page> {
  let token: Token | undefined
  do {
    const page: Page = await ask(token)
    yield page
    token = next(page)
    if (token === '') token = undefined
  } while (token !== undefined)
}

/** What only tells how to ask for the next page; the AWS CLI, which pages by itself, doesn't print it either. */
const PAGING: ReadonlySet<string> = new Set([
  '$metadata',
  'IsTruncated',
  'Marker',
  'MaxItems',
  'NextMarker',
  'NextRecordIdentifier',
  'NextRecordName',
  'NextRecordType',
  'NextToken',
  'PaginationToken',
])

/**
 * Joins the pages of an answer to what the AWS CLI prints: lists one after the other, other fields from the
 * last page (whether there is more is known at the end), dates as ISO 8601, bytes as base64, nothing of the SDK's own.
 * `list` is there even if AWS left the empty list out: it was asked for and there is none.
 */
export function joinPages(pages: readonly object[], list: string | null): Readonly<Record<string, unknown>> {
  const joined = new Map<string, unknown>()
  if (list !== null) joined.set(list, [])
  for (const page of pages) {
    for (const [name, value] of Object.entries(page)) {
      if (PAGING.has(name) || value === undefined) continue
      const before = joined.get(name)
      const plain = toJson(value)
      if (Array.isArray(before) && Array.isArray(plain)) joined.set(name, before.concat(plain))
      else joined.set(name, plain)
    }
  }
  return Object.fromEntries(joined)
}

function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, toJson(item)]),
  )
}
