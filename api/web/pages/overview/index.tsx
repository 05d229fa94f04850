import type { FunctionStatus } from '../../../health/health.js'
import { useShell, useTitle, useWords } from '../../context.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { useQuery } from '../../router.js'
import { Causes } from './causes.js'
import { en } from './en.js'
import { Filter } from './filter.js'
import { ko } from './ko.js'
import { Matrix } from './matrix.js'
import { STATUS_ORDER } from './rows.js'

export interface Totals {
  readonly functions: Readonly<Record<FunctionStatus, number>>
}

/** What is wrong, and every function by its checks. */
export default function Overview() {
  const words = useWords({ en, ko })
  const { client } = useShell()
  useTitle(words.title)
  const [query, setQuery] = useQuery()
  const asked = query.get('status')
  const filter = {
    status: STATUS_ORDER.find((status) => status === asked) ?? null,
    text: query.get('q') ?? '',
  }
  const totals = useLoad('totals', (signal) => client.get<Totals>('/v1/totals', { signal }))
  useReloadOn(totals.reload, ({ type }) => type === 'function-status')
  // A function that is new need not have changed its status.
  useReloadOn(totals.reload, ({ type }) => type === 'report', 5000)
  return (
    <div class="overview">
      <h1 class="visually-hidden">{words.title}</h1>
      <Causes words={words} totals={totals.value} />
      <section class="functions" aria-labelledby="functions-title">
        <Filter words={words} filter={filter} totals={totals.value} onChange={setQuery} />
        <Matrix
          words={words}
          filter={filter}
          totals={totals.value}
          onClear={() => setQuery({ q: null, status: null })}
        />
      </section>
    </div>
  )
}
