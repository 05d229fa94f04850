import { useState } from 'preact/hooks'
import type { Diagnosis, Fix } from '../../../diagnosis/diagnosis.js'
import { useSay, useShell } from '../../context.js'
import { type Problem, toProblem } from '../../data/client.js'
import { CodeBlock } from '../../ui/copy.js'
import { Icon } from '../../ui/icon.js'
import { Prose } from '../../ui/prose.js'
import { ProblemSaid } from '../../ui/server-said.js'
import { Tabs } from '../../ui/tabs.js'
import type { FunctionWords } from './en.js'

type Form = 'cli' | 'cloudformation' | 'terraform'

const FORMS: readonly Form[] = ['cli', 'cloudformation', 'terraform']

/** What to change, ready to copy; least invasive first. */
export function Fixes({
  diagnosis,
  words,
  onRehearse,
  onApplied,
}: {
  readonly diagnosis: Diagnosis
  readonly words: FunctionWords
  readonly onRehearse: (changes: Fix['changes']) => Promise<void>
  readonly onApplied: () => void
}) {
  const say = useSay()
  const [chosen, setChosen] = useState(0)
  const { fixes } = diagnosis
  const fix = fixes[chosen] ?? fixes[0]
  if (fix === undefined) return null
  return (
    <section class="fix" aria-label={words.fix}>
      <h2 class="small-title">{fixes.length === 1 ? words.fix : `${words.fixes} (${fixes.length})`}</h2>
      {fixes.length < 2 ? (
        <p class="fix-title">
          <Prose text={say(fix.title)} />
        </p>
      ) : (
        <fieldset class="fix-choice">
          <legend class="visually-hidden">{words.fixes}</legend>
          {fixes.map((one, index) => (
            <label key={one.id}>
              <input type="radio" name="fix" checked={one === fix} onChange={() => setChosen(index)} />
              <span>
                <Prose text={say(one.title)} />
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <FixDetail key={fix.id} fix={fix} words={words} onRehearse={onRehearse} onApplied={onApplied} />
    </section>
  )
}

function FixDetail({
  fix,
  words,
  onRehearse,
  onApplied,
}: {
  readonly fix: Fix
  readonly words: FunctionWords
  readonly onRehearse: (changes: Fix['changes']) => Promise<void>
  readonly onApplied: () => void
}) {
  const say = useSay()
  const { client, about } = useShell()
  const [form, setForm] = useState<Form>('cli')
  const inLab = about?.sample?.kind === 'lab'
  return (
    <>
      <p class="fix-actions">
        <Doing label={words.rehearse} doing={words.rehearsing} onDo={() => onRehearse(fix.changes)} primary />
        {inLab ? (
          <Doing
            label={words.apply}
            doing={words.applying}
            done={words.applied}
            onDo={async () => {
              await client.post('/v1/sample/fixes', { changes: fix.changes })
              onApplied()
            }}
          />
        ) : null}
      </p>
      <Tabs
        tabs={FORMS.map((id) => ({ id, label: words.forms[id] }))}
        chosen={form}
        label={words.form}
        onChoose={setForm}
      >
        <CodeBlock text={fix[form]} of={words.forms[form]} wrap={form === 'cli'} />
      </Tabs>
      <dl class="fix-facts">
        <dt>{words.risk}</dt>
        <dd>
          <Prose text={say(fix.risk)} />
        </dd>
        <dt>{words.cost}</dt>
        <dd>{say(fix.cost)}</dd>
        <dt>{words.undo}</dt>
        <dd>
          <Prose text={say(fix.undo)} />
        </dd>
      </dl>
    </>
  )
}

/** A button whose work takes its time and may fail. */
function Doing({
  label,
  doing,
  done,
  onDo,
  primary = false,
}: {
  readonly label: string
  readonly doing: string
  readonly done?: string
  readonly onDo: () => Promise<void>
  readonly primary?: boolean
}) {
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle')
  const [problem, setProblem] = useState<Problem | null>(null)
  const act = (): void => {
    setState('busy')
    setProblem(null)
    onDo().then(
      () => setState('done'),
      (error: unknown) => {
        setState('idle')
        setProblem(toProblem(error))
      },
    )
  }
  return (
    <span class="doing">
      <button
        type="button"
        class={`button ${primary ? 'button-primary' : ''}`}
        disabled={state === 'busy'}
        onClick={act}
      >
        <Icon name={primary ? 'trace' : 'bolt'} />
        {state === 'busy' ? doing : label}
      </button>
      <span role="status">{state === 'done' && done !== undefined ? done : null}</span>
      {problem === null ? null : (
        <span class="field-error" role="alert">
          <ProblemSaid problem={problem} />
        </span>
      )}
    </span>
  )
}
