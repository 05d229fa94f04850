import { useShell } from '../context.js'

/** An id, led by what people call it where an answer has told: `app-a subnet-…`. */
export function NamedId({ id }: { readonly id: string }) {
  const { names } = useShell()
  const name = names.of(id)
  return (
    <span class="named-id">
      {name === null ? null : (
        <>
          <span title={name}>{name}</span>{' '}
        </>
      )}
      <code>{id}</code>
    </span>
  )
}
