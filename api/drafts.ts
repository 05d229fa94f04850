import { randomBytes } from 'node:crypto'
import type { SnapshotProblem } from './network/snapshot.js'
import { type CurrentNetwork, modelled } from './network-state.js'
import { assembleSnapshot, type SnapshotEntry } from './snapshot/documents.js'
import { parseJson } from './snapshot/json.js'

/**
 * Snapshots that someone tries without keeping them: in memory, few, for a while. None of them ever becomes the configuration
 * that functions are diagnosed with. Each is known only by an id that can't be guessed.
 */
export interface Drafts {
  /**
   * Puts files together to a draft. They come as text and are parsed here, so that a broken one is told with line and column.
   * Null where nothing of it can be used.
   */
  readonly add: (files: Readonly<Record<string, string>>) => {
    readonly network: CurrentNetwork | null
    readonly problems: readonly SnapshotProblem[]
  }
  readonly get: (id: string) => CurrentNetwork | null
}

export interface DraftLimits {
  readonly most: number
  /** Of all drafts together, as text. */
  readonly characters: number
  readonly idleMs: number
}

const LIMITS: DraftLimits = { most: 16, characters: 64 * 1024 * 1024, idleMs: 60 * 60_000 }
const PREFIX = 'draft-'

interface Kept {
  readonly network: CurrentNetwork
  readonly characters: number
  readonly usedAt: number
}

export function openDrafts(clock: () => Date, limits: DraftLimits = LIMITS): Drafts {
  // In the order of their last use: the first is the one to go.
  const kept = new Map<string, Kept>()

  /** The newest stays, however large it is: its own request was bounded. */
  const dropOldest = (): void => {
    let characters = [...kept.values()].reduce((sum, one) => sum + one.characters, 0)
    for (const [id, one] of kept) {
      if (kept.size <= 1 || (kept.size <= limits.most && characters <= limits.characters)) return
      kept.delete(id)
      characters -= one.characters
    }
  }

  const dropIdle = (now: number): void => {
    for (const [id, { usedAt }] of kept) if (now - usedAt > limits.idleMs) kept.delete(id)
  }

  return {
    add(files) {
      const now = clock()
      dropIdle(now.getTime())
      const reading = assembleSnapshot(Object.entries(files).map(([file, text]) => entry(file, text)))
      const id = PREFIX + randomBytes(16).toString('base64url')
      const version = {
        id,
        takenAt: reading.snapshot.takenAt ?? now.toISOString(),
        documents: reading.snapshot.documents.length,
        missing: reading.snapshot.missing.length,
      }
      const network = modelled({ version, ...reading })
      const { problems } = network
      if (reading.snapshot.documents.length === 0) return { network: null, problems }
      const characters = Object.values(files).reduce((sum, text) => sum + text.length, 0)
      kept.set(id, { network, characters, usedAt: now.getTime() })
      dropOldest()
      return { network, problems }
    },
    get(id) {
      const now = clock().getTime()
      dropIdle(now)
      const found = kept.get(id)
      if (found === undefined) return null
      kept.delete(id)
      kept.set(id, { ...found, usedAt: now })
      return found.network
    },
  }
}

function entry(file: string, text: string): SnapshotEntry {
  const parsed = parseJson(text)
  return parsed.ok
    ? { file, body: parsed.value }
    : { file, problem: { pointer: parsed.pointer, message: parsed.message } }
}
