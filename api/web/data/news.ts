import type { Page } from './client.js'

/** What a list that is shown doesn't show: told in a line beside it, so that no row moves by itself. */
export interface News {
  /** Entries that are not in it yet. */
  readonly came: number
  /** True where there may be more of those than were counted. */
  readonly orMore: boolean
  /** Entries in it that no longer belong there. */
  readonly went: number
}

export const NO_NEWS: News = { came: 0, orMore: false, went: 0 }

/**
 * Holds a list that is shown against its first page as it is now: entries that are in both are as they are now, and stay where
 * they stand; what is only in one of them is news.
 */
export function look<T>(
  shown: readonly T[],
  page: Page<T>,
  idOf: (item: T) => string,
): { readonly items: readonly T[]; readonly news: News } {
  const now = new Map(page.items.map((item) => [idOf(item), item]))
  const known = new Set(shown.map(idOf))
  const came = page.items.filter((item) => !known.has(idOf(item))).length
  // The page tells of what is shown only as far as it reaches.
  const reach =
    page.nextCursor === null ? shown.length : shown.findLastIndex((item) => now.has(idOf(item))) + 1
  return {
    items: shown.map((item) => now.get(idOf(item)) ?? item),
    news: {
      came,
      orMore: came > 0 && came === page.items.length && page.nextCursor !== null,
      went: shown.slice(0, reach).filter((item) => !now.has(idOf(item))).length,
    },
  }
}
