import { useRef, useState } from 'preact/hooks'
import { useShell } from '../../context.js'
import { type Problem, toProblem } from '../../data/client.js'
import { CodeBlock } from '../../ui/copy.js'
import { ProblemSaid, ServerSaid } from '../../ui/server-said.js'
import { StatusShape } from '../../ui/status.js'
import { chosenFiles, droppedFiles } from './dropped.js'
import type { TraceWords } from './en.js'
import { type Given, UNPACK_LIMITS, UnpackError, unpack } from './unpack.js'

interface FileProblem {
  readonly file: string
  readonly pointer: string
  readonly message: string
}

/** A snapshot that the server holds for a while. */
export interface Draft {
  readonly id: string
  readonly documents: number
  readonly missing: number
  readonly problems: readonly FileProblem[]
  readonly problemsOmitted: number
}

const SHOWN = 8

/** Takes a snapshot by drop or by choice, and hands it to the server as a draft. */
export function Drop({
  words,
  onDraft,
}: {
  readonly words: TraceWords
  readonly onDraft: (draft: Draft) => void
}) {
  const { client } = useShell()
  const { drop } = words
  const [state, setState] = useState<'idle' | 'over' | 'reading'>('idle')
  const [fault, setFault] = useState<UnpackError | Problem | null>(null)
  const [draft, setDraft] = useState<Draft | null>(null)

  const take = async (given: readonly Given[] | null): Promise<void> => {
    // One at a time: the answer that comes last would else be another one than the choice that was made last.
    if (state === 'reading') return
    if (given === null) {
      setState('idle')
      return
    }
    setState('reading')
    setFault(null)
    setDraft(null)
    try {
      const files = await unpack(given)
      const made = await client.post<Draft>(
        '/v1/snapshots/drafts',
        { files },
        { patienceMs: Number.POSITIVE_INFINITY },
      )
      setDraft(made)
      onDraft(made)
    } catch (error) {
      setFault(error instanceof UnpackError ? error : toProblem(error))
    }
    setState('idle')
  }
  return (
    <section
      class={`card drop drop-${state}`}
      aria-labelledby="drop-title"
      onDragOver={(event) => {
        event.preventDefault()
        if (state === 'idle') setState('over')
      }}
      onDragLeave={() => state === 'over' && setState('idle')}
      onDrop={(event) => {
        event.preventDefault()
        if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(take)
      }}
    >
      <h2 id="drop-title">{drop.title}</h2>
      <p class="drop-hint">{state === 'over' ? drop.over : drop.hint}</p>
      <p class="drop-actions">
        <Choose label={drop.folder} folder busy={state === 'reading'} onChosen={take} />
        <Choose label={drop.files} folder={false} busy={state === 'reading'} onChosen={take} />
        <span class="count" role="status">
          {state === 'reading' ? drop.reading : draft === null ? '' : drop.read(draft.documents)}
        </span>
      </p>
      {fault === null ? null : (
        <p class="field-error" role="alert">
          {fault instanceof UnpackError ? faultText(fault, words) : <ProblemSaid problem={fault} />}
        </p>
      )}
      {draft === null ? null : <Problems draft={draft} words={words} />}
      <details class="drop-how">
        <summary>{drop.how}</summary>
        <CodeBlock text="sonde snapshot --region eu-west-1 --out snapshot" of={drop.how} />
      </details>
    </section>
  )
}

function Choose({
  label,
  folder,
  busy,
  onChosen,
}: {
  readonly label: string
  readonly folder: boolean
  readonly busy: boolean
  readonly onChosen: (given: readonly Given[]) => Promise<void>
}) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" class="button" disabled={busy} onClick={() => field.current?.click()}>
        {label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        aria-label={label}
        {...(folder ? { webkitdirectory: true } : { accept: '.json,.gz,.zip,.tar,.tgz' })}
        onChange={({ currentTarget }) => {
          const given = currentTarget.files === null ? [] : chosenFiles(currentTarget.files)
          // The same files again are a choice, too.
          currentTarget.value = ''
          if (given.length > 0) void onChosen(given)
        }}
      />
    </>
  )
}

function Problems({ draft, words }: { readonly draft: Draft; readonly words: TraceWords }) {
  const { drop } = words
  const { problems, problemsOmitted, missing } = draft
  const more = problems.length - SHOWN + problemsOmitted
  return (
    <>
      {missing === 0 ? null : <p class="count">{drop.missing(missing)}</p>}
      {problems.length === 0 ? null : (
        <div class="drop-problems">
          <p>
            <StatusShape shape="warn" /> {drop.problems(problems.length + problemsOmitted)}
          </p>
          <ul>
            {problems.slice(0, SHOWN).map(({ file, pointer, message }) => (
              <li key={`${file} ${pointer} ${message}`}>
                <code>
                  {file}
                  {pointer}
                </code>
                : <ServerSaid message={message} />
              </li>
            ))}
          </ul>
          {more > 0 ? <p class="count">{drop.more(more)}</p> : null}
        </div>
      )}
    </>
  )
}

function faultText({ fault, file }: UnpackError, { drop: { errors } }: TraceWords): string {
  if (fault === 'tooLarge') return `${errors.tooLarge(UNPACK_LIMITS.bytes / 1024 / 1024)} (${file})`
  if (fault === 'tooMany') return errors.tooMany(UNPACK_LIMITS.files)
  return fault === 'broken' ? errors.broken(file) : errors.nothing
}
