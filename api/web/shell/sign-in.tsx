import type { TargetedSubmitEvent } from 'preact'
import { useId, useState } from 'preact/hooks'
import { useShared, useTitle } from '../context.js'

const TOKEN_KEY = 'sonde-token'

/** Kept for the tab alone: a token that outlives it would be found by the next who uses the machine. */
export function heldToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY)
}

export function holdToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token)
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY)
}

/** Stands in place of every page until a token is known. */
export function SignIn({
  onToken,
  wasWrong,
}: {
  readonly onToken: (token: string) => void
  readonly wasWrong: boolean
}) {
  const { signIn } = useShared()
  const [token, setToken] = useState('')
  const id = useId()
  useTitle(signIn.title)
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (token.trim() !== '') onToken(token.trim())
  }
  return (
    <form class="notice sign-in" onSubmit={submit}>
      <h1 class="notice-title">{signIn.title}</h1>
      <p class="notice-text">{signIn.hint}</p>
      <label for={id}>{signIn.label}</label>
      <div class="sign-in-row">
        <input
          id={id}
          class="input"
          type="password"
          autocomplete="off"
          value={token}
          aria-invalid={wasWrong}
          aria-describedby={wasWrong ? `${id}-wrong` : undefined}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="button button-primary">
          {signIn.submit}
        </button>
      </div>
      {wasWrong ? (
        <p class="field-error" id={`${id}-wrong`} role="alert">
          {signIn.wrong}
        </p>
      ) : null}
    </form>
  )
}
