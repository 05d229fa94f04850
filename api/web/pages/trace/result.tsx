import { useState } from 'preact/hooks'
import type { SubnetTrace, Trace, Verdict } from '../../../network/path.js'
import { useSay, useShared } from '../../context.js'
import { NamedId } from '../../ui/named-id.js'
import { PathPicture } from '../../ui/path/picture.js'
import { Prose } from '../../ui/prose.js'
import { StatusBadge } from '../../ui/status.js'
import type { TraceWords } from './en.js'

/** A trace: its verdict, what blocks it, and the path as a picture, per subnet where there are several. */
export function Result({
  words,
  trace,
  before,
}: {
  readonly words: TraceWords
  readonly trace: Trace
  /** The same before changes, where changes are tried. */
  readonly before?: Trace
}) {
  const say = useSay()
  const parts = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  const [wanted, setWanted] = useState<string | null>(null)
  const part = parts.find(({ subnet }) => subnet === wanted) ?? worst(parts) ?? trace
  const earlier = before?.perSubnet.find(({ subnet }) => subnet === part.subnet) ?? before
  return (
    <div class="trace-result">
      <div class="trace-verdict">
        <VerdictWord verdict={trace.verdict} words={words} />
        {part.seenAs === null ? null : <span class="count">{words.seenAs(part.seenAs)}</span>}
      </div>
      {parts.length < 2 ? null : (
        <fieldset class="segments">
          <legend class="visually-hidden">{words.subnets}</legend>
          {parts.map(({ subnet, verdict }) => (
            <button
              key={subnet}
              type="button"
              aria-pressed={subnet === part.subnet}
              onClick={() => setWanted(subnet)}
            >
              <StatusBadge status={verdict} />
              <NamedId id={subnet ?? '–'} />
            </button>
          ))}
        </fieldset>
      )}
      {/* A single one is told beside the picture. */}
      {part.blockers.length < 2 ? null : (
        <section class="trace-blockers" aria-label={words.blockers}>
          <ul>
            {part.blockers.map(({ code, component, direction, text }) => (
              <li key={`${code} ${component} ${direction}`}>
                <Prose text={say(text)} />{' '}
                <span class="count">
                  {direction === 'forward' ? words.out : words.back} · <code>{code}</code>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {part.missing.length === 0 ? null : (
        <section class="trace-missing" aria-label={words.missing}>
          <h3>{words.missing}</h3>
          <ul>
            {part.missing.map(({ call, component, text }) => (
              <li key={`${call} ${component}`}>
                <Prose text={say(text)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <PathPicture trace={part} from={trace.source} to={trace.destination} before={earlier} />
    </div>
  )
}

const RANK: Readonly<Record<Verdict, number>> = { unreachable: 0, unknown: 1, reachable: 2 }

function worst(parts: readonly SubnetTrace[]): SubnetTrace | undefined {
  return [...parts].sort((a, b) => RANK[a.verdict] - RANK[b.verdict])[0]
}

function VerdictWord({ verdict, words }: { readonly verdict: Verdict; readonly words: TraceWords }) {
  const shared = useShared()
  return (
    <p class="trace-word">
      <StatusBadge status={verdict} />
      <span class="visually-hidden">{shared.status[verdict]}: </span>
      <span>{words.verdict[verdict]}</span>
    </p>
  )
}
