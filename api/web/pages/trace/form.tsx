import { useState } from 'preact/hooks'
import type { PathEnd } from '../../../network/map/ends.js'
import { useShared, useShell } from '../../context.js'
import { optionOf, readEnds } from '../../data/network.js'
import { Combobox } from '../../ui/combobox.js'
import type { TraceWords } from './en.js'

/** What is asked, as it stands in the address. */
export interface Question {
  readonly from: string
  readonly to: string
  readonly port: string
  readonly protocol: string
}

export const PROTOCOLS = ['tcp', 'udp', 'icmp', 'all'] as const

/** Source, destination, port; suggestions come from the snapshot. */
export function QuestionForm({
  words,
  given,
  snapshot,
  onAsk,
}: {
  readonly words: TraceWords
  readonly given: Question
  readonly snapshot: string | null
  readonly onAsk: (question: Question) => void
}) {
  const { client } = useShell()
  const { ends: kinds } = useShared()
  const [asked, setAsked] = useState(given)
  const [ends, setEnds] = useState<readonly PathEnd[]>([])
  const change = (part: Partial<Question>): void => setAsked((before) => ({ ...before, ...part }))
  const suggest = (side: 'from' | 'to') => async (text: string, signal: AbortSignal) => {
    const found = await readEnds(client, side, text, snapshot, signal)
    if (side === 'to') setEnds(found)
    return found.map((end) => optionOf(end, kinds))
  }
  const takeTo = (to: string): void => {
    const port = ends.find(({ selector }) => selector === to)?.port
    change({ to, ...(port == null ? {} : { port: String(port) }) })
  }
  const hasPorts = asked.protocol === 'tcp' || asked.protocol === 'udp'
  return (
    <form
      class="trace-form"
      onSubmit={(event) => {
        event.preventDefault()
        onAsk(asked)
      }}
    >
      <Combobox
        label={words.from}
        value={asked.from}
        placeholder={words.fromHint}
        onText={(from) => change({ from })}
        onTake={(from) => change({ from })}
        suggest={suggest('from')}
      />
      <Combobox
        label={words.to}
        value={asked.to}
        placeholder={words.toHint}
        onText={(to) => change({ to })}
        onTake={takeTo}
        suggest={suggest('to')}
      />
      <label>
        <span class="field-label">{words.protocol}</span>
        <select
          class="input"
          value={asked.protocol}
          onChange={({ currentTarget }) => change({ protocol: currentTarget.value })}
        >
          {PROTOCOLS.map((name) => (
            <option key={name} value={name}>
              {name === 'all' ? words.whatIf.allTraffic : name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="field-label">{words.port}</span>
        <input
          class="input"
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          placeholder={words.portHint}
          disabled={!hasPorts}
          value={hasPorts ? asked.port : ''}
          onInput={({ currentTarget }) => change({ port: currentTarget.value })}
        />
      </label>
      <button type="submit" class="button button-primary" disabled={asked.from === '' || asked.to === ''}>
        {words.trace}
      </button>
    </form>
  )
}

/** The question as the API takes it; what comes in parts of text is checked there. */
export function bodyOf(question: Question, snapshot: string | null): Record<string, unknown> {
  const { from, to, port, protocol } = question
  return {
    from,
    to,
    protocol,
    ...(port === '' || protocol === 'icmp' || protocol === 'all' ? {} : { port: Number(port) }),
    ...(snapshot === null ? {} : { snapshot }),
  }
}
