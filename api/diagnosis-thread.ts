import { Worker } from 'node:worker_threads'
import type { Investigate, MendAll } from './diagnoser.js'
import type { Answer, Asked, Request } from './diagnosis-worker.js'
import { TraceInputError } from './network/trace.js'
import type { CurrentNetwork } from './network-state.js'

/** A thread that looks into checks, so that rehearsing fixes on a large account never holds up a request. */
export interface DiagnosisThread {
  readonly investigate: Investigate
  readonly mendAll: MendAll
  readonly stop: () => Promise<void>
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/**
 * Starts the thread from its built file. If it dies, what it was asked fails, and the next question starts it anew.
 * `folderOf` tells where a kept version lies.
 */
export function startDiagnosisThread(entry: string, folderOf: (version: string) => string): DiagnosisThread {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let last = 0
  let stopped = false

  const open = (): Worker => {
    const opened = new Worker(entry)
    opened.unref()
    opened.on('message', (answer: Answer) => {
      waiting.get(answer.id)?.resolve(answer)
      waiting.delete(answer.id)
    })
    const fail = (error: Error): void => {
      if (worker === opened) worker = null
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    opened.on('error', fail)
    opened.on('exit', () => fail(new Error('the diagnosis thread ended')))
    return opened
  }

  const put = async ({ version }: CurrentNetwork, asked: Asked): Promise<Answer> => {
    if (stopped) throw new Error('the diagnosis thread is stopped')
    worker ??= open()
    last += 1
    const request: Request = { id: last, folder: folderOf(version.id), ...asked }
    const answered = new Promise<Answer>((resolve, reject) => waiting.set(request.id, { resolve, reject }))
    worker.postMessage(request)
    const answer = await answered
    if (!('error' in answer)) return answer
    const { name, message } = answer.error
    throw name === 'TraceInputError' ? new TraceInputError(message) : new Error(message)
  }

  return {
    async investigate(network, inquiry) {
      const answer = await put(network, { inquiry })
      if ('diagnosis' in answer) return answer.diagnosis
      throw new Error('the diagnosis thread answers something else')
    },
    async mendAll(network, questions) {
      const answer = await put(network, { questions })
      if ('fix' in answer) return answer.fix
      throw new Error('the diagnosis thread answers something else')
    },
    async stop() {
      stopped = true
      await worker?.terminate()
    },
  }
}
