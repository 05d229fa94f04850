import type { Hop, Text } from '../../../network/path.js'
import { useSay, useShell } from '../../context.js'
import { Copy } from '../copy.js'
import { Prose } from '../prose.js'
import { StatusBadge } from '../status.js'
import type { PathWords } from './en.js'

/** All that is known of one hop. */
export function Inspector({
  hop,
  told,
  words,
}: {
  readonly hop: Hop
  /** What is said above it already: not said again. */
  readonly told: Text | undefined
  readonly words: PathWords
}) {
  const say = useSay()
  const { names, language } = useShell()
  const name = names.of(hop.component)
  const { source, destination, sourcePort, destinationPort } = hop.packet
  return (
    <section class={`inspector inspector-${hop.verdict}`} aria-live="polite">
      <p class="inspector-head">
        <StatusBadge status={hop.verdict} />
        <span class="inspector-kind">{words.kinds[hop.kind]}</span>
        {name === null ? null : <strong>{name}</strong>}
        <code>{hop.component}</code>
        <Copy text={hop.component} of={words.copyId(hop.component)} />
      </p>
      <dl class="facts">
        <div>
          <dt>{words.rule}</dt>
          <dd>
            {hop.rule === null ? (
              <span class="count">{words.noRule}</span>
            ) : (
              <>
                <code>{hop.rule.text[language]}</code>
                {hop.rule.in === null || hop.rule.in === hop.component ? null : <code>{hop.rule.in}</code>}
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{words.packet}</dt>
          <dd>
            <code>
              {endpoint(source, sourcePort)} → {endpoint(destination, destinationPort)}
            </code>
          </dd>
        </div>
        {hop.code === null ? null : (
          <div>
            <dt>{words.code}</dt>
            <dd>
              <code>{hop.code}</code>
            </dd>
          </div>
        )}
      </dl>
      {/* Last of what is always in sight: it goes where it is told above, and must not take the facts along. */}
      {hop.text.en === told?.en ? null : (
        <p class="inspector-text">
          <Prose text={say(hop.text)} />
        </p>
      )}
      {hop.rule?.raw === undefined ? null : (
        <details>
          <summary>{words.raw}</summary>
          <pre>{JSON.stringify(hop.rule.raw, null, 2)}</pre>
        </details>
      )}
    </section>
  )
}

function endpoint(address: string, port: number | null): string {
  if (port === null) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
