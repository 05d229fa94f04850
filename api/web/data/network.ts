import type { CheckPath } from '../../diagnoser.js'
import type { FunctionHealth } from '../../health/health.js'
import type { PathEnd } from '../../network/map/ends.js'
import type { NetworkOverview, VpcMap } from '../../network/map/map.js'
import type { Trace } from '../../network/path.js'
import type { Option } from '../ui/combobox.js'
import { type Client, Problem } from './client.js'

/** The VPCs of a snapshot, with which snapshot that is. */
export type Overview = NetworkOverview & { readonly snapshot: string; readonly takenAt: string }

const SUGGESTED = 12

/** Ends of paths whose text holds `text`. */
export async function readEnds(
  client: Client,
  side: 'from' | 'to',
  text: string,
  snapshot: string | null,
  signal: AbortSignal,
): Promise<readonly PathEnd[]> {
  const { items } = await client.get<{ readonly items: readonly PathEnd[] }>('/v1/network/ends', {
    signal,
    query: { side, text, snapshot, limit: SUGGESTED },
  })
  return items
}

/** @param kinds what the viewer's language calls the ends of a path */
export function optionOf(
  { selector, kind, port }: PathEnd,
  kinds: Readonly<Record<PathEnd['kind'], string>>,
): Option {
  return { value: selector, note: port === null ? kinds[kind] : `${kinds[kind]} ${port}` }
}

export async function readVpcs(
  client: Client,
  ids: readonly string[],
  snapshot: string | null,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, VpcMap>> {
  const maps = await Promise.all(
    ids.map((id) =>
      client.get<VpcMap>(`/v1/network/vpcs/${encodeURIComponent(id)}`, { signal, query: { snapshot } }),
    ),
  )
  return new Map(maps.map((map) => [map.id, map]))
}

/** One path of a function, and whether it is meant to be open. */
export interface FunctionPath extends CheckPath {
  readonly expect: 'reachable' | 'unreachable'
}

/** A function's paths; where no probe reports for it, its path to the internet, from the configuration alone. */
export async function readPaths(
  client: Client,
  name: string,
  snapshot: string | null,
  signal: AbortSignal,
): Promise<{ readonly reported: boolean; readonly items: readonly FunctionPath[] }> {
  if (snapshot === null) {
    try {
      const path = `/v1/functions/${encodeURIComponent(name)}`
      const [{ items }, { checks }] = await Promise.all([
        client.get<{ readonly items: readonly CheckPath[] }>(`${path}/paths`, { signal }),
        client.get<FunctionHealth>(path, { signal }),
      ])
      const meant = new Map(checks.map((one) => [one.name, one.expect] as const))
      return {
        reported: true,
        items: items.map((one) => ({ ...one, expect: meant.get(one.check) ?? 'reachable' })),
      }
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'missing') throw error
    }
  }
  const body = { from: name, to: INTERNET, ...(snapshot === null ? {} : { snapshot }) }
  const trace = await client.post<Trace>('/v1/trace', body, { signal })
  return {
    reported: false,
    items: [{ check: INTERNET, subnet: null, target: INTERNET, trace, note: null, expect: 'reachable' }],
  }
}

const INTERNET = 'internet'
