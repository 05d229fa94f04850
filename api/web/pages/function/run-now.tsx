import { useEffect, useState } from 'preact/hooks'
import type { ProbeRun } from '../../../runner.js'
import { useShared, useShell } from '../../context.js'
import { type Problem, toProblem } from '../../data/client.js'
import { Icon } from '../../ui/icon.js'
import { NamedId } from '../../ui/named-id.js'
import { ProblemSaid, ServerSaid } from '../../ui/server-said.js'
import { StatusShape } from '../../ui/status.js'
import type { FunctionWords } from './en.js'

interface Ran {
  readonly runs: readonly ProbeRun[]
}

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly since: number }
  | { readonly at: 'done'; readonly ran: Ran }
  | { readonly at: 'failed'; readonly problem: Problem }

/** As long as a Lambda function can run; the server gives up earlier where it is told to. */
const LONGEST_RUN_MS = 900_000

/** Has the probes run at once and follows them; disabled, with the reason, where nothing here can run them. */
export function RunNow({
  name,
  words,
  onRan,
}: {
  readonly name: string
  readonly words: FunctionWords
  readonly onRan: () => void
}) {
  const { client, about, clock } = useShell()
  const [state, setState] = useState<State>({ at: 'idle' })
  const can = about?.runs === true
  const run = (): void => {
    setState({ at: 'running', since: clock.now() })
    const path = `/v1/functions/${encodeURIComponent(name)}/runs`
    client.post<Ran>(path, undefined, { patienceMs: LONGEST_RUN_MS }).then(
      (ran) => {
        setState({ at: 'done', ran })
        onRan()
      },
      (error: unknown) => setState({ at: 'failed', problem: toProblem(error) }),
    )
  }
  return (
    <div class="run">
      <button
        type="button"
        class="button"
        disabled={!can || state.at === 'running'}
        aria-describedby={can ? undefined : 'run-reason'}
        onClick={run}
      >
        <Icon name="play" />
        {state.at === 'running' ? <Elapsed since={state.since} words={words} /> : words.run}
      </button>
      {can || about === null ? null : (
        <span id="run-reason" class="run-reason">
          {words.runsOff}
        </span>
      )}
      <div class="run-outcome" role="status">
        {state.at === 'done' ? <Outcome ran={state.ran} words={words} /> : null}
        {state.at === 'failed' ? (
          <span class="field-error">
            {words.runFailed}: <ProblemSaid problem={state.problem} />
          </span>
        ) : null}
      </div>
    </div>
  )
}

function Elapsed({ since, words }: { readonly since: number; readonly words: FunctionWords }) {
  const { clock } = useShell()
  const [now, setNow] = useState(clock.now)
  useEffect(() => clock.onTick(() => setNow(clock.now())), [clock])
  return <>{words.running(Math.max(0, Math.round((now - since) / 1000)))}</>
}

function Outcome({ ran, words }: { readonly ran: Ran; readonly words: FunctionWords }) {
  const shared = useShared()
  if (ran.runs.length === 0) return <span>{words.runNone}</span>
  return (
    <>
      <span>{words.runDone(ran.runs.length)}</span>
      <ul>
        {ran.runs.map(({ probe, subnet, ms, results, error }) => (
          <li key={probe}>
            <NamedId id={subnet ?? probe} /> <span class="count">{Math.round(ms)} ms</span>
            {error === null ? null : (
              <span class="field-error">
                <ServerSaid message={error} />
              </span>
            )}
            {results.map(({ check, asExpected, outcome }) => (
              <span key={check} class="tag">
                <StatusShape shape={asExpected ? 'good' : 'bad'} />
                {check}{' '}
                <span class="visually-hidden">{shared.status[asExpected ? 'passing' : 'failing']}</span>
                {asExpected ? null : outcome}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}
