import { useState } from 'preact/hooks'
import { koreanOf } from '../../korean-messages.js'
import type { Text } from '../../network/path.js'
import { useSay, useShared, useShell } from '../context.js'
import { type Client, type Problem, toProblem } from '../data/client.js'
import { useLoad } from '../data/use-load.js'
import { functionHref } from '../pages.js'
import { Loaded, ProblemNotice } from '../ui/notice.js'
import { StatusShape } from '../ui/status.js'

interface Fault {
  readonly id: string
  readonly title: Text
  readonly description: Text
  readonly functions: readonly string[]
  readonly active: boolean
}

/** What `GET /v1/sample` answers. */
interface SampleState {
  readonly kind: 'lab' | 'recording'
  readonly whyNoLab: string | null
  readonly faults: readonly Fault[]
  readonly fixesApplied: number
}

/** The sample's own controls: break something, watch, apply the fix, watch. A recording only says why it is one. */
export default function Lab() {
  const { client, language } = useShell()
  const { lab } = useShared()
  const load = useLoad('sample', (signal) => client.get<SampleState>('/v1/sample', { signal }))
  return (
    <section class="lab" aria-label={lab.title}>
      <Loaded load={load} rows={3}>
        {(state) =>
          state.kind === 'recording' ? (
            <p>
              {state.whyNoLab === null
                ? lab.asked
                : lab.noLab(
                    language === 'ko' ? (koreanOf(state.whyNoLab) ?? state.whyNoLab) : state.whyNoLab,
                  )}
            </p>
          ) : (
            <Controls state={state} onChanged={load.reload} />
          )
        }
      </Loaded>
    </section>
  )
}

type Deed = (client: Client) => Promise<unknown>

function Controls({ state, onChanged }: { readonly state: SampleState; readonly onChanged: () => void }) {
  const { client } = useShell()
  const { lab } = useShared()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const act = (deed: Deed): void => {
    setBusy(true)
    setProblem(null)
    deed(client)
      .catch((error: unknown) => setProblem(toProblem(error)))
      .finally(() => {
        setBusy(false)
        onChanged()
      })
  }
  return (
    <>
      <div class="lab-head">
        <h2>{lab.title}</h2>
        <span class="count" role="status">
          {busy ? lab.working : state.fixesApplied === 0 ? lab.hint : lab.fixes(state.fixesApplied)}
        </span>
        <button
          type="button"
          class="button button-small"
          disabled={busy}
          onClick={() => act((api) => api.post('/v1/sample/reset', {}))}
        >
          {lab.reset}
        </button>
      </div>
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <ul class="faults">
        {state.faults.map((fault) => (
          <FaultItem key={fault.id} fault={fault} busy={busy} onAct={act} />
        ))}
      </ul>
    </>
  )
}

function FaultItem({
  fault,
  busy,
  onAct,
}: {
  readonly fault: Fault
  readonly busy: boolean
  readonly onAct: (deed: Deed) => void
}) {
  const { lab } = useShared()
  const say = useSay()
  const path = `/v1/sample/faults/${encodeURIComponent(fault.id)}`
  return (
    <li class={`fault ${fault.active ? 'fault-active' : ''}`}>
      <h3>{say(fault.title)}</h3>
      <p>{say(fault.description)}</p>
      <div class="fault-end">
        {fault.active ? (
          <span class="status status-bad">
            <StatusShape shape="bad" />
            {lab.active}
          </span>
        ) : (
          <span class="count">{lab.hits}:</span>
        )}
        {fault.functions.map((name) => (
          <a key={name} class="tag" href={functionHref(name)}>
            {name}
          </a>
        ))}
        <button
          type="button"
          class="button button-small"
          disabled={busy}
          aria-label={`${fault.active ? lab.mend : lab.break}: ${say(fault.title)}`}
          onClick={() => onAct((api) => (fault.active ? api.remove(path) : api.post(path, {})))}
        >
          {fault.active ? lab.mend : lab.break}
        </button>
      </div>
    </li>
  )
}
