import t from 'tap'
import { type Lane, resultPage } from '../../api/store/result-page.js'
import type { StoredReport } from '../../api/store/stored-report.js'
import { makeResult } from './support/reports.js'

/** One report a minute, newest first, of which every `each`th failed; `count` tells how many were looked at. */
function history(name: string, minutes: number, each: number) {
  let looked = 0
  const lane = (at: number, tie: number): Lane => {
    let minute = Math.min(minutes, Math.floor(at / 60_000))
    return {
      probe: { name, subnet: null },
      next: (): StoredReport | undefined => {
        if (minute < 1) return undefined
        const report = {
          at: minute * 60_000,
          tie: 1,
          run: `${name}-${minute}`,
          results: [makeResult({ outcome: minute % each === 0 ? 'connect_timeout' : 'ok' })],
        }
        minute -= 1
        // A lane begins at or before the position.
        if (report.at === at && tie >= 0 && tie < report.tie) return undefined
        looked += 1
        return report
      },
    }
  }
  return { lane, looked: () => looked }
}

t.test(
  'a filter that hardly anything passes: short pages that lead on, each with bounded work',
  async (t) => {
    const found: string[] = []
    const [one, two] = [history('a', 9000, 4000), history('b', 9000, 5000)]
    let cursor: string | null = null
    let pages = 0
    do {
      const before = one.looked() + two.looked()
      const [at, tie]: [number, number] =
        cursor === null
          ? [Number.MAX_SAFE_INTEGER, -1]
          : JSON.parse(Buffer.from(cursor, 'base64url').toString()).slice(1, 3)
      const page: Awaited<ReturnType<typeof resultPage>> = await resultPage(
        { function: 'orders', limit: 50, outcome: 'connect_timeout', ...(cursor === null ? {} : { cursor }) },
        [one.lane(at, tie), two.lane(at, tie)],
      )
      found.push(...page.items.map(({ run }) => run))
      t.ok(one.looked() + two.looked() - before <= 2010, 'a page looks at so many reports')
      t.not(page.nextCursor, cursor, 'and leads on')
      cursor = page.nextCursor
      pages += 1
    } while (cursor !== null && pages < 20)
    t.same(found, ['a-8000', 'b-5000', 'a-4000'])
    t.equal(pages, 10)
  },
)
