import { useState } from 'preact/hooks'
import type { CheckDiagnosis } from '../../../diagnoser.js'
import type { Diagnosis } from '../../../diagnosis/diagnosis.js'
import type { CheckHealth, StandpointCheck } from '../../../health/health.js'
import type { SubnetTrace, Trace } from '../../../network/path.js'
import { useSay, useShared, useShell } from '../../context.js'
import { Empty } from '../../ui/notice.js'
import { PathPicture } from '../../ui/path/picture.js'
import { Prose } from '../../ui/prose.js'
import { ServerSaid } from '../../ui/server-said.js'
import { StatusShape } from '../../ui/status.js'
import type { FunctionWords } from './en.js'
import { Fixes } from './fix.js'

interface Rehearsed {
  readonly before: Trace
  readonly after: Trace
}

/** What was found out about one check from one subnet: the verdict, the path that a packet takes, and the fix beside it. */
export function Found({
  name,
  check,
  at,
  item,
  hasSnapshot,
  words,
  onApplied,
}: {
  readonly name: string
  readonly check: CheckHealth
  readonly at: StandpointCheck
  readonly item: CheckDiagnosis
  readonly hasSnapshot: boolean
  readonly words: FunctionWords
  readonly onApplied: () => void
}) {
  const { client } = useShell()
  const [rehearsed, setRehearsed] = useState<Rehearsed | null>(null)
  const [after, setAfter] = useState(false)
  const { diagnosis } = item
  const rehearse = async (changes: Diagnosis['fixes'][number]['changes']): Promise<void> => {
    const body = { check: check.name, subnet: at.subnet, changes }
    const path = `/v1/functions/${encodeURIComponent(name)}/rehearsals`
    setRehearsed(await client.post<Rehearsed>(path, body))
    setAfter(true)
  }
  const now = diagnosis.path === null ? null : from(diagnosis.path, at.subnet)
  const shown = rehearsed === null || !after ? now : from(rehearsed.after, at.subnet)
  const fixes = <Fixes diagnosis={diagnosis} words={words} onRehearse={rehearse} onApplied={onApplied} />
  return (
    <div class="found">
      <Verdict item={item} words={words} />
      {shown === null ? (
        <Empty title={words.noPath}>
          <p>
            {item.note === null ? hasSnapshot ? '' : words.noSnapshot : <ServerSaid message={item.note} />}
          </p>
          {hasSnapshot ? null : <p>{words.addSnapshot}</p>}
        </Empty>
      ) : (
        <figure class="found-path" aria-label={words.path}>
          {rehearsed === null ? null : (
            <Compare
              rehearsed={rehearsed}
              after={after}
              expect={check.expect}
              words={words}
              onAfter={setAfter}
            />
          )}
          <PathPicture
            trace={shown}
            from={name}
            to={diagnosis.path?.destination ?? check.target}
            before={after && now !== null ? now : undefined}
            told={diagnosis.summary}
          >
            {fixes}
          </PathPicture>
        </figure>
      )}
      {shown === null ? fixes : null}
      <Candidates diagnosis={diagnosis} words={words} />
    </div>
  )
}

/** The path from one subnet, where the trace has several. */
function from(trace: Trace, subnet: string | null): SubnetTrace {
  return trace.perSubnet.find((one) => one.subnet === subnet) ?? trace
}

function Verdict({ item, words }: { readonly item: CheckDiagnosis; readonly words: FunctionWords }) {
  const shared = useShared()
  const say = useSay()
  const { diagnosis } = item
  return (
    <div class="verdict-room">
      <div class={`verdict verdict-${diagnosis.kind}`}>
        <p class="verdict-kind">{shared.kind[diagnosis.kind]}</p>
        <p>
          <Prose text={say(diagnosis.summary)} />
        </p>
        {diagnosis.advice.map(({ code, component, text }) => (
          <p key={`${code} ${component}`} class="count">
            {words.advice}: <Prose text={say(text)} />
          </p>
        ))}
      </div>
    </div>
  )
}

function Compare({
  rehearsed,
  after,
  expect,
  words,
  onAfter,
}: {
  readonly rehearsed: Rehearsed
  readonly after: boolean
  readonly expect: CheckHealth['expect']
  readonly words: FunctionWords
  readonly onAfter: (after: boolean) => void
}) {
  const { verdict } = rehearsed.after
  const said =
    verdict !== expect
      ? words.rehearsedNot
      : expect === 'reachable'
        ? words.rehearsedOpen
        : words.rehearsedShut
  return (
    <div class="compare">
      <fieldset class="segments">
        <legend class="visually-hidden">{words.view}</legend>
        <button type="button" aria-pressed={!after} onClick={() => onAfter(false)}>
          {words.before}
        </button>
        <button type="button" aria-pressed={after} onClick={() => onAfter(true)}>
          {words.after}
        </button>
      </fieldset>
      <p role="status" class={`status status-${verdict === expect ? 'good' : 'warn'}`}>
        <StatusShape shape={verdict === expect ? 'good' : 'warn'} />
        <span>{said}</span>
      </p>
    </div>
  )
}

/** Where every hop is open: what would explain the outcome, and where to look next. */
function Candidates({ diagnosis, words }: { readonly diagnosis: Diagnosis; readonly words: FunctionWords }) {
  const say = useSay()
  if (diagnosis.candidates.length === 0) return null
  return (
    <div class="candidates">
      <h2 class="small-title">{words.candidates}</h2>
      <ol>
        {diagnosis.candidates.map(({ code, text, next }) => (
          <li key={code}>
            {/* The verdict above has said it already. */}
            {say(text) === say(diagnosis.summary) ? null : (
              <p>
                <Prose text={say(text)} />
              </p>
            )}
            <p class="count">
              {words.next}: <Prose text={say(next)} />
            </p>
          </li>
        ))}
      </ol>
    </div>
  )
}
