import { useState } from 'preact/hooks'
import type { CheckDiagnosis, FunctionDiagnosis } from '../../../diagnoser.js'
import type { Diagnosis } from '../../../diagnosis/diagnosis.js'
import type { CheckHealth, StandpointCheck } from '../../../health/health.js'
import type { SubnetTrace, Trace } from '../../../network/path.js'
import { useSay, useShared, useShell } from '../../context.js'
import type { Load } from '../../data/use-load.js'
import { NamedId } from '../../ui/named-id.js'
import { Empty, Loaded } from '../../ui/notice.js'
import { PathPicture } from '../../ui/path/picture.js'
import { StatusShape, shapeOf } from '../../ui/status.js'
import type { FunctionWords } from './en.js'
import { Fixes } from './fix.js'

/** One check: what the packet saw from each subnet, the path that it should take, and the fix beside it. */
export function Check({
  name,
  check,
  diagnosis,
  words,
  subnet,
  onSubnet,
  onApplied,
}: {
  readonly name: string
  readonly check: CheckHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  readonly subnet: string | null
  readonly onSubnet: (subnet: string) => void
  readonly onApplied: () => void
}) {
  const { standpoints } = check
  const at =
    standpoints.find((one) => placeId(one, standpoints) === subnet) ??
    standpoints.find((one) => !one.asExpected) ??
    standpoints[0]
  if (at === undefined) return null
  return (
    <section class="check card" aria-label={check.name}>
      <dl class="facts check-facts">
        <div>
          <dt>{words.target}</dt>
          <dd>
            <code>{check.target}</code>
            <span class="tag">{check.kind}</span>
            <span class="tag">{words.expect[check.expect]}</span>
          </dd>
        </div>
        <div>
          <dt>{words.lastOutcome}</dt>
          <dd>
            <StatusShape shape={at.asExpected ? 'good' : 'bad'} />
            <code>{at.outcome}</code>
            {at.endedIn === null ? null : <span class="tag">{at.endedIn}</span>}
          </dd>
        </div>
        {at.address === null ? null : (
          <div>
            <dt>{words.answered}</dt>
            <dd>
              <code>{at.address}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>{words.took}</dt>
          <dd>{formatMs(at.ms)}</dd>
        </div>
      </dl>
      {standpoints.length < 2 ? null : (
        <fieldset class="segments subnets">
          <legend class="visually-hidden">{words.subnets}</legend>
          {standpoints.map((one) => (
            <button
              key={one.standpoint}
              type="button"
              aria-pressed={one === at}
              onClick={() => onSubnet(placeId(one, standpoints))}
            >
              <StatusShape shape={one.asExpected ? shapeOf('passing') : 'bad'} />
              <NamedId id={placeId(one, standpoints)} />
            </button>
          ))}
        </fieldset>
      )}
      <Loaded load={diagnosis} rows={8}>
        {({ items, snapshot }) => {
          const item = items.find(
            (one) => one.check === check.name && one.subnet === at.subnet && one.probe === at.probe,
          )
          return item === undefined ? null : (
            <Found
              key={`${check.name} ${at.standpoint}`}
              name={name}
              check={check}
              at={at}
              item={item}
              hasSnapshot={snapshot !== null}
              words={words}
              onApplied={onApplied}
            />
          )
        }}
      </Loaded>
    </section>
  )
}

/** A standpoint's name in the address: its subnet, or its probe where several stand in one. */
function placeId({ subnet, probe }: StandpointCheck, all: readonly StandpointCheck[]): string {
  return subnet === null || all.filter((one) => one.subnet === subnet).length > 1 ? probe : subnet
}

export function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

interface Rehearsed {
  readonly before: Trace
  readonly after: Trace
}

function Found({
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
          <p>{item.note ?? (hasSnapshot ? '' : words.noSnapshot)}</p>
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
    <div class={`verdict verdict-${diagnosis.kind}`}>
      <p>
        <strong>{shared.kind[diagnosis.kind]}.</strong> {say(diagnosis.summary)}
      </p>
      {diagnosis.advice.map(({ code, component, text }) => (
        <p key={`${code} ${component}`} class="count">
          {words.advice}: {say(text)}
        </p>
      ))}
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
            <p>{say(text)}</p>
            <p class="count">
              {words.next}: {say(next)}
            </p>
          </li>
        ))}
      </ol>
    </div>
  )
}
