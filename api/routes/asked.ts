import { type Question, questionOf } from '../diagnosis/rehearse.js'
import { ApiError } from '../errors.js'
import { nameTags } from '../network/map/names.js'
import { buildModel } from '../network/model.js'
import { SelectorError } from '../network/selectors.js'
import { TraceInputError } from '../network/trace.js'
import type { CurrentNetwork, NetworkState } from '../network-state.js'
import { snapshotFromDocuments } from '../snapshot/documents.js'

/** What a body asks and of which network. */
export interface Asked {
  readonly from: string
  readonly to: string
  readonly port?: number
  readonly protocol?: string
  readonly sourcePort?: number
  readonly snapshot?: string
  readonly files?: Readonly<Record<string, unknown>>
}

export type Network = Pick<CurrentNetwork, 'snapshot' | 'model' | 'names'>

/** Where a network is looked up: the newest one, or a kept version or a draft by its id. */
export type Networks = Pick<NetworkState, 'current' | 'get'>

/** The network that a request names: files of its own, a kept version or a draft, or the newest one. */
export function networkOf(asked: { readonly snapshot?: string }, networks: Networks): Promise<CurrentNetwork>
export function networkOf(asked: Pick<Asked, 'snapshot' | 'files'>, networks: Networks): Promise<Network>
export async function networkOf(
  asked: Pick<Asked, 'snapshot' | 'files'>,
  networks: Networks,
): Promise<Network> {
  if (asked.files !== undefined) {
    const { snapshot, problems } = snapshotFromDocuments({ files: asked.files })
    if (problems.length > 0) throw invalidFiles(problems)
    const built = buildModel(snapshot)
    if (built.problems.length > 0) throw invalidFiles(built.problems)
    return { snapshot, model: built.model, names: () => nameTags(snapshot) }
  }
  const network = asked.snapshot === undefined ? networks.current() : await networks.get(asked.snapshot)
  if (network) return network
  throw asked.snapshot === undefined
    ? new ApiError(
        'no_snapshot',
        'no snapshot is kept yet: POST one to /v1/snapshots, or name a folder in the configuration',
      )
    : new ApiError('not_found', `there is no snapshot "${asked.snapshot}"`)
}

/** Reads the question in a body; what can't be understood is an error that names the member. */
export function questionIn(asked: Asked): Question {
  return named(() => questionOf(asked))
}

/** Runs what may reject a selector, and turns that into an answer for the caller. */
export function named<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SelectorError || error instanceof TraceInputError) {
      throw new ApiError('invalid_request', error.message, {
        errors: [{ in: 'body', pointer: '', message: error.message }],
        cause: error,
      })
    }
    throw error
  }
}

export function invalidFiles(
  problems: readonly { readonly file: string; readonly pointer: string; readonly message: string }[],
): ApiError {
  const first = problems[0]
  return new ApiError(
    'invalid_request',
    `the snapshot is not as AWS prints it: ${first?.file}${first?.pointer}: ${first?.message}`,
    {
      errors: problems.slice(0, 100).map(({ file, pointer, message }) => ({
        in: 'body',
        pointer: `/files/${file.replaceAll('~', '~0').replaceAll('/', '~1')}${pointer}`,
        message,
      })),
    },
  )
}
