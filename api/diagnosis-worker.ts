import { parentPort } from 'node:worker_threads'
import type { Inquiry } from './diagnoser.js'
import type { Diagnosis } from './diagnosis/diagnosis.js'
import { investigate } from './diagnosis/investigate.js'
import { buildModel, type Model } from './network/model.js'
import type { Snapshot } from './network/snapshot.js'
import { readSnapshot } from './snapshot/read.js'

/** What the thread is asked; the snapshot is named by its folder, so that it is read once and not sent each time. */
export interface Request {
  readonly id: number
  readonly folder: string
  readonly inquiry: Inquiry
}

export type Answer =
  | { readonly id: number; readonly diagnosis: Diagnosis }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } }

const port = parentPort
if (!port) throw new Error('this file is the code of a worker thread')

let loaded: {
  readonly folder: string
  readonly network: Promise<{ snapshot: Snapshot; model: Model }>
} | null = null

function load(folder: string): Promise<{ snapshot: Snapshot; model: Model }> {
  if (loaded?.folder === folder) return loaded.network
  const network = readSnapshot(folder).then(({ snapshot }) => ({
    snapshot,
    model: buildModel(snapshot).model,
  }))
  loaded = { folder, network }
  return network
}

async function answer({ id, folder, inquiry }: Request): Promise<Answer> {
  try {
    return { id, diagnosis: investigate({ ...inquiry, ...(await load(folder)) }) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { id, error: { name, message } }
  }
}

port.on('message', (request: Request) => {
  void answer(request).then((reply) => port.postMessage(reply))
})
