import { parentPort } from 'node:worker_threads'
import type { Inquiry } from './diagnoser.js'
import type { Diagnosis, Fix } from './diagnosis/diagnosis.js'
import { investigate } from './diagnosis/investigate.js'
import type { Question } from './diagnosis/rehearse.js'
import { fixForAll } from './diagnosis/together.js'
import { buildModel, type Model } from './network/model.js'
import type { Snapshot } from './network/snapshot.js'
import { readSnapshot } from './snapshot/read.js'

/** What the thread is asked; the snapshot is named by its folder, so that it is read once and not sent each time. */
export type Asked = { readonly inquiry: Inquiry } | { readonly questions: readonly Question[] }
export type Request = Asked & { readonly id: number; readonly folder: string }

export type Answer =
  | { readonly id: number; readonly diagnosis: Diagnosis }
  | { readonly id: number; readonly fix: Fix | null }
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

async function answer(request: Request): Promise<Answer> {
  const { id, folder } = request
  try {
    const network = await load(folder)
    return 'inquiry' in request
      ? { id, diagnosis: investigate({ ...request.inquiry, ...network }) }
      : { id, fix: fixForAll(network.snapshot, request.questions) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { id, error: { name, message } }
  }
}

port.on('message', (request: Request) => {
  void answer(request).then((reply) => port.postMessage(reply))
})
