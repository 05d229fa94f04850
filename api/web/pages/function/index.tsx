import type { FunctionHealth } from '../../../health/health.js'
import { useShell, useTitle } from '../../context.js'
import { useLoad } from '../../data/use-load.js'
import type { PageProps } from '../../pages.js'
import { Loaded } from '../../ui/notice.js'
import { StatusBadge } from '../../ui/status.js'

/** One function: why it can't reach what it should. */
export default function FunctionPage({ params }: PageProps) {
  const name = params['name'] ?? ''
  const { client } = useShell()
  useTitle(name)
  const load = useLoad(name, (signal) =>
    client.get<FunctionHealth>(`/v1/functions/${encodeURIComponent(name)}`, { signal }),
  )
  return (
    <>
      <h1>{name}</h1>
      <Loaded load={load}>{({ status }) => <StatusBadge status={status} />}</Loaded>
    </>
  )
}
